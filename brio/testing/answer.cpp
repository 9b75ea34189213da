#include <brio/testing/answer.hpp>

#include <charconv>

#include <brio/base/text.hpp>
#include <brio/http/status.hpp>

namespace brio::testing {
namespace {

struct Coded {
    static constexpr bool open_object = true;
    std::string code;
};

}  // namespace

std::string_view Answer::header(std::string_view name) const noexcept {
    for (auto const& [field, value] : headers) {
        if (equal_ignoring_case(field, name)) {
            return value;
        }
    }
    return {};
}

std::string Answer::problem_code() const {
    auto const read = json::read<Coded>(body);
    return read ? read->code : std::string();
}

std::optional<Answer> take_answer(std::string& bytes, bool to_head) {
    auto const end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) {
        return std::nullopt;
    }
    std::string_view rest(bytes.data(), end + 2);
    auto const line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    Answer answer;
    if (!line.starts_with("HTTP/1.1 ") || line.size() < 12 ||
        std::from_chars(line.data() + 9, line.data() + 12, answer.status).ec != std::errc()) {
        throw std::runtime_error("not an answer: " + std::string(line));
    }
    std::size_t length = 0;
    while (!rest.empty()) {
        auto const field = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(field.size() + 2);
        auto const colon = field.find(':');
        auto const value = trim(field.substr(std::min(colon + 1, field.size())));
        answer.headers.emplace_back(field.substr(0, colon), value);
        if (equal_ignoring_case(answer.headers.back().first, "Content-Length")) {
            std::from_chars(value.data(), value.data() + value.size(), length);
        }
    }
    if (to_head || !http::may_have_body(answer.status)) {
        length = 0;
    }
    if (bytes.size() < end + 4 + length) {
        return std::nullopt;
    }
    answer.body = bytes.substr(end + 4, length);
    bytes.erase(0, end + 4 + length);
    if (answer.status == 100) {
        return take_answer(bytes, to_head);
    }
    return answer;
}

std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                         const Headers& headers) {
    auto text = concat({method, " ", target, " HTTP/1.1\r\nHost: test\r\n"});
    bool has_type = false;
    for (auto const& [name, value] : headers) {
        text.append(name).append(": ").append(value).append("\r\n");
        has_type = has_type || equal_ignoring_case(name, "Content-Type");
    }
    if (!body.empty()) {
        text.append(has_type ? "" : "Content-Type: application/json\r\n");
        text.append("Content-Length: ").append(integer_text(body.size())).append("\r\n");
    }
    return text.append("\r\n").append(body);
}

}  // namespace brio::testing
