#include "shop.hpp"

#include <brio/http/parameters.hpp>
#include <brio/http/problem.hpp>

namespace shop {

// [migrations]
const Migration history[] = {
    {"0001_customers_and_products",
     up(create_table("customers",
                     {{"id", column::id}, {"email", column::text(254)}, {"name", column::text(120)}}),
        create_index("idx_customer_email", "customers", {"email"}, unique),
        create_table("products", {{"id", column::id},
                                  {"name", column::text(120)},
                                  {"stock", column::integer},
                                  {"version", column::version}})),
     down(drop_table("products"), drop_table("customers"))},
    {"0002_purchases",
     up(create_table("purchases", {{"id", column::id},
                                   {"customer_id", column::reference("customers")},
                                   {"product_id", column::reference("products")},
                                   {"state", column::text(8)},
                                   {"amount", column::integer},
                                   {"created_at", column::timestamp}}),
        create_index("idx_purchase_customer", "purchases", {"customer_id", "created_at"}),
        create_index("idx_purchase_state", "purchases", {"state", "created_at"})),
     down(drop_table("purchases"))},
    {"0003_notes_of_purchases", up(add_column("purchases", "note", column::text(200).optional())),
     down(drop_column("purchases", "note"))},
};
const std::span<const Migration> migrations = history;
// [/migrations]

// [page]
Async<Page<With<Purchase, customer, product>>> list_purchases(List<purchase_list> request, Db db) {
    co_return co_await db.page_with<customer, product>(std::move(request));
}
// [/page]

// [find]
Async<With<Customer, bought>> show_customer(http::Path<"id", Id<Customer>> id, Db db) {
    co_return http::require(co_await db.find_with<bought>(customers, *id), http::not_found("customer"));
}
// [/find]

// [nested]
using History = With<Customer, nested<bought, product>, favourites>;

Async<History> show_history(http::Path<"id", Id<Customer>> id, Db db) {
    auto found = co_await db.find_with<nested<bought, product>, favourites>(customers, *id);
    co_return http::require(std::move(found), http::not_found("customer"));
}
// [/nested]

Async<Page<Product>> list_products(List<product_list> request, Db db) {
    co_return co_await db.page(std::move(request));
}

// [select]
Async<std::vector<Purchase>> open_purchases(Id<Customer> of, Db db) {
    co_return co_await db.select(purchases)
        .where(col<&Purchase::customer_id> == of && col<&Purchase::state> != State::sent)
        .order_by(desc<&Purchase::created_at>)
        .limit(100)
        .all();
}

Async<std::uint64_t> with_a_note(Db db) {
    co_return co_await db.select(purchases)
        .where(unindexed("asked once a month", is_not_null(col<&Purchase::note>)))
        .count();
}
// [/select]

// [aggregates]
Async<std::vector<StateSales>> sales_by_state(Id<Customer> of, Db db) {
    co_return co_await db.select(purchases)
        .where(col<&Purchase::customer_id> == of)
        .group_by<&Purchase::state>()
        .having(sum<&Purchase::amount>() > 0)
        .into<StateSales>(count().as<&StateSales::many>(), sum<&Purchase::amount>().as<&StateSales::amount>(),
                          max<&Purchase::created_at>().as<&StateSales::last>())
        .order_by(desc<&StateSales::amount>)
        .all();
}
// [/aggregates]

// [into]
Async<std::vector<NameOnly>> product_names(Db db) {
    co_return co_await db.select(products).into<NameOnly>().order_by(asc<&NameOnly::name>).all();
}
// [/into]

// [each]
Async<std::int64_t> forget_notes(Db db) {
    std::int64_t forgotten = 0;
    co_await db.select(purchases)
        .where(col<&Purchase::state> == State::sent)
        .each([&](Purchase purchase) -> Async<void> {
            if (purchase.note) {
                co_await db.update(purchases, purchase.id, PurchasePatch{.note = std::optional<Text<200>>()});
                ++forgotten;
            }
        });
    co_return forgotten;
}
// [/each]

// [upsert]
Async<Customer> keep_customer(NewCustomer given, Db db) {
    co_return co_await db.upsert<&Customer::email>(customers, std::move(given));
}
// [/upsert]

// [update-where]
Async<std::uint64_t> send_paid(Db db) {
    co_return co_await db.update_where(purchases, col<&Purchase::state> == State::paid,
                                       PurchasePatch{.state = State::sent});
}
// [/update-where]

// [update]
Async<Product> change_product(http::Path<"id", Id<Product>> id, http::Body<ProductPatch> patch,
                              http::IfMatch condition, Db db) {
    auto changed = co_await db.update(products, *id, std::move(patch.value), condition.expected());
    if (changed) {
        co_return std::move(*changed);
    }
    if (changed.error() == NotChanged::absent) {
        throw http::not_found("product");
    }
    throw http::precondition_failed("the product has changed: read it again and send the new ETag");
}
// [/update]

// [transaction]
Async<Purchase> buy(NewPurchase wanted, Db db) {
    auto const purchase = [&](Db inside) -> Async<Purchase> {
        auto const product =
            http::require(co_await inside.find(products, wanted.product_id), http::not_found("product"));
        if (product.stock < wanted.amount) {
            throw http::conflict("sold_out", "there are only " + std::to_string(product.stock) + " left");
        }
        co_await inside.update(products, product.id, ProductPatch{.stock = product.stock - wanted.amount});
        co_return co_await inside.insert(purchases, wanted);
    };
    co_return co_await db.transaction(purchase, {.isolation = db::Isolation::serializable, .retries = 3});
}
// [/transaction]

// [savepoint]
Async<void> buy_with_gift(NewPurchase wanted, NewPurchase gift, Db db) {
    co_await db.transaction([&](Db inside) -> Async<void> {
        co_await buy(wanted, inside);
        try {
            co_await inside.savepoint([&](Db within) -> Async<void> { co_await buy(gift, within); });
        } catch (const http::Problem&) {  // sold out: then without a gift
        }
    });
}
// [/savepoint]

// [listen]
db::Notifications::Subscription watch_prices(Database& database, std::atomic<bool>& outdated) {
    return database.notifications()->listen("prices", [&](std::string_view) { outdated = true; });
}
// [/listen]

// [raw]
Async<std::vector<Sales>> best_sellers(std::int64_t at_least, Db db) {
    co_return co_await db.query<Sales>(Reads{"purchases", "products"},
                                       "SELECT p.name AS name, sum(b.amount) AS sold FROM purchases b JOIN "
                                       "products p ON p.id = b.product_id "
                                       "GROUP BY p.id HAVING sum(b.amount) >= $1 ORDER BY sold DESC LIMIT 10",
                                       at_least);
}
// [/raw]

Async<http::Created<Purchase>> buy_for_me(http::Body<NewPurchase> body, Signed who, Db db) {
    body.value.customer_id = who.customer.id;
    co_return http::Created{co_await buy(std::move(body.value), db)};
}
Async<Product> show_product(http::Path<"id", Id<Product>> id, Db db) {
    co_return http::require(co_await db.find(products, *id), http::not_found("product"));
}

void routes(http::Router& api) {
    api.get<"/purchases">(list_purchases);
    api.post<"/purchases">(buy_for_me);
    api.get<"/customers/{id}">(show_customer);
    api.get<"/customers/{id}/history">(show_history);
    api.get<"/products">(list_products);
    api.get<"/products/{id}">(show_product);
    api.patch<"/products/{id}">(change_product);
}

}  // namespace shop
