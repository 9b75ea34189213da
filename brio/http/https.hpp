// What a server says so that its clients come by https: RFC 6797, and the redirect of those who did not.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <brio/http/middleware.hpp>

namespace brio::http {

/// Answers over TLS say Strict-Transport-Security: for so long their clients ask by https alone, whatever is
/// typed.
Middleware strict_transport(std::chrono::seconds max_age);

/// Every request is answered with 308 to the same URL by https at `port`, its method and body kept; without a
/// Host, which HTTP/1.0 may leave out, with 400.
Middleware redirect_to_https(std::uint16_t port);

/// "shop.example:8080" and "/a?b=c" are "https://shop.example:8443/a?b=c", with port 443 without it. The
/// target as it was sent.
std::string https_location(std::string_view host, std::string_view target, std::uint16_t port);

}  // namespace brio::http
