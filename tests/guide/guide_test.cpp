// Runs what the guide shows, and holds it to what the guide says of it.
#include <gtest/gtest.h>

#include <cstdlib>

#include <brio/redis/test_redis.hpp>
#include <brio/runtime/run.hpp>
#include <brio/testing/connection.hpp>
#include <brio/testing/server_process.hpp>
#include <brio/testing/service.hpp>

#include "accounts.hpp"
#include "caching.hpp"
#include "notes.hpp"
#include "query_cache.hpp"
#include "requests.hpp"
#include "shared_redis.hpp"
#include "shop.hpp"
#include "waiting.hpp"

namespace brio::guide {
namespace {

using testing::TestClient;
using testing::TestService;

const json::Raw empty_body{"{}"};

// Routes without a database.
class Plain {
public:
    explicit Plain(void (*routes)(http::Router&), testing::TestOptions options = {})
        : client(loop_, filled(routes), services(), std::move(options)) {}

private:
    http::Router& filled(void (*routes)(http::Router&)) {
        routes(router_);
        return router_;
    }
    http::Services& services() {
        services_.add(tenants_);
        services_.add(pool_);
        return services_;
    }
    runtime::Loop loop_;
    runtime::OffloadPool pool_{{.threads = 1}};
    requests::TenantDirectory tenants_{{{"k1", {"north"}}}};
    http::Router router_;
    http::Services services_;

public:
    TestClient client;
};

TEST(GuideHello, AnswersAsTheFirstChapterShows) {
    testing::ServerProcess program({.program = std::string(std::getenv("BRIO_BIN")) + "/guide_hello"});
    testing::Connection connection(program.port());
    EXPECT_EQ(connection.get("/greetings/ada").body, R"({"words":"hello ada"})");
}

TEST(GuideRequests, AQueryIsReadIntoItsStruct) {
    Plain plain(requests::routes);
    auto const answer =
        plain.client.get("/search?words=old%20map&tag=a&tag=b&order=oldest", {{"Accept-Language", "de"}});
    EXPECT_EQ(answer.body, R"({"words":"old map","tags":2,"page":1,"order":"oldest","language":"de"})");
}

TEST(GuideRequests, EveryBadParameterIsListed) {
    Plain plain(requests::routes);
    auto const answer = plain.client.get("/search?page=x&order=best&colour=red");
    EXPECT_EQ(answer.status, 422);
    for (auto const* name : {"words", "page", "order", "colour"}) {
        EXPECT_NE(answer.body.find(R"("in":"query","name":")" + std::string(name)), std::string::npos)
            << answer.body;
    }
}

TEST(GuideRequests, ABadFieldInsideABodyIsNamedByItsPath) {
    Plain plain(requests::routes);
    auto const answer = plain.client.send(
        "POST", "/parcels", R"({"to":"Ann","address":{"street":"","postcode":"1234"},"weights":[1,"x"]})",
        {{"Content-Type", "application/json"}});
    EXPECT_EQ(answer.status, 422);
    EXPECT_NE(answer.body.find(R"("name":"address.street")"), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find(R"("name":"weights[1]")"), std::string::npos) << answer.body;
}

TEST(GuideRequests, AHandlersOwnRuleIsA422Too) {
    Plain plain(requests::routes);
    auto const answer = plain.client.send(
        "POST", "/parcels",
        R"({"to":"Ann","address":{"street":"High St","postcode":"1234"},"weights":[20,11]})",
        {{"Content-Type", "application/json"}});
    EXPECT_EQ(answer.status, 422);
    EXPECT_NE(answer.body.find("must be at most 30 kg together"), std::string::npos) << answer.body;
}

TEST(GuideRequests, ARoutesOwnBodyLimitIs413) {
    Plain plain(requests::routes);
    EXPECT_EQ(plain.client.send("POST", "/parcels", std::string(4097, ' ')).status, 413);
}

TEST(GuideRequests, ResultsBecomeTheAnswersThatTheTableSays) {
    Plain plain(requests::routes);
    auto& client = plain.client;
    EXPECT_EQ(client.get("/parcels/7").status, 200);
    EXPECT_EQ(client.get("/parcels/8").status, 404);
    EXPECT_EQ(client.del("/parcels/7").status, 204);
    EXPECT_EQ(client.get("/parcels/7/label").body, "parcel 7");
    EXPECT_EQ(client.get("/parcels/latest").status, 303);
    EXPECT_EQ(client.get("/parcels/latest").header("Location"), "/parcels/7");
    EXPECT_EQ(client.get("/parcels/7/short?short").body, "7");
    EXPECT_EQ(client.get("/parcels/7/short").body, R"({"id":7,"weight":1.5})");
    EXPECT_EQ(client.get("/picture").header("Content-Type"), "image/svg+xml");
    EXPECT_EQ(client.post("/parcels/7/collect", empty_body).problem_code(), "already_collected");
    EXPECT_EQ(client.post("/parcels/8/collect", empty_body).problem_code(), "not_found");
}

TEST(GuideRequests, AnEtagSentBackIs304) {
    Plain plain(requests::routes);
    auto const first = plain.client.get("/parcels/7");
    auto const again = plain.client.get("/parcels/7", {{"If-None-Match", std::string(first.header("ETag"))}});
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, "");
}

TEST(GuideRequests, AnOwnParameterMaySay401) {
    Plain plain(requests::routes);
    EXPECT_EQ(plain.client.get("/me").problem_code(), "unknown_key");
    EXPECT_EQ(plain.client.get("/me", {{"X-Api-Key", "k1"}}).body, R"({"name":"north"})");
}

TEST(GuideRequests, AMiddlewareMayEndARequest) {
    std::atomic<bool> closed{true};
    Plain plain(requests::routes, {.middlewares = {requests::maintenance(closed)}});
    auto const refused = plain.client.del("/parcels/7");
    EXPECT_EQ(refused.problem_code(), "maintenance");
    EXPECT_EQ(refused.header("Retry-After"), "60");
    EXPECT_EQ(plain.client.get("/parcels/7").status, 200);
    closed = false;
    EXPECT_EQ(plain.client.del("/parcels/7").status, 204);
}

TEST(GuideRequests, TheProgramIsComposedAsShown) {
    App app("requests");
    requests::TenantDirectory tenants;
    std::atomic<bool> const closed{false};
    requests::compose(app, tenants, closed);
    ASSERT_EQ(app.middlewares().size(), 4U);
    EXPECT_EQ(app.middlewares().back().name, "maintenance");
    runtime::Loop loop;
    TestClient client(loop, app.router(), app.services(), {.middlewares = app.middlewares()});
    EXPECT_EQ(client.del("/parcels/7").status, 204);
}

TEST(GuideRequests, CorsMarksTheOriginThatIsAllowedAndNoOther) {
    Plain plain(requests::routes, {.middlewares = {http::cors({.origins = {"https://shop.example"}})}});
    auto const allowed = plain.client.get("/parcels/7", {{"Origin", "https://shop.example"}});
    EXPECT_EQ(allowed.header("Access-Control-Allow-Origin"), "https://shop.example");
    EXPECT_EQ(plain.client.get("/parcels/7", {{"Origin", "https://other.example"}})
                  .header("Access-Control-Allow-Origin"),
              "");
}

TEST(GuideWaiting, GivesWhatTheChapterSays) {
    Plain plain(waiting::routes);
    EXPECT_EQ(plain.client.get("/wait").body, R"({"times":42})");
    EXPECT_EQ(plain.client.get("/both").body, R"({"times":42})");
    EXPECT_EQ(plain.client.get("/many").body, R"({"times":42})");
    EXPECT_EQ(plain.client.get("/checksum/ab").body, R"({"times":3105})");
}

TEST(GuideWaiting, WorkThatPassesItsDeadlineIsEndedWith503) {
    Plain plain(waiting::routes, {.middlewares = {http::deadlines()}});
    auto const ended = plain.client.get("/long");
    EXPECT_EQ(ended.status, 503);
    EXPECT_EQ(ended.problem_code(), "deadline_exceeded");
}

struct Shop : TestService {
    Shop() : TestService(shop::migrations, shop::routes) {
        ann = run(db().insert(shop::customers,
                              shop::NewCustomer{Text<254, 3>("ann@example.org"), Text<120, 1>("Ann")}));
        lamp = run(db().insert(shop::products, shop::NewProduct{Text<120, 1>("lamp"), 5}));
    }
    shop::NewPurchase wanted(std::int64_t amount) const {
        return {.customer_id = ann.id, .product_id = lamp.id, .amount = amount};
    }
    shop::Customer ann;
    shop::Product lamp;
};

TEST(GuideRedis, CommandsScriptsAndMessagesDoWhatTheChapterSays) {
    const brio::redis::test::RedisServer server;
    brio::runtime::Loop loop;
    brio::runtime::OffloadPool offload({.threads = 1});
    brio::redis::Client client({.address = server.address(), .timeout = std::chrono::seconds(20)}, offload);
    const auto run = [&](auto call) { return brio::runtime::run(loop, std::move(call)); };
    EXPECT_EQ(run(shared_redis::greeting_of(client, "ada")), std::nullopt);
    EXPECT_TRUE(run(shared_redis::remember_greeting(client, "ada", "hello")));
    EXPECT_EQ(run(shared_redis::greeting_of(client, "ada")), "hello");
    server.cli("HSET user:bob name Bob");
    EXPECT_EQ(run(shared_redis::names_of(client, {"ada", "bob"})), (std::vector<std::string>{"", "Bob"}));
    EXPECT_EQ(run(shared_redis::count_visit(client, "home")), 1);
    EXPECT_EQ(run(shared_redis::count_visit(client, "home")), 2);
    EXPECT_GT(std::stoi(server.cli("TTL visits:home")), 86'000);
    std::vector<std::string> news{"old"};
    const auto subscription = shared_redis::follow(client, loop, news);
    ASSERT_TRUE(brio::redis::test::turn_until(loop, [&] { return subscription->is_listening(); }));
    server.cli("PUBLISH news fresh");
    ASSERT_TRUE(brio::redis::test::turn_until(loop, [&] { return !news.empty(); }));
    EXPECT_EQ(news, std::vector<std::string>{"fresh"});
}

TEST(GuideShop, APageHoldsItsRelationsInOneStatementAndOneForTheTotal) {
    Shop shop;
    shop.run(shop::buy(shop.wanted(2), shop.db()));
    auto const page = shop.client().get("/purchases?state=open&sort_by=state");
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.body.find(R"("customer":{"id":1,"email":"ann@example.org")"), std::string::npos)
        << page.body;
    EXPECT_NE(page.body.find(R"("product":{"id":1,"name":"lamp","stock":3)"), std::string::npos) << page.body;
    EXPECT_EQ(shop.client().statements(), 2U);
}

TEST(GuideShop, ACustomerComesWithItsPurchases) {
    Shop shop;
    shop.run(shop::buy(shop.wanted(2), shop.db()));
    EXPECT_NE(shop.client().get("/customers/1").body.find(R"("purchases":[{"id":1)"), std::string::npos);
}

struct CachedShop : TestService {
    CachedShop() : TestService(shop::migrations, query_cache::routes) {
        lamp = run(db().insert(shop::products, shop::NewProduct{Text<120, 1>("lamp"), 5}));
    }
    shop::Product lamp;
};

TEST(GuideQueryCache, ASecondLookRunsNoStatementUntilAWrite) {
    CachedShop shop;
    EXPECT_EQ(shop.client().get("/products/1").status, 200);
    EXPECT_EQ(shop.client().statements(), 1U);
    EXPECT_EQ(shop.client().get("/products/1").status, 200);
    EXPECT_EQ(shop.client().statements(), 0U);
    shop.run(shop.db().update(shop::products, shop.lamp.id, shop::ProductPatch{.stock = 7}));
    EXPECT_NE(shop.client().get("/products/1").body.find(R"("stock":7)"), std::string::npos);
}

TEST(GuideQueryCache, ListsCountsAndWhatIsAbsentAreKeptToo) {
    CachedShop shop;
    const auto front = shop.client().get("/front");
    EXPECT_EQ(front.body, R"({"newest":[],"open":0})");
    EXPECT_EQ(shop.client().get("/front").body, front.body);
    EXPECT_EQ(shop.client().statements(), 0U);
    EXPECT_EQ(shop.client().get("/customers/by-email/nobody@example.org").status, 404);
    EXPECT_EQ(shop.client().get("/customers/by-email/nobody@example.org").status, 404);
    EXPECT_EQ(shop.client().statements(), 0U);
}

TEST(GuideQueryCache, ValuesOfOnesOwnAreKeptUntilTheyAreCleared) {
    CachedShop shop;
    const auto first = shop.client().get("/products/1/elsewhere").body;
    EXPECT_EQ(shop.client().get("/products/1/elsewhere").body, first);
    query_cache::prices_changed(Cache(shop.caches()), shop.lamp.id);
    EXPECT_NE(shop.client().get("/products/1/elsewhere").body, first);
}

TEST(GuideQueryCache, ASummaryIsBoundToAllThatItWasMadeFrom) {
    CachedShop shop;
    EXPECT_EQ(shop.client().get("/products/1/summary").body, R"({"name":"lamp","sold":0})");
    shop.run(
        shop.db().update(shop::products, shop.lamp.id, shop::ProductPatch{.name = Text<120, 1>("lantern")}));
    EXPECT_EQ(shop.client().get("/products/1/summary").body, R"({"name":"lantern","sold":0})");
}

TEST(GuideShop, APurchaseBeyondTheStockChangesNothing) {
    Shop shop;
    EXPECT_THROW(shop.run(shop::buy(shop.wanted(6), shop.db())), http::Problem);
    EXPECT_EQ(shop.run(shop.db().find(shop::products, shop.lamp.id))->stock, 5);
    EXPECT_EQ(shop.run(shop.db().select(shop::purchases).count()), 0U);
}

TEST(GuideShop, AGiftThatIsSoldOutLeavesThePurchase) {
    Shop shop;
    shop.run(shop::buy_with_gift(shop.wanted(3), shop.wanted(5), shop.db()));
    EXPECT_EQ(shop.run(shop.db().find(shop::products, shop.lamp.id))->stock, 2);
    EXPECT_EQ(shop.run(shop.db().select(shop::purchases).count()), 1U);
}

TEST(GuideShop, SelectsAndRawStatementsGiveTheirRows) {
    Shop shop;
    shop.run(shop::buy(shop.wanted(2), shop.db()));
    shop.run(shop::buy(shop.wanted(1), shop.db()));
    EXPECT_EQ(shop.run(shop::open_purchases(shop.ann.id, shop.db())).size(), 2U);
    EXPECT_EQ(shop.run(shop::with_a_note(shop.db())), 0U);
    EXPECT_EQ(shop.run(shop::best_sellers(3, shop.db())).at(0).sold, 3);
    EXPECT_TRUE(shop.run(shop::best_sellers(4, shop.db())).empty());
}

TEST(GuideShop, HistoryIsNestedAsItsTypeSays) {
    Shop shop;
    shop.run(shop::buy(shop.wanted(2), shop.db()));
    auto const body = shop.client().get("/customers/1/history").body;
    EXPECT_NE(body.find(R"("product":{"id":1,"name":"lamp")"), std::string::npos) << body;
    EXPECT_NE(body.find(R"("products":[{"id":1,"name":"lamp")"), std::string::npos) << body;
}

TEST(GuideShop, GroupsUpsertsAndWritesByConditionDoWhatTheySay) {
    Shop shop;
    shop.run(shop::buy(shop.wanted(2), shop.db()));
    auto const groups = shop.run(shop::sales_by_state(shop.ann.id, shop.db()));
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].amount, 2);
    EXPECT_EQ(shop.run(shop::product_names(shop.db())).at(0).name, "lamp");
    shop::NewCustomer again{.email = shop.ann.email, .name = Text<120, 1>("Anna")};
    EXPECT_EQ(shop.run(shop::keep_customer(again, shop.db())).id, shop.ann.id);
    EXPECT_EQ(shop.run(shop::send_paid(shop.db())), 0U);
    EXPECT_EQ(shop.run(shop::forget_notes(shop.db())), 0);
    EXPECT_NO_THROW(shop.db().check(shop::sellers));
    EXPECT_EQ(shop.run(shop.db().query(shop::sellers, 1)).at(0).sold, 2);
}

