#include <brio/http/other_sites.hpp>

#include <algorithm>
#include <utility>

#include <brio/base/text.hpp>
#include <brio/http/exchange.hpp>
#include <brio/http/problem.hpp>

namespace brio::http {
namespace {

bool changes_nothing(Method method) noexcept {
    return method == Method::get || method == Method::head || method == Method::options;
}

/// `http://127.0.0.1:8000` without its scheme.
std::string_view authority_of(std::string_view origin) noexcept {
    auto const scheme = origin.find("://");
    return scheme == std::string_view::npos ? origin : origin.substr(scheme + 3);
}

[[noreturn]] void refuse(std::string detail) { throw Problem(403, "other_site", std::move(detail)); }

}  // namespace

Middleware refuse_other_sites(std::string other_names) {
    return {.name = "refuse_other_sites", .before = [words = std::move(other_names)](Exchange& exchange) {
                auto const host = exchange.head.find(Known::host).value_or("");
                if (!words.empty() && !is_own_host(host)) {
                    refuse(words);
                }
                auto const origin = exchange.head.find(Known::origin);
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

}  // namespace brio::http
