// Which requests go first when there are too many, and how often one client may ask.
#pragma once
#include <brio/app/app.hpp>
#include <brio/http/offload.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/rate_limit.hpp>

namespace overload {

using namespace brio;

struct Order {
    std::int64_t id;
};

void routes(http::Router& api);
void compose(App& app);
http::RateLimit behind_proxies();

}  // namespace overload
