#include <brio/http/multipart_disposition.hpp>

#include <algorithm>
#include <utility>

#include <brio/base/buffer.hpp>
#include <brio/http/percent.hpp>
#include <brio/http/token.hpp>
#include <brio/reflect/utf8.hpp>

namespace brio::http {
namespace {

// The three escapes with which browsers write names (HTML, "multipart/form-data encoding algorithm").
std::optional<char> browser_escape(std::string_view text) noexcept {
    const auto code = text.substr(0, 3);
    if (code == "%22") {
        return '"';
    }
    return equals_ignoring_case(code, "%0d")   ? std::optional('\r')
           : equals_ignoring_case(code, "%0a") ? std::optional('\n')
                                               : std::nullopt;
}

// Cuts a quoted string off `rest`, which begins with a quote. A backslash stands for itself, as browsers
// write it, but before a quote or another backslash, as RFC 822 and curl do.
std::optional<std::string> cut_quoted(std::string_view& rest) {
    std::string text;
    for (std::size_t at = 1; at < rest.size(); ++at) {
        const char c = rest[at];
        if (c == '"') {
            rest.remove_prefix(at + 1);
            return text;
        }
        if (c == '\\' && at + 1 < rest.size() && (rest[at + 1] == '"' || rest[at + 1] == '\\')) {
            text.push_back(rest[++at]);
        } else if (const auto escaped = c == '%' ? browser_escape(rest.substr(at)) : std::nullopt) {
            text.push_back(*escaped);
            at += 2;
        } else {
            text.push_back(c);
        }
    }
    return std::nullopt;
}

std::optional<std::string> cut_value(std::string_view& rest) {
    if (rest.starts_with('"')) {
        return cut_quoted(rest);
    }
    const auto end = std::min(rest.find_first_of("; \t"), rest.size());
    const auto token = rest.substr(0, end);
    rest.remove_prefix(end);
    return is_token(token) ? std::optional(std::string(token)) : std::nullopt;
}

// UTF-8''… (RFC 8187 §3.2), which some clients write although RFC 7578 §4.2 does not want it.
std::optional<std::string> decode_extended(std::string_view text) {
    constexpr std::string_view charset = "utf-8'";
    const auto language_end = text.find('\'', charset.size());
    if (!equals_ignoring_case(text.substr(0, charset.size()), charset) ||
        language_end == std::string_view::npos) {
        return std::nullopt;
    }
    Buffer scratch;
    const auto decoded = percent_decode(text.substr(language_end + 1), Plus::literal, scratch);
    return decoded && reflect::is_utf8(*decoded) ? std::optional(std::string(*decoded)) : std::nullopt;
}

struct Found {
    std::optional<std::string> name;
    std::optional<std::string> filename;
    std::optional<std::string> extended_filename;
};

bool keep(std::optional<std::string>& slot, std::optional<std::string> value) {
    if (slot || !value) {
        return false;
    }
    slot = std::move(value);
    return true;
}

// Cuts `name=value` off `rest`; parameters of other names are ignored.
bool take_parameter(std::string_view& rest, Found& found) {
    const auto equals = rest.find('=');
    const auto name = rest.substr(0, equals);
    if (equals == std::string_view::npos || !is_token(name)) {
        return false;
    }
    rest.remove_prefix(equals + 1);
    auto value = cut_value(rest);
    if (equals_ignoring_case(name, "name")) {
        return keep(found.name, std::move(value));
    }
    if (equals_ignoring_case(name, "filename")) {
        return keep(found.filename, std::move(value));
    }
    if (equals_ignoring_case(name, "filename*")) {
        return value && keep(found.extended_filename, decode_extended(*value));
    }
    return value.has_value();
}

}  // namespace

std::optional<FormDisposition> parse_form_disposition(std::string_view text) {
    const auto type_end = std::min(text.find(';'), text.size());
    if (!equals_ignoring_case(trim(text.substr(0, type_end)), "form-data")) {
        return std::nullopt;
    }
    Found found;
    auto rest = text.substr(type_end);
    while (!rest.empty()) {
        if (!rest.starts_with(';')) {
            return std::nullopt;
        }
        rest = trim(rest.substr(1));
        if (!rest.empty() && !take_parameter(rest, found)) {
            return std::nullopt;
        }
        rest = trim(rest);
    }
    if (!found.name) {
        return std::nullopt;
    }
    return FormDisposition{std::move(*found.name),
                           found.filename ? std::move(found.filename) : std::move(found.extended_filename)};
}

}  // namespace brio::http
