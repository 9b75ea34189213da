// The guide's database chapter: customers order products.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <brio/db/db.hpp>
#include <brio/db/migration.hpp>
#include <brio/db/provide.hpp>
#include <brio/http/router.hpp>
#include <brio/sql/listing.hpp>
#include <brio/sql/relation.hpp>

namespace shop {

using namespace brio;

// [tables]
enum class State { open, paid, sent };

struct Customer {
    Id<Customer> id;
    Text<254, 3> email;
    Text<120, 1> name;
};
struct Product {
    Id<Product> id;
    Text<120, 1> name;
    std::int64_t stock;
    Version version;  // 1, then one more with each update
};
struct Purchase {
    Id<Purchase> id;
    Id<Customer> customer_id;
    Id<Product> product_id;
    State state;
    std::int64_t amount;
    std::optional<Text<200>> note;  // may be NULL
    Timestamp created_at;           // set by an insert
};

inline constexpr auto customers = table<Customer>("customers").unique<&Customer::email>("idx_customer_email");
inline constexpr auto products = table<Product>("products");
inline constexpr auto purchases =
    table<Purchase>("purchases")
        .index<&Purchase::customer_id, &Purchase::created_at>("idx_purchase_customer")
        .index<&Purchase::state, &Purchase::created_at>("idx_purchase_state");
// [/tables]

// [relations]
inline constexpr auto customer = belongs_to<&Purchase::customer_id>(customers, "customer");  // a join
inline constexpr auto product = belongs_to<&Purchase::product_id>(products, "product");
inline constexpr auto bought =
    has_many<&Purchase::customer_id>(purchases, "purchases");  // one more statement
inline constexpr auto favourites = through<&Purchase::customer_id, &Purchase::product_id>(
    purchases, products, "products");  // what purchases connect them with: one more statement, with a join
// [/relations]

// [listing]
inline constexpr auto purchase_list =
    list_of(purchases)
        .filter<&Purchase::customer_id, any_of<&Purchase::state>>()
        .filter<range<&Purchase::created_at>>(unindexed("asked beside a customer or a state"))
        .sort<&Purchase::state>()
        .page_size(20, 100);
inline constexpr auto product_list =
    list_of(products).search<&Product::name>(unindexed("a few hundred products"));
// [/listing]

struct NewCustomer {
    Text<254, 3> email;
    Text<120, 1> name;
};
struct NewProduct {
    Text<120, 1> name;
    std::int64_t stock;
};
struct NewPurchase {
    Id<Customer> customer_id;
    Id<Product> product_id;
    std::int64_t amount = 1;
    State state = State::open;
    std::optional<Text<200>> note;
};
struct ProductPatch {
    std::optional<Text<120, 1>> name;
    std::optional<std::int64_t> stock;
};
struct PurchasePatch {
    std::optional<State> state;
    std::optional<std::optional<Text<200>>> note;  // null takes it away
};
struct Sales {
    std::string name;
    std::int64_t sold;
};
struct NameOnly {
    Text<120, 1> name;
};
// [state-sales]
struct StateSales {
    State state;
    std::int64_t many;
    std::int64_t amount;
    Timestamp last;
};
// [/state-sales]
Async<std::vector<StateSales>> sales_by_state(Id<Customer> of, Db db);

// [raw-constant]
inline constexpr RawSelect<Sales, std::int64_t> sellers{
    {"purchases", "products"},
    "SELECT p.name AS name, sum(b.amount) AS sold FROM purchases b JOIN products p ON p.id = b.product_id "
    "GROUP BY p.id HAVING sum(b.amount) >= $1 ORDER BY sold DESC LIMIT 10"};
// [/raw-constant]

struct Signed {
    Customer customer;
};

extern const std::span<const Migration> migrations;
void routes(http::Router& api);

Async<std::vector<Purchase>> open_purchases(Id<Customer> of, Db db);
Async<std::uint64_t> with_a_note(Db db);
Async<Purchase> buy(NewPurchase wanted, Db db);
Async<void> buy_with_gift(NewPurchase wanted, NewPurchase gift, Db db);
db::Notifications::Subscription watch_prices(Database& database, std::atomic<bool>& outdated);
Async<std::vector<NameOnly>> product_names(Db db);
Async<Customer> keep_customer(NewCustomer given, Db db);
Async<std::uint64_t> send_paid(Db db);
Async<std::int64_t> forget_notes(Db db);
Async<std::vector<Sales>> best_sellers(std::int64_t at_least, Db db);

}  // namespace shop

// [provide-async]
template <>
struct brio::http::Provide<shop::Signed> {
    using Service = Database;
    static Async<std::optional<shop::Signed>> from(Exchange& exchange) {
        auto const email = std::string(exchange.head.find("X-Email").value_or(""));
        auto db = exchange.services->get<Database>().db();
        auto found = co_await db.select(shop::customers).where(col<&shop::Customer::email> == email).first();
        co_return shop::Signed{require(std::move(found), Problem(401, "who_are_you", "send X-Email"))};
    }
};
// [/provide-async]
