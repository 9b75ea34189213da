#include <brio/cache/own_writes.hpp>

#include <brio/base/text.hpp>
#include <brio/http/cookies.hpp>
#include <brio/http/exchange.hpp>

namespace brio::cache {

namespace {
constexpr std::string_view cookie_name = "brio_wrote";

// Browsers send one of these with a write; who has no cookies needs none set.
bool keeps_cookies(const http::RequestHead& head) {
    return head.find(http::Known::cookie) || head.find(http::Known::origin) || head.find("Sec-Fetch-Site");
}

}  // namespace

http::Middleware read_your_writes(std::chrono::seconds within) {
    const auto attributes =
        concat({"Path=/; Max-Age=", integer_text(within.count()), "; HttpOnly; SameSite=Lax"});
    return {.name = "read_your_writes", .after = [attributes](http::Exchange& exchange) {
                const auto method = exchange.head.method();
                const bool writes = method == http::Method::post || method == http::Method::put ||
                                    method == http::Method::patch || method == http::Method::del;
                if (writes && exchange.response.status < 400 && keeps_cookies(exchange.head)) {
                    exchange.response.cookie(cookie_name, "1", attributes);
                }
            }};
}

bool has_own_writes(std::string_view cookies) noexcept {
    return http::find_cookie(cookies, cookie_name).has_value();
}

}  // namespace brio::cache
