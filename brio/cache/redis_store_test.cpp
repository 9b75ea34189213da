#include <brio/cache/redis_store.hpp>

#include <gtest/gtest.h>

#include <brio/metrics/exposition.hpp>
#include <brio/redis/test_peer.hpp>
#include <brio/redis/test_redis.hpp>
#include <brio/runtime/run.hpp>

namespace brio::cache {
namespace {

using namespace std::chrono_literals;
using redis::test::Peer;
using redis::test::PeerServer;
using redis::test::RedisServer;
using redis::test::turn_until;

constexpr std::uint64_t some_type = 77;

/// One process of a service.
struct Process {
    explicit Process(const redis::Address& address, RedisStoreOptions options = {})
        : store(client_of(address), generations, with_program(std::move(options))),
          table(generations.slot("resources")) {}

    redis::Client& client_of(const redis::Address& address) {
        client.emplace(redis::ClientOptions{.address = address, .timeout = 10s, .patience = 2s}, offload);
        return *client;
    }
    RedisStoreOptions with_program(RedisStoreOptions options) {
        options.program = "shop";
        options.registry = &registry;
        return options;
    }
    RedisStore::Answer get(std::string_view key = "key") {
        auto call = [](RedisStore& from, std::string_view wanted) -> Async<RedisStore::Answer> {
            co_return co_await from.get({.key = KeyView(wanted), .type = some_type, .label = "GET /a"});
        };
        return runtime::run(loop, call(store, key));
    }
    Stamp begin() { return runtime::run(loop, store.begin()); }
    Binding binding() {
        ledger::Dependencies read;
        const auto generation = generations.read(table);
        read.read({.source = &generations, .name = "resources", .item = table, .number = generation.number},
                  generation.settled);
        return Binding(read);
    }
    bool put(Stamp stamp, std::string_view payload = "value", std::string_view key = "key",
             std::vector<std::string_view> tags = {}) {
        const bool sent = store.put(loop, KeyView(key),
                                    {.type = some_type,
                                     .made = wall_now(),
                                     .fresh = 60s,
                                     .stamp = stamp,
                                     .tags = std::move(tags),
                                     .payload = payload},
                                    binding());
        if (sent) {  // and there before anybody asks
            runtime::run(loop, [](redis::Client& on) -> Async<redis::Reply> {
                co_return co_await on.command("PING");
            }(*client));
        }
        return sent;
    }
    /// Looks up, and makes it when it is not there: what was found or made.
    std::string get_or_make(std::string_view made, std::string_view key = "key",
                            std::vector<std::string_view> tags = {}) {
        auto answer = get(key);
        if (answer.found) {
            return std::string(answer.found->envelope.payload);
        }
        put(begin(), made, key, std::move(tags));
        return std::string(made);
    }
    void write() {
        generations.begin_commit(std::span(&table, 1));
        generations.end_commit(std::span(&table, 1));
    }
    void listen() {
        store.listen(loop, {.cleared =
                                [this](const Clearing& clearing) {
                                    cleared.emplace_back(clearing.what, clearing.name);
                                },
                            .in_use =
                                [this](const auto& visit) {
                                    for (const auto& [what, name] : in_use) {
                                        visit(Clearing{.what = what, .name = name});
                                    }
                                }});
        EXPECT_TRUE(turn_until(loop, [&] { return store.is_listening(); }));
    }
    /// Told to the others when it returns.
    bool clear(Clearing::What what, std::string_view name) {
        if (!store.is_listening()) {
            listen();
        }
        store.clear({.what = what, .name = name});
        return turn_until(loop, [&] { return store.pending() == 0; });
    }
    double counted(std::string_view series) {
        Buffer text;
        metrics::write_exposition(text, registry, metrics::Exposition::prometheus);
        const auto at = text.view().find(concat({"\n", series, " "}));
        return at == std::string_view::npos
                   ? 0
                   : std::strtod(std::string(text.view().substr(at + series.size() + 2, 20)).c_str(),
                                 nullptr);
    }

    using Named = std::pair<Clearing::What, std::string>;
    metrics::Registry registry;
    runtime::Loop loop;
    runtime::OffloadPool offload{{.threads = 1}};
    sql::Generations generations;
    std::vector<Named> cleared;
    std::vector<Named> in_use;
    std::optional<redis::Client> client;
    RedisStore store;
    sql::Generations::Slot table;
};

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
    ASSERT_TRUE(turn_until(other.loop, [&] {
        one.loop.turn(1ms);
        return !other.cleared.empty();
    }));
    EXPECT_EQ(other.cleared[0], (Process::Named{Clearing::What::tag, "prices"}));
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
