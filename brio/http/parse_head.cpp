#include <brio/http/detail/head_parser.hpp>
#include <brio/http/detail/head_rejections.hpp>
#include <brio/http/detail/scan.hpp>
#include <brio/http/parse_head.hpp>
#include <brio/http/target.hpp>

#include <algorithm>
#include <cstring>

namespace brio::http {

using namespace detail;

ParseResult parse_head(std::string_view bytes, std::size_t seen_before, RequestHead& out,
                       const Limits& limits) {
    if (seen_before == 0) {
        out.clear();
    }
    out.rebase(bytes.data());
    return HeadParser(bytes, out, limits).run();
}

ParseResult HeadParser::run() noexcept {
    switch (head_.stage_) {
        case Stage::empty_lines:
            if (!skip_empty_lines()) {
                return result_;
            }
            [[fallthrough]];
        case Stage::method:
            if (!read_method()) {
                return result_;
            }
            [[fallthrough]];
        case Stage::target:
            if (!read_target()) {
                return result_;
            }
            [[fallthrough]];
        case Stage::version:
            if (!read_version()) {
                return result_;
            }
            [[fallthrough]];
        default: read_fields(); return result_;
    }
}

bool HeadParser::wait(Stage stage, const char* at) noexcept {
    head_.stage_ = stage;
    head_.position_ = offset(at);
    result_.state = ParseResult::State::incomplete;
    return false;
}

bool HeadParser::reject(const Rejection& rejection) noexcept {
    result_.state = ParseResult::State::error;
    result_.rejection = rejection;
    return false;
}

bool HeadParser::line_too_long(const char* at) const noexcept {
    const auto size = static_cast<std::size_t>(at - begin_) - head_.line_;
    return size > limits_.request_line || (size == limits_.request_line && at != end_ && *at != '\r');
}

bool HeadParser::reject_in_line(const char* at, const Rejection& rejection) noexcept {
    return reject(line_too_long(at) ? detail::line_too_long : rejection);
}

bool HeadParser::skip_empty_lines() noexcept {
    while (at_ != end_ && *at_ == '\r') {
        if (at_ + 1 == end_) {
            return wait(Stage::empty_lines, at_);
        }
        if (at_[1] != '\n') {
            return reject(bare_cr);
        }
        if (head_.empty_lines_seen_++ >= limits_.empty_lines) {
            return reject(too_many_empty_lines);
        }
        at_ += 2;
    }
    if (at_ == end_) {
        return wait(Stage::empty_lines, at_);
    }
    head_.line_ = head_.token_ = offset(at_);
    return true;
}

bool HeadParser::read_method() noexcept {
    const char* const from = begin_ + head_.token_;
    if (end_ - from >= 4 && std::memcmp(from, "GET ", 4) == 0) {
        at_ = from + 3;
    } else {
        at_ = scan_name(begin_, at_, end_);
    }
    if (line_too_long(at_)) {
        return reject(detail::line_too_long);
    }
    if (at_ == end_) {
        return wait(Stage::method, at_);
    }
    if (*at_ != ' ' || at_ == from) {
        return reject(invalid_method);
    }
    head_.method_token_ = span(from, at_);
    head_.method_ = parse_method({from, at_});
    head_.token_ = offset(++at_);
    return true;
}

bool HeadParser::read_target() noexcept {
    const char* const from = begin_ + head_.token_;
    at_ = scan_target(begin_, at_, end_);
    if (line_too_long(at_)) {
        return reject(detail::line_too_long);
    }
    if (at_ == end_) {
        return wait(Stage::target, at_);
    }
    if (*at_ != ' ' || at_ == from) {
        const bool ended = *at_ == ' ' || *at_ == '\r' || *at_ == '\n';
        return reject(ended ? missing_version : detail::invalid_target);
    }
    Target target;
    Rejection rejection;
    if (!split_target({from, at_}, head_.method_, target, rejection)) {
        return reject(rejection);
    }
    head_.target_ = span(from, at_);
    head_.path_ = target.path.empty() ? Span{0, 0} : span(target.path);
    head_.query_ = target.query.empty() ? Span{0, 0} : span(target.query);
    head_.default_path_ = target.form == Target::Form::absolute ? "/" : "";
    if (!target.authority.empty()) {
        head_.host_ = span(target.authority);
        head_.target_has_host_ = true;
    }
    head_.token_ = offset(++at_);
    return true;
}

bool HeadParser::read_version() noexcept {
    at_ = begin_ + head_.token_;
    if (end_ - at_ < 10 || std::memcmp(at_, "HTTP/1.", 7) != 0 || (at_[7] != '0' && at_[7] != '1') ||
        at_[8] != '\r' || at_[9] != '\n') {
        return read_version_slowly();
    }
    if (line_too_long(at_ + 8)) {
        return reject(detail::line_too_long);
    }
    head_.version_minor_ = at_[7] == '1' ? 1 : 0;
    at_ += 10;
    head_.fields_at_ = offset(at_);
    return true;
}

bool HeadParser::read_version_slowly() noexcept {
    constexpr std::string_view shape = "HTTP/0.0\r\n";
    const char* const from = at_;
    for (const char expected : shape) {
        if (at_ == end_) {
            const char* const last = at_ != from && at_[-1] == '\r' ? at_ - 1 : at_;
            return line_too_long(last) ? reject(detail::line_too_long) : wait(Stage::version, from);
        }
        const bool digit = *at_ >= '0' && *at_ <= '9';
        if (expected == '0' ? !digit : *at_ != expected) {
            const bool after_cr = expected == '\n';
            return reject_in_line(after_cr ? at_ - 1 : at_, after_cr ? bare_cr : invalid_version);
        }
        if (expected != '\n' && line_too_long(at_)) {
            return reject(detail::line_too_long);
        }
        ++at_;
    }
    if (from[5] != '1') {
        return reject(version_not_supported);
    }
    head_.version_minor_ = from[7] == '0' ? 0 : 1;
    head_.fields_at_ = offset(at_);
    return true;
}

bool HeadParser::reject_in_field(const char* at, const Rejection& rejection) noexcept {
    const bool too_large = offset(at) - head_.fields_at_ >= limits_.header_bytes;
    return reject(too_large ? fields_too_large : rejection);
}

bool HeadParser::read_fields() noexcept {
    auto stage = head_.stage_ < Stage::line_start ? Stage::line_start : head_.stage_;
    for (;;) {
        switch (stage) {
            case Stage::line_start:
                if (at_ != end_ && *at_ == '\r') {
                    return end_head();
                }
                if (!begin_line()) {
                    return false;
                }
                [[fallthrough]];
            case Stage::name:
                if (!read_name()) {
                    return false;
                }
                [[fallthrough]];
            default:
                if (!read_value()) {
                    return false;
                }
                stage = Stage::line_start;
        }
    }
}

bool HeadParser::begin_line() noexcept {
    if (at_ == end_) {
        return wait(Stage::line_start, at_);
    }
    if (head_.count_ >= std::min(limits_.header_count, header_count_capacity)) {
        return reject(too_many_fields);
    }
    if (*at_ == ' ' || *at_ == '\t') {
        return reject_in_field(at_, folded_field);
    }
    head_.token_ = offset(at_);
    return true;
}

bool HeadParser::read_name() noexcept {
    const char* const from = begin_ + head_.token_;
    at_ = scan_name(begin_, at_, end_);
    if (at_ == end_) {
        const bool too_large = offset(at_) - head_.fields_at_ > limits_.header_bytes;
        return too_large ? reject(fields_too_large) : wait(Stage::name, at_);
    }
    if (*at_ != ':' || at_ == from) {
        const bool space = *at_ == ' ' || *at_ == '\t';
        const bool ended = *at_ == '\r' || *at_ == '\n';
        return reject_in_field(at_, space ? space_in_name : ended ? missing_colon : invalid_name);
    }
    head_.name_size_ = offset(at_) - head_.token_;
    ++at_;
    return true;
}

bool HeadParser::read_value() noexcept {
    at_ = scan_value(begin_, at_, end_);
    if (end_ - at_ >= 2 && at_[0] == '\r' && at_[1] == '\n') {
        const char* const value_end = at_;
        at_ += 2;
        if (offset(at_) - head_.fields_at_ > limits_.header_bytes) {
            return reject(fields_too_large);
        }
        return add_field(value_end);
    }
    if (at_ == end_ || (*at_ == '\r' && at_ + 1 == end_)) {
        const bool too_large = offset(end_) - head_.fields_at_ > limits_.header_bytes;
        return too_large ? reject(fields_too_large) : wait(Stage::value, at_);
    }
    return reject_in_field(at_, *at_ == '\r' ? bare_cr : *at_ == '\n' ? bare_lf : invalid_value);
}

bool HeadParser::end_head() noexcept {
    if (at_ + 1 == end_) {
        return wait(Stage::line_start, at_);
    }
    if (at_[1] != '\n') {
        return reject(bare_cr);
    }
    if (!head_.host_seen_ && head_.version_minor_ != 0) {
        return reject(missing_host);
    }
    if (head_.unknown_expectation_ && head_.version_minor_ != 0) {
        return reject(unknown_expectation);
    }
    head_.keep_alive_ = !head_.close_listed_ && (head_.version_minor_ != 0 || head_.keep_alive_listed_);
    head_.stage_ = Stage::done;
    result_.state = ParseResult::State::complete;
    result_.consumed = static_cast<std::size_t>(at_ + 2 - begin_);
    return true;
}

std::optional<Rejection> body_refusal(const RequestHead& head, std::uint64_t body_limit) noexcept {
    if (head.content_length().value_or(0) > body_limit) {
        return body_too_large;
    }
    return std::nullopt;
}

}  // namespace brio::http