TEST(GuideShop, ListsTakeTheirFiltersAndRefuseOthers) {
    Shop shop;
    shop.run(shop::buy(shop.wanted(2), shop.db()));
    EXPECT_NE(shop.client()
                  .get("/purchases?state=open,paid&created_at_from=2020-01-01T00:00:00Z")
                  .body.find("\"id\":1"),
              std::string::npos);
    EXPECT_EQ(shop.client().get("/purchases?state=open,lost").status, 422);
    EXPECT_NE(shop.client().get("/products?search=LAM").body.find("lamp"), std::string::npos);
    EXPECT_EQ(shop.client().get("/products?name=Lamp").status, 422);
}

TEST(GuideShop, AnUpdateOfAnOldVersionIs412) {
    Shop shop;
    auto const tag = std::string(shop.client().get("/products/1").header("ETag"));
    shop::ProductPatch const patch{.stock = 9};
    EXPECT_EQ(shop.client().patch("/products/1", patch, {{"If-Match", tag}}).status, 200);
    EXPECT_EQ(shop.client().patch("/products/1", patch, {{"If-Match", tag}}).status, 412);
    EXPECT_EQ(shop.client().patch("/products/2", patch).status, 404);
}

TEST(GuideShop, AnOwnParameterMayAskTheDatabase) {
    Shop shop;
    EXPECT_EQ(shop.client().post("/purchases", shop.wanted(1)).problem_code(), "who_are_you");
    EXPECT_EQ(shop.client().post("/purchases", shop.wanted(1), {{"X-Email", "ann@example.org"}}).status, 201);
}

