#include <brio/cache/cached.hpp>

#include <gtest/gtest.h>

#include <brio/cache/key_text.hpp>
#include <brio/cache/own_writes.hpp>
#include <brio/http/wire_harness.hpp>
#include <brio/json/write.hpp>
#include <brio/sql/generations.hpp>

namespace brio::cache {
namespace {

using namespace std::chrono_literals;
using http::test::body_of;
using http::test::header_of;
using http::test::status_of;

/// What the handlers of these tests do, and what they depend on.
struct World {
    sql::Generations generations;
    int calls = 0;
    int value = 1;
    std::chrono::milliseconds takes{0};
    std::function<void()> meanwhile;
    bool fails = false;
    bool refuses = false;
    std::string seen;

    sql::Generations::Slot slot() { return generations.slot("things"); }
    void write() {
        const sql::Generations::Slot slots[] = {slot()};
        generations.begin_commit(slots);
        ++value;
        generations.end_commit(slots);
    }
};
World* world = nullptr;

struct Thing {
    int id;
    int value;
};
struct Filter {
    std::optional<int> of;
    bool loud = false;
};
struct Account {
    std::string sub;
};

Async<int> read_value() {
    auto* read = (co_await runtime::current_work).dependencies;
    ++world->calls;
    if (read != nullptr) {
        const auto now = world->generations.read(world->slot());
        read->read({&world->generations, "things", world->slot(), now.number}, now.settled);
    }
    const int value = world->value;
    if (world->takes.count() > 0) {
        co_await runtime::sleep_for(world->takes);
    }
    if (world->meanwhile) {
        world->meanwhile();
    }
    if (world->fails) {
        throw std::runtime_error("the disk is on fire");
    }
    if (read != nullptr && world->refuses) {
        read->refuse(ledger::Unkept::transaction);
    }
    co_return value;
}

Async<Thing> thing(http::Path<"id", int> id) {
    const int value = co_await read_value();
    if (*id == 0) {
        throw http::not_found("thing");
    }
    co_return Thing{*id, value};
}
Async<std::vector<Thing>> list(http::Query<Filter> filter) {
    co_return std::vector<Thing>{{filter->of.value_or(0), co_await read_value()}};
}
Async<std::string> mine(http::Header<"Authorization"> who) {
    co_await read_value();
    co_return "of " + *who;
}
std::string whole(http::Request request) {
    ++world->calls;
    return std::string(request.header("Accept-Language").value_or("none"));
}
Async<http::Response> secret() {
    co_await read_value();
    http::Response response;
    response.text("s").cookie("a", "b");
    co_return response;
}
std::string plain() {
    ++world->calls;
    return std::string(5'000, 'x');
}

void routes(http::Router& api) {
    api.get<"/things/{id}">(cached(100s, thing, {.jitter = 0}));
    api.get<"/stale/{id}">(
        cached(100s, thing, {.stale_while_revalidate = 50s, .stale_if_error = 1000s, .jitter = 0}));
    api.get<"/things">(cached(100s, list, {.jitter = 0, .tags = {"lists"}}));
    api.get<"/mine">(cached<VaryBy::identity>(100s, mine));
    api.get<"/whole">(cached<VaryBy::identity>(100s, whole, {.vary_by_headers = {"Accept-Language"}}));
    api.get<"/secret">(cached(100s, secret));
    api.get<"/plain">(cached(100s, plain, {.cache_control = "public, max-age=60"}));
    api.get<"/small">(cached(100s, plain, {.largest = 4'999}));
}

class CachedTest : public testing::Test {
protected:
    CachedTest() {
        world = &state;
        http::Services services;
        services.add(caches);
        wire =
            std::make_unique<http::test::Wire>(&routes, http::ServerOptions{.has_deadlines = true},
                                               std::vector<http::Middleware>{read_your_writes()}, services);
        wire->loop.advance(1000s);
    }
    std::string get(std::string_view target, std::string_view fields = {}) {
        return wire->ask(concat({"GET ", target, " HTTP/1.1\r\nHost: x\r\n", fields, "\r\n"}));
    }
    static std::string cache_of(const std::string& answer) { return header_of(answer, "X-Cache"); }

    World state;
    Caches caches;
    std::unique_ptr<http::test::Wire> wire;
};

TEST_F(CachedTest, TheSecondAnswerIsTheFirst) {
    const auto first = get("/things/7");
    const auto second = get("/things/7");
    EXPECT_EQ(cache_of(first), "MISS");
    EXPECT_EQ(cache_of(second), "HIT");
    EXPECT_EQ(body_of(first), R"({"id":7,"value":1})");
    EXPECT_EQ(body_of(second), body_of(first));
    EXPECT_EQ(header_of(second, "ETag"), header_of(first, "ETag"));
    EXPECT_EQ(header_of(second, "Content-Type"), "application/json");
    EXPECT_EQ(header_of(second, "Cache-Control"), "private, no-cache");
    EXPECT_EQ(header_of(first, "Age"), "(absent)");
    EXPECT_EQ(header_of(second, "Age"), "0");
    EXPECT_EQ(state.calls, 1);
}

TEST_F(CachedTest, AgeIsInSeconds) {
    get("/things/7");
    wire->loop.advance(42s);
    EXPECT_EQ(header_of(get("/things/7"), "Age"), "42");
}

TEST_F(CachedTest, AWriteEndsIt) {
    get("/things/7");
    state.write();
    const auto answer = get("/things/7");
    EXPECT_EQ(cache_of(answer), "MISS");
    EXPECT_EQ(body_of(answer), R"({"id":7,"value":2})");
    EXPECT_EQ(cache_of(get("/things/7")), "HIT");
}

TEST_F(CachedTest, ItsTimeEndsIt) {
    get("/things/7");
    wire->loop.advance(99s);
    EXPECT_EQ(cache_of(get("/things/7")), "HIT");
    wire->loop.advance(1s);
    EXPECT_EQ(cache_of(get("/things/7")), "MISS");
}

TEST_F(CachedTest, EqualParametersShareAnAnswerHoweverTheyAreWritten) {
    get("/things?of=7&loud=false");
    EXPECT_EQ(cache_of(get("/things?of=%37")), "HIT");
    EXPECT_EQ(cache_of(get("/things?loud=false&of=7")), "HIT");
    EXPECT_EQ(cache_of(get("/things?of=8")), "MISS");
    EXPECT_EQ(cache_of(get("/things")), "MISS");
    EXPECT_EQ(cache_of(get("/things?of=7&loud=true")), "MISS");
}

TEST_F(CachedTest, BadParametersAreRefusedAsEver) {
    EXPECT_EQ(status_of(get("/things/seven")), 422);
    EXPECT_EQ(status_of(get("/things?unknown=1")), 422);
    EXPECT_EQ(state.calls, 0);
}

TEST_F(CachedTest, OnePersonsAnswerDoesNotReachAnother) {
    EXPECT_EQ(body_of(get("/mine", "Authorization: a\r\n")), "of a");
    EXPECT_EQ(body_of(get("/mine", "Authorization: b\r\n")), "of b");
    EXPECT_EQ(cache_of(get("/mine", "Authorization: a\r\n")), "HIT");
    EXPECT_EQ(state.calls, 2);
}

TEST_F(CachedTest, OfTheWholeRequestTargetCredentialsAndNamedFieldsAreTheKey) {
    get("/whole?a=1", "Accept-Language: de\r\n");
    EXPECT_EQ(cache_of(get("/whole?a=1", "Accept-Language: de\r\n")), "HIT");
    EXPECT_EQ(cache_of(get("/whole?a=1")), "MISS");
    EXPECT_EQ(cache_of(get("/whole?a=2", "Accept-Language: de\r\n")), "MISS");
    EXPECT_EQ(cache_of(get("/whole?a=1", "Accept-Language: de\r\nCookie: u=1\r\n")), "MISS");
    EXPECT_EQ(cache_of(get("/whole?a=1", "Accept-Language: de\r\nAuthorization: x\r\n")), "MISS");
    EXPECT_EQ(header_of(get("/whole?a=1"), "Vary"), "Accept-Language");
}

TEST_F(CachedTest, WhatSetsCookiesIsNotKept) {
    get("/secret");
    EXPECT_EQ(cache_of(get("/secret")), "MISS");
    EXPECT_EQ(state.calls, 2);
}

TEST_F(CachedTest, WhatIsTooLargeIsNotKept) {
    get("/small");
    EXPECT_EQ(cache_of(get("/small")), "MISS");
    EXPECT_EQ(cache_of(get("/plain")), "MISS");
    EXPECT_EQ(cache_of(get("/plain")), "HIT");
}

TEST_F(CachedTest, TheRouteSaysWhatClientsMayKeep) {
    EXPECT_EQ(header_of(get("/plain"), "Cache-Control"), "public, max-age=60");
    EXPECT_EQ(header_of(get("/plain"), "Cache-Control"), "public, max-age=60");
}

TEST_F(CachedTest, WhereNobodySaysSoClientsAskEachTimeAndNobodyElseKeepsIt) {
    for (const auto* word : {"MISS", "HIT"}) {
        const auto answer = get("/mine", "Authorization: a\r\n");
        EXPECT_EQ(cache_of(answer), word);
        EXPECT_EQ(header_of(answer, "Cache-Control"), "private, no-cache");
    }
    EXPECT_EQ(header_of(get("/secret"), "Cache-Control"), "private, no-cache");
}

TEST_F(CachedTest, AnAnswerThatIsNotLookedForSaysTheSameToClients) {
    const auto plain = get("/plain", "Cookie: brio_wrote=1\r\n");
    EXPECT_EQ(cache_of(plain), "BYPASS");
    EXPECT_EQ(header_of(plain, "Cache-Control"), "public, max-age=60");
    EXPECT_EQ(header_of(get("/whole", "Cookie: brio_wrote=1\r\n"), "Vary"), "Accept-Language");
}

TEST_F(CachedTest, ManyRoutesWithoutCountersOfTheirOwnKeepTheirOwnAnswers) {
    for (std::size_t i = 0; i < Caches::most_subjects; ++i) {
        caches.subject(CacheType::query, integer_text(i));
    }
    EXPECT_EQ(body_of(get("/stale/7")), R"({"id":7,"value":1})");
    ++state.value;
    EXPECT_EQ(body_of(get("/things/7")), R"({"id":7,"value":2})");
    EXPECT_EQ(caches.clear_subject("GET /things/{id}"), 1u);
}

TEST_F(CachedTest, KeysDoNotShowCredentials) {
    get("/whole", "Authorization: Bearer secret\r\nCookie: session=secret\r\nAccept-Language: secret\r\n");
    get("/mine", "Authorization: Bearer secret\r\n");
    int keys = 0;
    caches.memory().each([&](const Item& item) {
        ++keys;
        EXPECT_EQ(key_text(item.key).find("secret"), std::string::npos) << key_text(item.key);
    });
    EXPECT_EQ(keys, 2);
}

TEST_F(CachedTest, AnAnswerThatTheClientHasIsNotSentAgain) {
    const auto tag = header_of(get("/plain"), "ETag");
    ASSERT_EQ(tag.size(), 18u);
    const auto answer = get("/plain", concat({"If-None-Match: ", tag, "\r\n"}));
    EXPECT_EQ(status_of(answer), 304);
    EXPECT_EQ(cache_of(answer), "HIT");
    EXPECT_EQ(body_of(answer), "");
}

TEST_F(CachedTest, HeadIsAnsweredFromWhatGetMade) {
    get("/plain");
    const auto answer = wire->ask("HEAD /plain HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(cache_of(answer), "HIT");
    EXPECT_EQ(header_of(answer, "Content-Length"), "5000");
    EXPECT_EQ(body_of(answer), "");
}

TEST_F(CachedTest, ThatThereIsNothingIsKeptToo) {
    EXPECT_EQ(status_of(get("/things/0")), 404);
    const auto again = get("/things/0", "X-Request-ID: mine\r\n");
    EXPECT_EQ(status_of(again), 404);
    EXPECT_EQ(cache_of(again), "HIT");
    EXPECT_NE(body_of(again).find("urn:request:mine"), std::string_view::npos);
    EXPECT_EQ(state.calls, 1);
    state.write();
    EXPECT_EQ(cache_of(get("/things/0")), "MISS");
    wire->loop.advance(30s);
    EXPECT_EQ(cache_of(get("/things/0")), "MISS");
}

TEST_F(CachedTest, WhatChangedWhileItWasMadeIsNotKept) {
    state.meanwhile = [&] { state.write(); };
    EXPECT_EQ(body_of(get("/things/7")), R"({"id":7,"value":1})");
    state.meanwhile = nullptr;
    const auto answer = get("/things/7");
    EXPECT_EQ(cache_of(answer), "MISS");
    EXPECT_EQ(body_of(answer), R"({"id":7,"value":2})");
}

TEST_F(CachedTest, WhatWasClearedWhileItWasMadeIsNotKept) {
    state.meanwhile = [&] { caches.clear_tag("lists"); };
    get("/things");
    state.meanwhile = nullptr;
    EXPECT_EQ(cache_of(get("/things")), "MISS");
    EXPECT_EQ(cache_of(get("/things")), "HIT");
    EXPECT_EQ(caches.clear_tag("lists"), 1u);
    EXPECT_EQ(cache_of(get("/things")), "MISS");
}

TEST_F(CachedTest, WhoeverComesAfterAClearingDoesNotGetWhatWasBegunBefore) {
    state.takes = 100ms;
    const auto before = wire->connect();
    wire->send(before, "GET /things HTTP/1.1\r\nHost: x\r\n\r\n");
    ++state.value;
    caches.clear_tag("lists");
    const std::array after{wire->connect(), wire->connect(), wire->connect()};
    for (const int client : after) {
        wire->send(client, "GET /things HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    wire->loop.advance(100ms);
    EXPECT_EQ(body_of(wire->receive(before)), R"([{"id":0,"value":1}])");
    wire->turn();
    wire->loop.advance(100ms);
    for (const int client : after) {
        EXPECT_EQ(body_of(wire->receive(client)), R"([{"id":0,"value":2}])");
    }
    EXPECT_EQ(state.calls, 2) << "one of them made it for all";
}

TEST_F(CachedTest, WhatWasReadWithinATransactionIsNotKept) {
    state.refuses = true;
    get("/things/7");
    EXPECT_EQ(cache_of(get("/things/7")), "MISS");
}

TEST_F(CachedTest, OneMakesWhatManyWant) {
    state.takes = 100ms;
    std::vector<int> clients;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(wire->connect());
        wire->send(clients.back(), "GET /things/7 HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    wire->turn();
    EXPECT_EQ(state.calls, 1);
    wire->loop.advance(100ms);
    int hits = 0;
    for (const int client : clients) {
        const auto answer = wire->receive(client);
        EXPECT_EQ(body_of(answer), R"({"id":7,"value":1})");
        hits += cache_of(answer) == "HIT" ? 1 : 0;
    }
    EXPECT_EQ(hits, 199);
    EXPECT_EQ(state.calls, 1);
}

TEST_F(CachedTest, WhoeverComesAfterAWriteDoesNotGetWhatWasBegunBefore) {
    state.takes = 100ms;
    const auto before = wire->connect();
    wire->send(before, "GET /things/7 HTTP/1.1\r\nHost: x\r\n\r\n");
    wire->turn();
    state.write();
    const auto after = wire->connect();
    wire->send(after, "GET /things/7 HTTP/1.1\r\nHost: x\r\n\r\n");
    wire->turn();
    wire->loop.advance(100ms);
    EXPECT_EQ(body_of(wire->receive(before)), R"({"id":7,"value":1})");
    wire->turn();
    wire->loop.advance(100ms);
    EXPECT_EQ(body_of(wire->receive(after)), R"({"id":7,"value":2})");
}

TEST_F(CachedTest, ALeaderWhoseClientLeavesIsFollowedByAnother) {
    state.takes = 100ms;
    const auto first = wire->connect();
    wire->send(first, "GET /things/7 HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto second = wire->connect();
    wire->send(second, "GET /things/7 HTTP/1.1\r\nHost: x\r\n\r\n");
    wire->turn();
    ::shutdown(first, SHUT_RDWR);
    wire->turn();
    wire->loop.advance(300ms);  // the grace of a client that has sent FIN
    wire->turn();
    wire->loop.advance(100ms);
    EXPECT_EQ(body_of(wire->receive(second)), R"({"id":7,"value":1})");
}

TEST_F(CachedTest, WhatIsForNobodyElseIsNotWaitedFor) {
    get("/secret");
    EXPECT_EQ(caches.memory().counts().items, 1u);  // that it passes
    state.takes = 100ms;
    for (int i = 0; i < 5; ++i) {
        wire->send(wire->connect(), "GET /secret HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    EXPECT_EQ(state.calls, 6);
}

TEST_F(CachedTest, AStaleAnswerIsGivenWhileItIsMadeAnew) {
    get("/stale/7");
    state.value = 2;  // as if by nobody whom it is bound to
    wire->loop.advance(100s);
    state.takes = 10ms;
    const auto stale = get("/stale/7");
    EXPECT_EQ(cache_of(stale), "STALE");
    EXPECT_EQ(body_of(stale), R"({"id":7,"value":1})");
    EXPECT_EQ(header_of(stale, "Age"), "100");
    EXPECT_EQ(cache_of(get("/stale/7")), "STALE");
    EXPECT_EQ(state.calls, 2);  // one at a time
    wire->loop.advance(10ms);
    wire->turn();
    const auto fresh = get("/stale/7");
    EXPECT_EQ(cache_of(fresh), "HIT");
    EXPECT_EQ(body_of(fresh), R"({"id":7,"value":2})");
    EXPECT_EQ(state.calls, 2);
}

TEST_F(CachedTest, AStaleAnswerIsGivenWhenMakingItFails) {
    get("/stale/7");
    wire->loop.advance(500s);
    state.fails = true;
    const auto stale = get("/stale/7");
    EXPECT_EQ(status_of(stale), 200);
    EXPECT_EQ(cache_of(stale), "STALE");
    EXPECT_EQ(state.calls, 2);
    // Not tried again at once.
    EXPECT_EQ(cache_of(get("/stale/7")), "STALE");
    EXPECT_EQ(state.calls, 2);
    wire->loop.advance(1s);
    state.fails = false;
    EXPECT_EQ(cache_of(get("/stale/7")), "MISS");
    EXPECT_EQ(cache_of(get("/stale/7")), "HIT");
}

TEST_F(CachedTest, WhatAWriteEndedIsGivenOnlyWhenMakingItFails) {
    get("/stale/7");
    state.write();
    EXPECT_EQ(body_of(get("/stale/7")), R"({"id":7,"value":2})");
    state.write();
    state.fails = true;
    const auto stale = get("/stale/7");
    EXPECT_EQ(cache_of(stale), "STALE");
    EXPECT_EQ(body_of(stale), R"({"id":7,"value":2})");
}

TEST_F(CachedTest, WithoutSomethingStaleAFailureIsAFailure) {
    state.fails = true;
    EXPECT_EQ(status_of(get("/stale/7")), 500);
    state.fails = false;
    EXPECT_EQ(status_of(get("/stale/7")), 200);
}

TEST_F(CachedTest, AWriterThatAsksElsewhereIsNotGivenWhatIsKept) {
    get("/things/7");
    const auto answer = get("/things/7", "Cookie: theme=dark; brio_wrote=1\r\n");
    EXPECT_EQ(cache_of(answer), "BYPASS");
    EXPECT_EQ(state.calls, 2);
    EXPECT_EQ(cache_of(get("/things/7", "Cookie: not_brio_wrote=1\r\n")), "HIT");
    EXPECT_EQ(cache_of(get("/things/7", "Cookie: not_brio_wrote=1; brio_wrote=1\r\n")), "BYPASS");
}

TEST(CachedWithoutStore, IsBypassed) {
    World state;
    world = &state;
    Caches caches({.bytes = 0});
    http::Services services;
    services.add(caches);
    http::test::Wire wire(&routes, {}, {}, services);
    for (int i = 1; i <= 2; ++i) {
        const auto answer = wire.ask("GET /things/7 HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_EQ(header_of(answer, "X-Cache"), "BYPASS");
        EXPECT_EQ(state.calls, i);
    }
}

TEST(CachedDeathTest, OnlyGetRoutesAreCached) {
    http::Router router;
    EXPECT_DEATH(router.post<"/plain">(cached(std::chrono::seconds(1), plain)), "only GET routes");
}

}  // namespace
}  // namespace brio::cache
