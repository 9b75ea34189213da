// The guide's chapter on the query cache: the shop keeps what it reads often.
#pragma once
#include <brio/cache/provide.hpp>

#include "shop.hpp"

namespace query_cache {

using namespace brio;

void routes(http::Router& api);

struct Warehouse {
    std::int64_t pallets;
};
/// What the warehouse answers; moves with each question.
Async<Warehouse> ask_warehouse(Id<shop::Product> of);
void prices_changed(Cache cache, Id<shop::Product> of);

}  // namespace query_cache