TEST(GuideNotes, SeedMakesAsManyRowsAsAskedFor) {
    TestService service(notes::migrations, notes::routes);
    std::uint64_t last = 0;
    auto const made =
        service.run(notes::seed({.database = service.database(),
                                 .count = 700,
                                 .from = {},
                                 .progress = [&](std::uint64_t done, std::uint64_t) { last = done; }}));
    EXPECT_EQ(made, 700U);
    EXPECT_EQ(last, 700U);
}

class Accounts {
public:
    explicit Accounts(std::string neighbour_url)
        : neighbour_{std::move(neighbour_url)},
          client(loop_, filled(), services()) {}
    static std::string token(std::string_view payload) {
        return "Bearer " + http::jwt::sign_hs256(payload, secret);
    }

private:
    static constexpr std::string_view secret = "a secret of at least thirty-two bytes";
    http::Router& filled() {
        accounts::routes(router_);
        return router_;
    }
    http::Services& services() {
        services_.add(verifier_);
        services_.add(outbound_);
        services_.add(neighbour_);
        services_.add(pool_);
        return services_;
    }
    http::Client outbound_;
    runtime::Loop loop_;
    runtime::OffloadPool pool_{{.threads = 1}};
    http::TokenVerifier verifier_{{http::jwt::Key::hs256(secret)}, {.issuer = "https://login.example"}};
    accounts::Neighbour neighbour_;
    http::Router router_;
    http::Services services_;

public:
    TestClient client;
};

