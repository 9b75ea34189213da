#include "query_cache.hpp"

#include <brio/http/parameters.hpp>
#include <brio/http/problem.hpp>

namespace query_cache {

using namespace std::chrono_literals;
using shop::Customer;
using shop::customers;
using shop::Product;
using shop::products;
using shop::Purchase;
using shop::purchases;
using shop::State;

namespace {

// [find]
Async<Product> show_product(http::Path<"id", Id<Product>> id, Db db, Cache cache) {
    co_return http::require(co_await cache.find(db, products, *id, 60s), http::not_found("product"));
}
// [/find]

// [selects]
struct Front {
    std::vector<With<Purchase, shop::product>> newest;
    std::uint64_t open;
};

Async<Front> front(Db db, Cache cache) {
    auto newest = co_await cache.all(db.select(purchases)
                                         .with<shop::product>()
                                         .where(col<&Purchase::state> == State::paid)
                                         .order_by(desc<&Purchase::created_at>)
                                         .limit(10),
                                     5min);
    auto open = co_await cache.count(db.select(purchases).where(col<&Purchase::state> == State::open), 5min);
    co_return Front{std::move(newest), open};
}
// [/selects]

// [find-by]
Async<Customer> by_email(http::Path<"email", std::string> email, Db db, Cache cache) {
    auto found =
        co_await cache.find_by<&Customer::email>(db, customers, {.ttl = 10min, .negative = 5s}, *email);
    co_return http::require(std::move(found), http::not_found("customer"));
}
// [/find-by]

}  // namespace

std::int64_t questions = 0;

Async<Warehouse> ask_warehouse(Id<Product>) { co_return Warehouse{++questions}; }

namespace {

// [get-or-set]
Async<Warehouse> stock_elsewhere(http::Path<"id", Id<Product>> id, Cache cache) {
    const QueryOptions options{.ttl = 30s,
                               .stale_while_revalidate = 5min,
                               .stale_if_error = 1h,
                               .tags = {"warehouse"},
                               .name = "warehouse"};
    co_return co_await cache.get_or_set(Key::of("warehouse", *id), options,
                                        [product = *id] { return ask_warehouse(product); });
}
// [/get-or-set]

// [nested]
struct Summary {
    std::string name;
    std::int64_t sold;
};

Async<Summary> summarise(Id<Product> id, Db db, Cache cache) {
    const auto product =
        http::require(co_await cache.find(db, products, id, 60s), http::not_found("product"));
    const auto sold = co_await db.select(purchases)
                          .where(unindexed("once an hour", col<&Purchase::product_id> == id))
                          .sum<&Purchase::amount>();
    co_return Summary{product.name, sold};
}

Async<Summary> show_summary(http::Path<"id", Id<Product>> id, Db db, Cache cache) {
    co_return co_await cache.get_or_set(Key::of("summary", *id), 1h,
                                        [=] { return summarise(*id, db, cache); });
}
// [/nested]

}  // namespace

// [drop]
void prices_changed(Cache cache, Id<Product> of) {
    cache.drop(Key::of("warehouse", of));
    cache.clear_tag("warehouse");
}
// [/drop]

void routes(http::Router& api) {
    api.get<"/products/{id}">(show_product);
    api.get<"/front">(front);
    api.get<"/customers/by-email/{email}">(by_email);
    api.get<"/products/{id}/elsewhere">(stock_elsewhere);
    api.get<"/products/{id}/summary">(show_summary);
}

}  // namespace query_cache
