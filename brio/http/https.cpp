#include <brio/http/https.hpp>

#include <brio/base/text.hpp>
#include <brio/http/problem.hpp>

namespace brio::http {
namespace {

constexpr std::uint16_t usual_port = 443;

std::string_view without_port(std::string_view host) noexcept {
    auto const colon = host.rfind(':');
    auto const bracket = host.rfind(']');
    auto const has_port = colon != host.npos && (bracket == host.npos || colon > bracket);
    return has_port ? host.substr(0, colon) : host;
}

// "/a?b=c" of that or of "http://host/a?b=c".
std::string_view path_of(std::string_view target) noexcept {
    if (auto const scheme = target.find("://"); !target.starts_with('/') && scheme != target.npos) {
        auto const slash = target.find_first_of("/?", scheme + 3);
        return slash == target.npos ? std::string_view() : target.substr(slash);
    }
    return target.starts_with('/') ? target : std::string_view();
}

}  // namespace

std::string https_location(std::string_view host, std::string_view target, std::uint16_t port) {
    auto const path = path_of(target);
    return concat({"https://", without_port(host), port == usual_port ? "" : ":",
                   port == usual_port ? "" : integer_text(port), path.starts_with('/') ? "" : "/", path});
}

Middleware strict_transport(std::chrono::seconds max_age) {
    auto value = concat({"max-age=", integer_text(max_age.count())});
    return {.name = "strict_transport", .after = [value = std::move(value)](Exchange& exchange) {
                if (exchange.over_tls) {
                    exchange.response.header("Strict-Transport-Security", value);
                }
            }};
}

Middleware redirect_to_https(std::uint16_t port) {
    return {.name = "redirect_to_https", .before = [port](Exchange& exchange) {
                auto const host = exchange.head.find(Known::host).value_or("");
                if (host.empty()) {
                    throw Problem(400, "no_host",
                                  "this port only leads to https, and a request without Host leads nowhere");
                }
                exchange.response.status = 308;
                exchange.response.close = true;
                exchange.response.header("Location", https_location(host, exchange.head.target(), port));
                return true;
            }};
}

}  // namespace brio::http
