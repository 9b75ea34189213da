// Reason phrases of status codes (RFC 9110 §15, RFC 6585, RFC 8297).
#pragma once
#include <string_view>

namespace brio::http {

/// "Not Found" for 404; for a number without a phrase, that of its class ("Client Error"), so never empty.
std::string_view reason_phrase(int status) noexcept;

/// 1xx, 204 and 304 never have content (RFC 9110 §6.4.1).
constexpr bool may_have_body(int status) noexcept { return status >= 200 && status != 204 && status != 304; }

}  // namespace brio::http
