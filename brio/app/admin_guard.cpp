#include <brio/app/admin_guard.hpp>

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/http/problem.hpp>
#include <brio/http/route.hpp>

namespace brio::app {

namespace {

// Takes as long for a wrong first byte as for a wrong last one.
bool same_secret(std::string_view given, std::string_view secret) noexcept {
    unsigned differs = given.size() == secret.size() ? 0U : 1U;
    for (std::size_t i = 0; i < given.size(); ++i) {
        auto const of_secret = secret.empty() ? 0 : secret[i % secret.size()];
        differs |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(of_secret);
    }
    return differs == 0;
}

bool is_of_dashboard(const http::Exchange& exchange) noexcept {
    if (exchange.route == nullptr) {
        return false;
    }
    std::string_view const pattern = exchange.route->pattern;
    return pattern == "/" || pattern.starts_with("/dashboard/");
}

bool changes_nothing(http::Method method) noexcept {
    return method == http::Method::get || method == http::Method::head || method == http::Method::options;
}

/// `http://127.0.0.1:8000` without its scheme.
std::string_view authority_of(std::string_view origin) noexcept {
    auto const scheme = origin.find("://");
    return scheme == std::string_view::npos ? origin : origin.substr(scheme + 3);
}

[[noreturn]] void refuse(std::string detail) { throw http::Problem(403, "other_site", std::move(detail)); }

}  // namespace

std::vector<http::Middleware> admin_guards(const Settings& settings) {
    bool const has_token = !settings.admin_token.empty();
    std::vector<http::Middleware> guards{refuse_other_sites(has_token)};
    if (has_token) {
        guards.push_back(require_token(settings.admin_token));
    }
    return guards;
}

http::Middleware require_token(std::string token) {
    return {.name = "require_token", .before = [token = std::move(token)](http::Exchange& exchange) {
                constexpr std::string_view scheme = "Bearer ";
                auto const given = exchange.head.find(http::Known::authorization).value_or("");
                auto const has_scheme = http::equals_ignoring_case(given.substr(0, scheme.size()), scheme);
                if (is_of_dashboard(exchange) ||
                    (has_scheme && same_secret(given.substr(scheme.size()), token))) {
                    return false;
                }
                throw http::Problem({.status = 401,
                                     .code = "token_required",
                                     .detail = "the admin pages need the bearer token of BRIO_ADMIN_TOKEN",
                                     .errors = {},
                                     .retry_after = {},
                                     .headers = {{"WWW-Authenticate", "Bearer"}}});
            }};
}

http::Middleware refuse_other_sites(bool has_token) {
    return {.name = "refuse_other_sites", .before = [has_token](http::Exchange& exchange) {
                auto const host = exchange.head.find(http::Known::host).value_or("");
                if (!has_token && !is_own_host(host)) {
                    refuse(
                        "without BRIO_ADMIN_TOKEN the admin pages are for localhost and addresses, not for "
                        "other names of this machine");
                }
                auto const origin = exchange.head.find(http::Known::origin);
                if (origin && !changes_nothing(exchange.head.method()) &&
                    !equal_ignoring_case(authority_of(*origin), host)) {
                    refuse("a page of another site may not change anything here");
                }
                return false;
            }};
}

bool is_own_host(std::string_view host) noexcept {
    if (host.starts_with('[')) {
        return true;  // an IPv6 address
    }
    auto const name = host.substr(0, host.find(':'));
    auto const dot = name.rfind('.');
    if (dot == std::string_view::npos) {
        return true;
    }
    // no top-level domain is a number (RFC 3696, 2)
    auto const top = name.substr(dot + 1);
    constexpr std::string_view nobodys[] = {"localhost", "test", "local", "internal"};
    return (!top.empty() && std::ranges::all_of(top, [](char c) { return c >= '0' && c <= '9'; })) ||
           std::ranges::any_of(nobodys, [&](auto own) { return equal_ignoring_case(top, own); });
}

}  // namespace brio::app
