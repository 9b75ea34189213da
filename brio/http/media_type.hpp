// Reads a Content-Type value (RFC 9110 §8.3.1): type "/" subtype and its parameters.
#pragma once
#include <optional>
#include <string_view>

namespace brio::http {

/// Views into the text that was parsed; compare with equals_ignoring_case().
struct MediaType {
    std::string_view type;
    std::string_view subtype;
    std::string_view charset;   // empty: none given
    std::string_view boundary;  // empty: none given

    bool is(std::string_view wanted_type, std::string_view wanted_subtype) const noexcept;
    /// application/json or a "+json" type, with no charset or UTF-8 (RFC 8259 §8.1).
    bool is_json() const noexcept;
};

/// Nothing for what is malformed, a charset or boundary given twice, and escapes in those two.
std::optional<MediaType> parse_media_type(std::string_view text) noexcept;

}  // namespace brio::http
