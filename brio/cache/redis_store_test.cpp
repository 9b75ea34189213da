#include <brio/cache/test_redis_store.hpp>
#include <brio/redis/test_peer.hpp>

namespace brio::cache {
namespace {

using redis::test::Peer;
using redis::test::PeerServer;
using redis::test::RedisServer;
using redis::test::turn_until;
using test::Process;
using namespace std::chrono_literals;

TEST(RedisStore, GivesWhatAnotherProcessKept) {
    RedisServer server;
    Process one(server.address());
    Process other(server.address());
    for (Process* each : {&one, &other}) {
        each->get_or_make("x", "first");   // from here on it knows the table
        each->get_or_make("x", "second");  // and when it last moved
    }
    const auto absent = one.get();
    EXPECT_FALSE(absent.found);
    EXPECT_TRUE(absent.has_answered);
    const Stamp stamp = one.begin();
    ASSERT_TRUE(one.put(stamp, "value"));
    const auto found = one.get();
    ASSERT_TRUE(found.found);
    EXPECT_EQ(found.found->envelope.payload, "value");
    EXPECT_EQ(found.found->envelope.stamp, stamp);
    const auto elsewhere = other.get();
    ASSERT_TRUE(elsewhere.found);
    EXPECT_EQ(elsewhere.found->envelope.payload, "value");
    ASSERT_EQ(elsewhere.found->binding.entries().size(), 1U);
    EXPECT_EQ(elsewhere.found->binding.entries()[0].source, &other.generations);
    EXPECT_TRUE(elsewhere.found->binding.holds(monotonic_now()));
    EXPECT_GT(elsewhere.found->fresh, 50s);
}

TEST(RedisStore, AProcessThatJustStartedTakesOnlyWhatWasBegunAfterIt) {
    RedisServer server;
    Process old(server.address());
    old.get_or_make("x", "first");
    old.get_or_make("old", "second");
    old.get_or_make("old");
    Process young(server.address());
    EXPECT_EQ(young.get_or_make("new"), "new") << "it does not know the table yet";
    EXPECT_EQ(old.get_or_make("y"), "new");
    EXPECT_EQ(young.get_or_make("new", "second"), "new") << "it was begun before the table was asked for";
    EXPECT_EQ(young.get_or_make("y", "second"), "new");
}

TEST(RedisStore, AWriteEndsWhatWasBegunBefore) {
    RedisServer server;
    Process process(server.address());
    process.get_or_make("x", "first");
    process.get_or_make("two");
    EXPECT_EQ(process.get_or_make("three"), "two");
    const Stamp before = process.begin();
    process.write();
    EXPECT_EQ(process.get_or_make("four"), "four");
    EXPECT_EQ(process.get_or_make("five"), "four");
    process.put(before, "begun before the write");
    EXPECT_EQ(process.get_or_make("six"), "six");
    EXPECT_GE(process.counted("cache_redis_lookups_total{result=\"outdated\"}"), 2);
}

TEST(RedisStore, NothingIsGivenWhileACommitIsUnderWay) {
    RedisServer server;
    Process process(server.address());
    process.get_or_make("x", "first");
    process.get_or_make("x", "second");
    process.get_or_make("one");
    ASSERT_TRUE(process.get().found);
    process.generations.begin_commit(std::span(&process.table, 1));
    EXPECT_FALSE(process.get().found);
    process.begin();  // a reading that says nothing of the commit
    process.generations.end_commit(std::span(&process.table, 1));
    process.begin();
    EXPECT_FALSE(process.get().found) << "the value was begun before";
    process.generations.set_current_until(0ns);
    EXPECT_FALSE(process.get().found);
    EXPECT_GE(process.counted("cache_redis_lookups_total{result=\"unsettled\"}"), 2);
}

TEST(RedisStore, WhatIsNoneOfItsValuesIsDeletedAndCounted) {
    RedisServer server;
    Process process(server.address());
    process.get_or_make("x", "first");
    process.get_or_make("x", "second");
    process.get_or_make("good");
    ASSERT_TRUE(process.get().found);
    const std::string key = concat({"brio:shop:1:", hash_of_key("key").text()});
    ASSERT_EQ(server.cli(concat({"EXISTS ", key})), "1");
    const std::string good =
        runtime::run(process.loop, [](redis::Client& client, std::string name) -> Async<std::string> {
            co_return (co_await client.command("GET", name)).take_text();
        }(*process.client, key));
    std::vector<std::string> wrong{"", "garbage", std::string("\x80\x04\x95\x0d\x00\x00", 6), good + "x"};
    for (std::size_t size = 1; size < good.size(); size += 13) {
        wrong.push_back(good.substr(0, size));
        wrong.push_back(good);
        wrong.back()[size] = static_cast<char>(wrong.back()[size] ^ 0x20);
    }
    for (const std::string& value : wrong) {
        process.client->send(process.loop, redis::Command("SET", key, value));
        const auto answer = process.get();
        EXPECT_FALSE(answer.found);
        EXPECT_TRUE(answer.has_answered) << "it can be made anew and kept";
        EXPECT_EQ(server.cli(concat({"EXISTS ", key})), "0");
    }
    process.client->send(process.loop, redis::Command("LPUSH", key, "a"));
    EXPECT_FALSE(process.get().found);
    EXPECT_EQ(process.counted("cache_redis_lookups_total{result=\"undecodable\"}"),
              static_cast<double>(wrong.size() + 1));
    EXPECT_EQ(process.counted("cache_undecodable_total{reason=\"wrong_type\"}"), 1);
    process.get_or_make("again");
    EXPECT_TRUE(process.get().found);
}

TEST(RedisStore, TooLargeOrUnstampedIsNotSent) {
    RedisServer server;
    Process process(server.address(), {.largest_value = 1000});
    EXPECT_FALSE(process.put(0));
    EXPECT_FALSE(process.put(1, std::string(1001, 'x')));
    EXPECT_FALSE(process.put(1, std::string(950, 'x'))) << "with its envelope";
    EXPECT_EQ(process.counted("cache_redis_puts_total{outcome=\"unstamped\"}"), 1);
    EXPECT_EQ(process.counted("cache_redis_puts_total{outcome=\"too_large\"}"), 2);
    sql::Generations elsewhere;
    ledger::Dependencies read;
    read.read({.source = &elsewhere, .name = "other", .item = 0, .number = 0}, true);
    EXPECT_FALSE(process.store.put(process.loop, KeyView("key"), {.fresh = 1s, .stamp = 1}, Binding(read)));
    EXPECT_EQ(process.counted("cache_redis_puts_total{outcome=\"foreign\"}"), 1);
}

TEST(RedisStore, ValuesEndInRedisWithTheirTime) {
    RedisServer server;
    Process process(server.address());
    process.get_or_make("value");
    const std::string key = concat({"brio:shop:1:", hash_of_key("key").text()});
    const auto left = std::stol(server.cli(concat({"PTTL ", key})));
    EXPECT_GT(left, 50'000);
    EXPECT_LE(left, 60'000);
}

TEST(RedisStore, ARedisThatIsGoneIsAMiss) {
    RedisServer server;
    Process process(server.address());
    process.get_or_make("x", "first");
    process.get_or_make("x", "second");
    process.get_or_make("value");
    server.kill();
    ASSERT_TRUE(turn_until(process.loop, [&] { return !process.store.is_usable(process.loop); }));
    const auto answer = process.get();
    EXPECT_FALSE(answer.found);
    EXPECT_FALSE(answer.has_answered);
    EXPECT_EQ(process.begin(), 0U);
    EXPECT_FALSE(process.put(5));
    EXPECT_GE(process.counted("cache_redis_lookups_total{result=\"unavailable\"}"), 1);
    server.start();
    ASSERT_TRUE(turn_until(process.loop, [&] { return process.store.is_usable(process.loop); }));
    process.get_or_make("again");
    EXPECT_EQ(process.get_or_make("more"), "again") << "a clock that lost its key goes on";
}

TEST(RedisStore, ErrorRepliesAreMisses) {
    for (const std::string_view error : {"-OOM command not allowed", "-READONLY You can't write", "-ERR no",
                                         "-MISCONF cannot save", "-NOPERM no permissions"}) {
        PeerServer server(1, [&](Peer& peer) {
            peer.greet();
            peer.read_command();
            peer.write(concat({error, "\r\n"}));
            peer.wait_until_closed();
        });
        Process process(server.address());
        const auto answer = process.get();
        EXPECT_FALSE(answer.found);
        EXPECT_EQ(process.counted("cache_redis_lookups_total{result=\"error\"}"), 1) << error;
        process.client.reset();
    }
}

}  // namespace
}  // namespace brio::cache
