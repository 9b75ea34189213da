// The registered claims of a token (RFC 7519 §4.1) and its scopes, judged at a given time.
#pragma once
#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <brio/http/jwt.hpp>

namespace brio::http::jwt {

/// What a token must claim.
struct Rules {
    std::string issuer;               // `iss`; empty: any, also none
    std::string audience;             // among `aud`; empty: only tokens without `aud` (RFC 7519 §4.1.3)
    std::chrono::seconds leeway{60};  // by which clocks may differ
    bool needs_expiry = true;         // a token without `exp` is refused
};

/// What was granted: `scope` (RFC 8693 §4.2: words, or a list) or, where that is missing, `scp`.
struct Grant {
    std::vector<std::string> scopes;
    bool has(std::string_view scope) const noexcept;
};

/// Pure. `payload` is the JSON text of the claims, `now` counts from 1970 in UTC. A token is good from `nbf`
/// up to, not including, `exp`, each widened by the leeway; `iat` must not lie in the future.
std::expected<Grant, Fault> check_claims(std::string_view payload, const Rules& rules,
                                         std::chrono::microseconds now);

}  // namespace brio::http::jwt
