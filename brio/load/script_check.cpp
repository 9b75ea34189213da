#include <brio/load/script_check.hpp>

#include <charconv>
#include <optional>
#include <utility>

#include <brio/base/text.hpp>

namespace brio::load {
namespace {

using Operator = ScriptCheck::Operator;
using Subject = ScriptCheck::Subject;

// The longer of two that begin alike first.
constexpr std::pair<std::string_view, Operator> operators[] = {
    {"!=", Operator::unequal}, {"<=", Operator::at_most}, {">=", Operator::at_least}, {"=", Operator::equal},
    {"<", Operator::less},     {">", Operator::more},     {"~", Operator::has},
};

std::optional<double> number_of(std::string_view text) {
    double value = 0;
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    return !text.empty() && read.ec == std::errc() && read.ptr == end ? std::optional(value) : std::nullopt;
}

template <class T>
bool compare(Operator compares, const T& found, const T& wanted) {
    switch (compares) {
        case Operator::equal: return found == wanted;
        case Operator::unequal: return found != wanted;
        case Operator::less: return found < wanted;
        case Operator::at_most: return found <= wanted;
        case Operator::more: return found > wanted;
        case Operator::at_least: return found >= wanted;
        default: return false;
    }
}

std::string_view unquoted(std::string_view text) {
    const bool is_quoted =
        text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.front() == text.back();
    return is_quoted ? text.substr(1, text.size() - 2) : text;
}

std::string unknown_subject(std::string_view text) {
    return concat(
        {"\"", text,
         "\" asks for nothing that an answer has: begin with status, body, header NAME or $.json.path, "
         "as \"status = 200\", \"$.items[0].id\", \"header ETag\", \"body ~ hello\""});
}

}  // namespace

bool ScriptCheck::holds(std::string_view found, std::string_view wanted) const {
    if (compares == Operator::there) {
        return !found.empty();
    }
    if (compares == Operator::has) {
        return found.contains(wanted);
    }
    const auto left = number_of(found);
    const auto right = number_of(wanted);
    return left && right ? compare(compares, *left, *right) : compare(compares, found, wanted);
}

std::expected<ScriptCheck, std::string> parse_script_check(std::string_view text) {
    ScriptCheck check{.name = std::string(trim(text))};
    const std::string_view whole = check.name;
    auto at = whole.size();
    std::size_t length = 0;
    for (const auto& [sign, compares] : operators) {
        const auto found = whole.find(sign);
        if (found < at || (found == at && sign.size() > length)) {
            at = found;
            length = sign.size();
            check.compares = compares;
        }
    }
    const auto subject = trim(whole.substr(0, at));
    check.value = std::string(unquoted(trim(whole.substr(std::min(at + length, whole.size())))));
    if (at < whole.size() && check.value.empty() && !whole.ends_with("\"\"") && !whole.ends_with("''")) {
        return std::unexpected(concat(
            {"\"", whole, "\" compares with nothing: write a value behind the sign, \"\" for no text"}));
    }
    if (subject == "status") {
        check.subject = Subject::status;
    } else if (subject == "body") {
        check.subject = Subject::body;
    } else if (subject.starts_with("header ")) {
        check.subject = Subject::header;
        check.of = std::string(trim(subject.substr(7)));
    } else if (subject.starts_with('$')) {
        check.subject = Subject::json;
        check.of = std::string(subject.substr(subject.starts_with("$.") ? 2 : 1));
    } else {
        return std::unexpected(unknown_subject(whole));
    }
    return check;
}

}  // namespace brio::load
