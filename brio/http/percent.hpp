// Percent-decoding (RFC 3986 §2.1), strict: a '%' without two hex digits and an encoded NUL are errors.
#pragma once
#include <brio/base/buffer.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace brio::http {

/// What '+' means: itself in a path, a space in a query (application/x-www-form-urlencoded).
enum class Plus : std::uint8_t { literal, space };

/// The decoded text: a view of `encoded` itself when nothing needs decoding, else of bytes appended to
/// `scratch`. Nothing on a bad escape or %00. Reserve encoded.size() bytes in `scratch` to keep earlier views
/// of it alive.
std::optional<std::string_view> percent_decode(std::string_view encoded, Plus plus, Buffer& scratch);
/// Appends `text` with everything outside the unreserved characters (RFC 3986 §2.3) escaped.
void percent_encode(std::string_view text, Buffer& out);

}  // namespace brio::http
