// What is cleared and dropped by hand, in all processes that share a store in Redis.
#include <algorithm>

#include <brio/cache/test_redis_store.hpp>

namespace brio::cache {
namespace {

using redis::test::RedisServer;
using redis::test::turn_until;
using test::Process;
using namespace std::chrono_literals;

TEST(RedisStore, ATagEndsItsValuesInEveryProcess) {
    RedisServer server({"--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lfu"});
    Process one(server.address());
    Process other(server.address());
    for (Process* each : {&one, &other}) {
        each->listen();
        each->get_or_make("x", "first");
        each->get_or_make("x", "second");
    }
    one.get_or_make("tagged", "a", {"prices", "eur"});
    one.get_or_make("free", "b");
    EXPECT_EQ(other.get_or_make("y", "a"), "tagged");
    EXPECT_TRUE(one.clear(Clearing::What::tag, "prices"));
    ASSERT_TRUE(turn_until(other.loop, [&] { return !other.cleared.empty(); }));
    EXPECT_EQ(other.cleared, (std::vector<Process::Named>{{Clearing::What::tag, "prices"}}));
    EXPECT_FALSE(other.get("a").found);
    EXPECT_FALSE(one.get("a").found);
    EXPECT_TRUE(one.get("b").found);
    EXPECT_TRUE(other.get("b").found);
    EXPECT_EQ(other.counted("cache_redis_lookups_total{result=\"cleared\"}"), 1);
    one.loop.turn(10ms);
    EXPECT_TRUE(one.cleared.empty()) << "its own clearing is no news";
    EXPECT_EQ(other.get_or_make("new", "a", {"prices"}), "new");
    EXPECT_EQ(one.get_or_make("z", "a", {"prices"}), "new");
}

TEST(RedisStore, ALabelAndAllCanBeClearedToo) {
    RedisServer server;
    Process one(server.address());
    Process other(server.address());
    one.get_or_make("x", "first");
    one.get_or_make("x", "second");
    for (const auto& [what, name] :
         {Process::Named{Clearing::What::label, "GET /a"}, {Clearing::What::all, ""}}) {
        one.get_or_make("value");
        ASSERT_TRUE(one.get().found);
        EXPECT_TRUE(other.clear(what, name));
        EXPECT_FALSE(one.get().found) << "also where nobody listens";
    }
    EXPECT_TRUE(other.clear(Clearing::What::label, "GET /b"));
    one.get_or_make("value");
    EXPECT_TRUE(one.get().found);
}

TEST(RedisStore, ADroppedKeyIsToldToTheOthers) {
    RedisServer server;
    Process one(server.address());
    Process other(server.address());
    other.listen();
    one.get_or_make("x", "first");
    one.get_or_make("x", "second");
    one.get_or_make("value", "a key with\r\nany bytes");
    one.store.clear({.what = Clearing::What::key, .name = "a key with\r\nany bytes"});
    EXPECT_FALSE(one.get("a key with\r\nany bytes").found) << "though nobody was told yet";
    one.listen();
    EXPECT_TRUE(turn_until(one.loop, [&] { return one.store.pending() == 0; }));
    EXPECT_FALSE(one.get("a key with\r\nany bytes").found);
    ASSERT_TRUE(turn_until(other.loop, [&] { return !other.cleared.empty(); }));
    EXPECT_EQ(other.cleared, (std::vector<Process::Named>{{Clearing::What::key, "a key with\r\nany bytes"}}));
}

TEST(RedisStore, WhatWasClearedDuringAGapIsEndedAfterIt) {
    RedisServer server;
    Process one(server.address());
    one.listen();
    one.in_use = {
        {Clearing::What::tag, "prices"}, {Clearing::What::tag, "stock"}, {Clearing::What::label, "GET /a"}};
    EXPECT_TRUE(one.cleared.empty());
    server.pause();
    ASSERT_TRUE(turn_until(one.loop, [&] { return !one.store.is_listening(); }));
    server.go_on();
    Process other(server.address());
    EXPECT_TRUE(other.clear(Clearing::What::tag, "prices"));
    ASSERT_TRUE(turn_until(one.loop, [&] { return one.store.is_listening(); }));
    EXPECT_EQ(one.cleared, (std::vector<Process::Named>{{Clearing::What::tag, "prices"}}));
}

/// Closes its subscription; it connects again.
void cut_off(RedisServer& server, Process& process) {
    server.cli("CLIENT KILL TYPE pubsub");
    ASSERT_TRUE(turn_until(process.loop, [&] { return !process.store.is_listening(); }));
}

TEST(RedisStore, AfterAGapInWhichAKeyWasDroppedNothingIsKept) {
    RedisServer server;
    Process one(server.address());
    Process other(server.address());
    one.listen();
    cut_off(server, one);
    EXPECT_TRUE(other.clear(Clearing::What::key, "key"));
    ASSERT_TRUE(turn_until(one.loop, [&] { return one.store.is_listening(); }));
    EXPECT_EQ(one.cleared, (std::vector<Process::Named>{{Clearing::What::all, ""}})) << "which, is not known";
}

TEST(RedisStore, WhatWasBegunBeforeADropAndCameAfterItIsNotGiven) {
    RedisServer server;
    Process one(server.address());
    Process other(server.address());
    Process deaf(server.address());
    for (Process* each : {&one, &other, &deaf}) {
        each->get_or_make("x", "first");
        each->get_or_make("x", "second");
    }
    one.listen();
    other.listen();
    one.get_or_make("free", "b");
    const Stamp begun = one.begin();
    EXPECT_TRUE(other.clear(Clearing::What::key, "key"));
    one.put(begun, "old");
    ASSERT_TRUE(turn_until(one.loop, [&] { return !one.cleared.empty(); }));
    Process young(server.address());
    young.get_or_make("x", "third");
    young.listen();
    for (Process* each : {&one, &other, &deaf, &young}) {
        EXPECT_FALSE(each->get().found);
    }
    EXPECT_TRUE(one.get("b").found);
    EXPECT_TRUE(other.get("b").found);
    EXPECT_EQ(other.counted("cache_redis_lookups_total{result=\"cleared\"}"), 1);
    EXPECT_EQ(one.get_or_make("new"), "new");
    EXPECT_EQ(other.get_or_make("y"), "new");
    EXPECT_EQ(deaf.get_or_make("y"), "new");
}

TEST(RedisStore, EvictingItsReadingsBringsNothingBack) {
    RedisServer server;
    Process one(server.address());
    Process other(server.address());
    for (Process* each : {&one, &other}) {
        each->get_or_make("x", "first");
        each->get_or_make("x", "second");
    }
    one.get_or_make("old", "key", {"prices"});
    EXPECT_TRUE(one.clear(Clearing::What::tag, "prices"));
    ASSERT_EQ(server.cli("DEL brio:shop:readings"), "1");
    EXPECT_FALSE(other.get().found) << "before a reading is taken";
    one.begin();
    EXPECT_FALSE(other.get().found) << "and after it";
    EXPECT_EQ(one.get_or_make("new", "key", {"prices"}), "new");
    EXPECT_EQ(other.get_or_make("y", "key", {"prices"}), "new");
}

TEST(RedisStore, WhereTheReadingsWereLostInAGapNothingIsKept) {
    RedisServer server;
    Process one(server.address());
    one.listen();
    cut_off(server, one);
    server.cli("DEL brio:shop:readings");
    ASSERT_TRUE(turn_until(one.loop, [&] { return one.store.is_listening(); }));
    EXPECT_EQ(one.cleared, (std::vector<Process::Named>{{Clearing::What::all, ""}}));
    cut_off(server, one);
    ASSERT_TRUE(turn_until(one.loop, [&] { return one.store.is_listening(); }));
    EXPECT_EQ(one.cleared.size(), 1U) << "once";
}

TEST(RedisStore, BeyondTheirBoundAllNamesWereCleared) {
    RedisServer server;
    Process one(server.address(), {.most_cleared = 6});
    Process other(server.address());
    for (Process* each : {&one, &other}) {
        each->get_or_make("x", "first");
        each->get_or_make("x", "second");
    }
    one.get_or_make("old");
    one.in_use = {{Clearing::What::label, "GET /a"}};
    for (const std::string_view tag : {"a", "b", "c", "d"}) {
        EXPECT_TRUE(one.clear(Clearing::What::tag, tag));
    }
    EXPECT_EQ(server.cli("HLEN brio:shop:readings"), "6");
    ASSERT_TRUE(other.get().found);
    EXPECT_TRUE(one.clear(Clearing::What::tag, "e"));
    EXPECT_EQ(server.cli("HLEN brio:shop:readings"), "2");
    EXPECT_FALSE(other.get().found);
    EXPECT_TRUE(one.get().found) << "which has heard of each";
}

TEST(RedisStore, AClearingThatRedisCouldNotBeToldIsToldLater) {
    RedisServer server;
    Process one(server.address());
    Process other(server.address());
    one.listen();
    other.listen();
    server.kill();
    ASSERT_TRUE(turn_until(one.loop, [&] { return !one.store.is_listening(); }));
    ASSERT_TRUE(turn_until(other.loop, [&] { return !other.store.is_listening(); }));
    one.store.clear({.what = Clearing::What::tag, .name = "prices"});
    other.in_use = {{Clearing::What::tag, "prices"}};
    server.start();
    const Process::Named told{Clearing::What::tag, "prices"};
    EXPECT_TRUE(turn_until(other.loop, [&] {
        one.loop.turn(1ms);
        return std::ranges::find(other.cleared, told) != other.cleared.end();
    }));
}

TEST(RedisStore, WhatIsClearedAgainWhileItIsBeingToldIsToldAgain) {
    RedisServer server;
    Process process(server.address());
    process.listen();
    process.store.clear({.what = Clearing::What::tag, .name = "prices"});
    ASSERT_TRUE(turn_until(process.loop, [&] { return process.client->shared().in_flight.used() != 0; }));
    process.store.clear({.what = Clearing::What::tag, .name = "prices"});
    process.store.clear({.what = Clearing::What::tag, .name = "prices"});
    EXPECT_EQ(process.store.pending(), 2U);
    EXPECT_TRUE(turn_until(process.loop, [&] { return process.store.pending() == 0; }));
}

TEST(RedisStore, TooManyClearingsAtOnceClearAll) {
    RedisServer server;
    Process one(server.address());
    Process other(server.address());
    other.listen();
    for (std::size_t i = 0; i <= RedisStore::most_pending; ++i) {
        one.store.clear({.what = Clearing::What::tag, .name = integer_text(i)});
    }
    EXPECT_EQ(one.store.pending(), 1U);
    one.listen();
    ASSERT_TRUE(turn_until(one.loop, [&] { return one.store.pending() == 0; }));
    ASSERT_TRUE(turn_until(other.loop, [&] { return !other.cleared.empty(); }));
    EXPECT_EQ(other.cleared, (std::vector<Process::Named>{{Clearing::What::all, ""}}));
}

TEST(RedisStore, MessagesOfSomebodyElseAreIgnored) {
    RedisServer server;
    Process process(server.address());
    process.listen();
    for (const std::string_view payload :
         {"''", "x", "0123456789abcdef", "'0123456789abcdef c'", "'0123456789abcdef c 12'",
          "'0123456789abcdef c 12 '", "'0123456789abcdef q 12 #a'"}) {
        server.cli(concat({"PUBLISH brio:shop:cleared ", payload}));
    }
    server.cli("PUBLISH brio:shop:cleared '0123456789abcdef c 12 #last'");
    ASSERT_TRUE(turn_until(process.loop, [&] { return !process.cleared.empty(); }));
    EXPECT_EQ(process.cleared, (std::vector<Process::Named>{{Clearing::What::tag, "last"}}));
}

}  // namespace
}  // namespace brio::cache
