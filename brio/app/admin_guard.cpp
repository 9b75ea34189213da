#include <brio/app/admin_guard.hpp>

#include <brio/http/other_sites.hpp>
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

}  // namespace

std::vector<http::Middleware> admin_guards(const Settings& settings) {
    bool const has_token = !settings.admin_token.empty();
    std::string const other_names =
        "without BRIO_ADMIN_TOKEN the admin pages are for localhost and addresses, not for other names of "
        "this "
        "machine";
    std::vector<http::Middleware> guards{http::refuse_other_sites(has_token ? "" : other_names)};
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

}  // namespace brio::app
