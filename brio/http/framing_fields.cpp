// What the fields that frame, route and end a message mean (RFC 9112 §3.2, §6, §9.3; RFC 9110 §10.1.1).
#include <brio/http/detail/head_parser.hpp>
#include <brio/http/detail/head_rejections.hpp>
#include <brio/http/target.hpp>

namespace brio::http {

using namespace detail;

bool HeadParser::note(Known name, std::string_view value) noexcept {
    switch (name) {
        case Known::host: return note_host(value);
        case Known::content_length: return note_content_length(value);
        case Known::transfer_encoding: return note_transfer_encoding(value);
        case Known::connection: note_connection(value); return true;
        case Known::expect: note_expect(value); return true;
        default: return true;
    }
}

bool HeadParser::note_host(std::string_view value) noexcept {
    if (head_.host_seen_) {
        return refuse(repeated_host);
    }
    if (!is_valid_authority(value)) {
        return refuse(detail::invalid_host);
    }
    head_.host_seen_ = true;
    if (!head_.target_has_host_) {
        head_.host_ = span(value);
    }
    return true;
}

bool HeadParser::note_content_length(std::string_view value) noexcept {
    if (head_.has_length_) {
        return refuse(repeated_length);
    }
    if (head_.chunked_) {
        return refuse(length_and_coding);
    }
    std::uint64_t length = 0;
    for (const char c : value) {
        const auto digit = static_cast<unsigned char>(c - '0');
        if (digit > 9 || __builtin_mul_overflow(length, 10U, &length) ||
            __builtin_add_overflow(length, digit, &length)) {
            return refuse(invalid_length);
        }
    }
    if (value.empty()) {
        return refuse(invalid_length);
    }
    head_.content_length_ = length;
    head_.has_length_ = true;
    return true;
}

bool HeadParser::note_transfer_encoding(std::string_view value) noexcept {
    if (head_.version_minor_ == 0) {
        return refuse(coding_on_1_0);
    }
    if (head_.has_length_) {
        return refuse(length_and_coding);
    }
    if (head_.chunked_ || !equals_ignoring_case(value, "chunked")) {
        return refuse(unknown_coding);
    }
    head_.chunked_ = true;
    return true;
}

void HeadParser::note_connection(std::string_view value) noexcept {
    while (!value.empty()) {
        const auto option = next_part(value, ',');
        head_.close_listed_ |= equals_ignoring_case(option, "close");
        head_.keep_alive_listed_ |= equals_ignoring_case(option, "keep-alive");
        head_.upgrade_ |= equals_ignoring_case(option, "upgrade");
    }
}

void HeadParser::note_expect(std::string_view value) noexcept {
    const bool known = equals_ignoring_case(value, "100-continue");
    head_.expect_continue_ |= known;
    head_.unknown_expectation_ |= !known;
}

}  // namespace brio::http
