#include "overload.hpp"

#include <thread>

namespace overload {

using namespace std::chrono_literals;

namespace {

Async<Order> pay(http::Body<Order> order, http::Offload offload) {
    co_await offload([] { std::this_thread::sleep_for(1ms); });
    co_return *order;
}
Order show(http::Path<"id", std::int64_t> id) { return {*id}; }
Order suggest() { return {1}; }

}  // namespace

// [importance]
void routes(http::Router& api) {
    api.post<"/api/payments">(pay, {.importance = http::Importance::critical});
    api.get<"/api/orders/{id}">(show);  // normal
    api.get<"/api/suggestions">(suggest, {.importance = http::Importance::sheddable});
}
// [/importance]

// [rate-limit]
void compose(App& app) {
    app.use(http::measure(), http::deadlines(), http::rate_limit({.count = 100, .per = 1s, .burst = 200}),
            http::rate_limit({.count = 1000, .per = 60s, .by = http::by_header("X-Api-Key"), .name = "key"}));
    app.routes(routes);
}
// [/rate-limit]

// [behind-proxies]
http::RateLimit behind_proxies() { return {.count = 100, .by = http::by_address({"10.0.0.0/8"})}; }
// [/behind-proxies]

}  // namespace overload
