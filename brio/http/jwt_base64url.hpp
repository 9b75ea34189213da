// base64url without padding (RFC 7515 §2, RFC 4648 §5), as the parts of a token are written.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace brio::http::jwt {

/// Strict: no padding, no white space, no character outside the alphabet, no bits left over, so one value has
/// one spelling.
std::optional<std::string> decode_base64url(std::string_view text);
std::string encode_base64url(std::string_view bytes);

}  // namespace brio::http::jwt