TEST(GuideAccounts, ATokenIsReadIntoItsStructAndItsScopesAreAskedFor) {
    Accounts tested("http://127.0.0.1:1");
    EXPECT_EQ(tested.client.get("/me").status, 401);
    auto const reader = Accounts::token(R"({"iss":"https://login.example","exp":4102444800,"sub":"ada"})");
    EXPECT_EQ(tested.client.get("/me", {{"Authorization", reader}}).body, R"({"sub":"ada","name":null})");
    EXPECT_EQ(tested.client.del("/notes", {{"Authorization", reader}}).problem_code(), "insufficient_scope");
    auto const writer = Accounts::token(
        R"({"iss":"https://login.example","exp":4102444800,"sub":"ada","scope":"notes:write"})");
    EXPECT_EQ(tested.client.del("/notes", {{"Authorization", writer}}).body, R"({"notes_of":"ada"})");
}

TEST(GuideAccounts, AFormWithAFileIsReadIntoItsStruct) {
    Accounts tested("http://127.0.0.1:1");
    auto const answer =
        tested.client.send("POST", "/pictures",
                           "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nSea\r\n"
                           "--b\r\nContent-Disposition: form-data; name=\"picture\"; "
                           "filename=\"sea.png\"\r\n\r\n12345\r\n--b--\r\n",
                           {{"Content-Type", "multipart/form-data; boundary=b"}});
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, R"({"title":"Sea","file":"sea.png","bytes":5})");
}

TEST(GuideAccounts, AnotherServiceIsAskedOnTheLoop) {
    testing::ServerProcess program({.program = std::string(std::getenv("BRIO_BIN")) + "/guide_hello"});
    Accounts tested("http://127.0.0.1:" + std::to_string(program.port()));
    EXPECT_EQ(tested.client.get("/greet/ada").body, R"({"words":"hello ada"})");
    Accounts nobody("http://127.0.0.1:1");
    EXPECT_EQ(nobody.client.get("/greet/ada").status, 503);
}

TEST(GuideCaching, AKeptPageEndsWithAWrite) {
    http::TokenVerifier verifier({http::jwt::Key::hs256(std::string(32, 'k'))});
    TestService service(notes::migrations,
                        [](http::Router& api) {
                            notes::routes(api);
                            notes::cached_routes(api);
                        },
                        {.services = [&](http::Services& services) { services.add(verifier); }});
    auto& client = service.client();
    EXPECT_EQ(client.get("/cached/notes").header("X-Cache"), "MISS");
    EXPECT_EQ(client.get("/cached/notes?page=1").header("X-Cache"), "HIT");
    EXPECT_EQ(client.get("/cached/notes/1").status, 404);
    EXPECT_EQ(client.get("/cached/notes/1").header("X-Cache"), "HIT");
    client.post("/api/notes", json::Raw{R"({"words":"first"})"});
    EXPECT_EQ(client.get("/cached/notes").header("X-Cache"), "MISS");
    EXPECT_EQ(client.get("/cached/notes/1").status, 200);
    // The digest may be older than the last write, until it is cleared.
    EXPECT_EQ(client.get("/cached/digest").body, R"({"notes":1,"newest":"first"})");
    client.post("/api/notes", json::Raw{R"({"words":"second"})"});
    auto const stale = client.get("/cached/digest");
    EXPECT_EQ(stale.header("X-Cache"), "STALE");
    EXPECT_EQ(stale.body, R"({"notes":1,"newest":"first"})");
    EXPECT_EQ(client.del("/cached/digest").status, 200);
    EXPECT_EQ(client.get("/cached/digest").body, R"({"notes":2,"newest":"second"})");
    EXPECT_EQ(client.get("/cached/hello").status, 401);
}

}  // namespace
}  // namespace brio::guide
