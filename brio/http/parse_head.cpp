#include <brio/http/detail/head_parser.hpp>
#include <brio/http/detail/head_rejections.hpp>
#include <brio/http/detail/scan.hpp>
#include <brio/http/parse_head.hpp>
#include <brio/http/target.hpp>

#include <cstring>

namespace brio::http {

using namespace detail;

ParseResult parse_head(std::string_view bytes, std::size_t seen_before, RequestHead& out,
                       const Limits& limits) {
    if (seen_before == 0) {
        out.clear();
    }
    out.rebase(bytes.data());
    ParseResult result;
    HeadParser(bytes, out, limits, result).run();
    return result;
}

void HeadParser::run() noexcept {
    const char* at = begin_ + head_.position_;
    switch (head_.stage_) {
        case Stage::empty_lines:
            at = skip_empty_lines(at);
            if (at == nullptr) {
                return;
            }
            [[fallthrough]];
        case Stage::method:
            at = read_method(at);
            if (at == nullptr) {
                return;
            }
            [[fallthrough]];
        case Stage::target:
            at = read_target(at);
            if (at == nullptr) {
                return;
            }
            [[fallthrough]];
        case Stage::version:
            at = read_version();
            if (at == nullptr) {
                return;
            }
            [[fallthrough]];
        default: read_fields(at);
    }
}

std::nullptr_t HeadParser::wait(Stage stage, const char* at) noexcept {
    head_.stage_ = stage;
    head_.position_ = offset(at);
    result_.state = ParseResult::State::incomplete;
    return nullptr;
}

std::nullptr_t HeadParser::reject(const Rejection& rejection) noexcept {
    result_.state = ParseResult::State::error;
    result_.rejection = rejection;
    return nullptr;
}

bool HeadParser::line_too_long(const char* at) const noexcept {
    const auto size = static_cast<std::size_t>(at - begin_) - head_.line_;
    return size > limits_.request_line || (size == limits_.request_line && at != end_ && *at != '\r');
}

const char* HeadParser::skip_empty_lines(const char* at) noexcept {
    while (at != end_ && *at == '\r') {
        if (at + 1 == end_) {
            return wait(Stage::empty_lines, at);
        }
        if (at[1] != '\n') {
            return reject(bare_cr);
        }
        if (head_.empty_lines_seen_++ >= limits_.empty_lines) {
            return reject(too_many_empty_lines);
        }
        at += 2;
    }
    if (at == end_) {
        return wait(Stage::empty_lines, at);
    }
    head_.line_ = head_.token_ = offset(at);
    return at;
}

const char* HeadParser::read_method(const char* at) noexcept {
    const char* const from = begin_ + head_.token_;
    if (end_ - from >= 4 && std::memcmp(from, "GET ", 4) == 0) {
        at = from + 3;
        head_.method_ = Method::get;
    } else {
        at = scan_name(begin_, at, end_);
        head_.method_ = parse_method({from, at});
    }
    if (line_too_long(at)) {
        return reject(detail::line_too_long);
    }
    if (at == end_) {
        return wait(Stage::method, at);
    }
    if (*at != ' ' || at == from) {
        return reject(invalid_method);
    }
    head_.method_token_ = span(from, at);
    head_.token_ = offset(++at);
    return at;
}

const char* HeadParser::read_target(const char* at) noexcept {
    const char* const from = begin_ + head_.token_;
    at = scan_target(begin_, at, end_);
    if (line_too_long(at)) {
        return reject(detail::line_too_long);
    }
    if (at == end_) {
        return wait(Stage::target, at);
    }
    if (*at != ' ' || at == from) {
        const bool ended = *at == ' ' || *at == '\r' || *at == '\n';
        return reject(ended ? missing_version : detail::invalid_target);
    }
    if (!take_target({from, at})) {
        return nullptr;
    }
    head_.token_ = offset(++at);
    return at;
}

bool HeadParser::take_target(std::string_view text) noexcept {
    head_.target_ = span(text);
    if (text == "/" && head_.method_ != Method::connect) {
        head_.path_ = head_.target_;
        return true;
    }
    Target target;
    if (!split_target(text, head_.method_, target, result_.rejection)) {
        result_.state = ParseResult::State::error;
        return false;
    }
    head_.path_ = target.path.empty() ? Span{0, 0} : span(target.path);
    head_.query_ = target.query.empty() ? Span{0, 0} : span(target.query);
    head_.absolute_ = target.form == Target::Form::absolute;
    if (!target.authority.empty()) {
        head_.host_ = span(target.authority);
        head_.target_has_host_ = true;
    }
    return true;
}

const char* HeadParser::read_version() noexcept {
    const char* const at = begin_ + head_.token_;
    if (end_ - at < 10 || std::memcmp(at, "HTTP/1.", 7) != 0 || (at[7] != '0' && at[7] != '1') ||
        std::memcmp(at + 8, "\r\n", 2) != 0) {
        return read_version_slowly(at);
    }
    if (line_too_long(at + 8)) {
        return reject(detail::line_too_long);
    }
    head_.version_minor_ = at[7] == '1' ? 1 : 0;
    head_.fields_at_ = offset(at + 10);
    return at + 10;
}

const char* HeadParser::read_version_slowly(const char* at) noexcept {
    constexpr std::string_view shape = "HTTP/0.0\r\n";
    const char* const from = at;
    for (const char expected : shape) {
        if (at == end_) {
            return wait(Stage::version, from);
        }
        if (expected != '\n' && line_too_long(at)) {
            return reject(detail::line_too_long);
        }
        const bool digit = *at >= '0' && *at <= '9';
        if (expected == '0' ? !digit : *at != expected) {
            return reject(expected == '\n' ? bare_cr : invalid_version);
        }
        ++at;
    }
    if (from[5] != '1') {
        return reject(version_not_supported);
    }
    head_.version_minor_ = from[7] == '0' ? 0 : 1;
    head_.fields_at_ = offset(at);
    return at;
}

std::optional<Rejection> body_refusal(const RequestHead& head, std::uint64_t body_limit) noexcept {
    if (head.content_length().value_or(0) > body_limit) {
        return body_too_large;
    }
    return std::nullopt;
}

}  // namespace brio::http
