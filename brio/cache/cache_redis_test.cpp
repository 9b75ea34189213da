// The query cache of two processes that share a Redis.
#include <gtest/gtest.h>

#include <brio/cache/cache.hpp>
#include <brio/redis/test_peer.hpp>
#include <brio/redis/test_redis.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/run.hpp>

namespace brio::cache {

namespace {

using namespace std::chrono_literals;
using redis::test::RedisServer;

struct Word {
    std::string text;
    std::int64_t number;
};

/// One process of a service.
struct Process {
    explicit Process(const redis::Address& address, std::uint64_t bytes = 1 << 20)
        : client({.address = address, .timeout = 10s, .patience = 2s}, offload),
          store(client, generations, {.program = "shop"}),
          caches({.bytes = bytes}) {
        caches.share_in(store);
        generations.slot("words");
    }
    /// What is there, or `made`.
    std::string get(std::string_view made, std::string_view key = "word") {
        auto load = [this, made]() -> Async<Word> {
            ++runs;
            auto& work = co_await runtime::current_work;
            const auto slot = generations.slot("words");
            const auto now = generations.read(slot);
            work.dependencies->read({&generations, "words", slot, now.number}, now.settled);
            co_return Word{std::string(made), 1};
        };
        const auto word = runtime::run(loop, Cache(caches).get_or_set(Key::of(key), 60s, load));
        ping();
        return word.text;
    }
    /// What was sent has come in.
    void ping() {
        runtime::run(loop, [](redis::Client& on) -> Async<redis::Reply> {
            co_return co_await on.command("PING");
        }(client));
    }
    void write() {
        const auto slot = generations.slot("words");
        generations.begin_commit(std::span(&slot, 1));
        generations.end_commit(std::span(&slot, 1));
    }

    runtime::Loop loop;
    runtime::OffloadPool offload{{.threads = 1}};
    sql::Generations generations;
    redis::Client client;
    RedisStore store;
    Caches caches;
    int runs = 0;
};

struct CacheInRedis : testing::Test {
    RedisServer server;
    Process one{server.address()};
    Process other{server.address()};
};

/// A process gives only what was begun after it first asked about a table.
void get_acquainted(Process& process) {
    process.get("x", "first");
    process.get("x", "second");
    process.runs = 0;
}

TEST_F(CacheInRedis, WhatOneProcessMadeTheOtherIsGiven) {
    get_acquainted(one);
    get_acquainted(other);
    EXPECT_EQ(one.get("made by one"), "made by one");
    EXPECT_EQ(other.get("made by the other"), "made by one");
    EXPECT_EQ(other.get("made by the other"), "made by one");
    EXPECT_EQ(other.runs, 0);
    EXPECT_EQ(other.caches.memory().peek(Cache::own_key(Key::of("word")))->hits, 1);
}

TEST_F(CacheInRedis, AWriteEndsWhatIsShared) {
    get_acquainted(one);
    EXPECT_EQ(one.get("old"), "old");
    one.write();
    EXPECT_EQ(one.get("new"), "new");
    one.caches.memory().clear();
    EXPECT_EQ(one.get("newer"), "new");
}

TEST_F(CacheInRedis, AValueOfAnotherKindIsMadeAnew) {
    get_acquainted(one);
    EXPECT_EQ(one.get("a"), "a");
    runtime::run(one.loop, [](redis::Client& on) -> Async<redis::Reply> {
        auto keys = co_await on.command("KEYS", "brio:shop:1:*");
        for (const auto& key : keys.elements()) {
            co_await on.command("SET", key.text(), "\x80\x04\x95 a pickle");
        }
        co_return keys;
    }(one.client));
    one.caches.memory().clear();
    EXPECT_EQ(one.get("b"), "b");
    one.caches.memory().clear();
    EXPECT_EQ(one.get("c"), "b") << "replaced";
}

TEST_F(CacheInRedis, WithoutRoomHereTheSharedOneIsAskedEachTime) {
    Process none(server.address(), 0);
    get_acquainted(none);
    EXPECT_EQ(none.get("a"), "a");
    EXPECT_EQ(none.get("b"), "a");
    EXPECT_EQ(none.get("c"), "a");
    EXPECT_EQ(none.runs, 1);
}

TEST_F(CacheInRedis, ADroppedValueIsNotFetchedAgain) {
    get_acquainted(one);
    EXPECT_EQ(one.get("a"), "a");
    EXPECT_TRUE(Cache(one.caches).drop(Key::of("word")));
    EXPECT_EQ(one.get("b"), "b");
}

TEST_F(CacheInRedis, WhatCameFromThereWhileSomethingWasDroppedIsMadeAnew) {
    get_acquainted(one);
    get_acquainted(other);
    one.get("old");
    auto load = [this]() -> Async<Word> {
        ++other.runs;
        co_return Word{"new", 1};
    };
    runtime::Work work;
    work.loop = &other.loop;
    auto value = Cache(other.caches).get_or_set(Key::of("word"), 60s, load);
    value.start(work, [](void*) {}, nullptr);
    other.caches.clear_tag("letters");
    redis::test::turn_until(other.loop, [&] { return value.has_ended(); });
    EXPECT_EQ(value.result().text, "new");
    EXPECT_EQ(other.runs, 1);
}

TEST_F(CacheInRedis, ARenewalMakesItAnewThoughItIsThere) {
    get_acquainted(one);
    get_acquainted(other);
    one.get("old");
    const auto& subject = one.caches.queries().subject_of("values");
    auto load = [this]() -> Async<Word> {
        ++one.runs;
        co_return Word{"new", 1};
    };
    runtime::run(one.loop,
                 detail::renew<Word>({&one.caches, &subject, Cache::own_key(Key::of("word")), {}}, load));
    one.ping();
    EXPECT_EQ(one.runs, 2);
    EXPECT_EQ(one.get("unused"), "new");
    EXPECT_EQ(other.get("unused"), "new") << "it is shared";
}

TEST_F(CacheInRedis, WithoutRedisEachProcessKeepsItsOwn) {
    server.kill();
    EXPECT_EQ(one.runs, 0);
    auto load = [this]() -> Async<int> { co_return ++one.runs; };
    Cache cache(one.caches);
    EXPECT_EQ(runtime::run(one.loop, cache.get_or_set(Key::of("n"), 60s, load)), 1);
    EXPECT_EQ(runtime::run(one.loop, cache.get_or_set(Key::of("n"), 60s, load)), 1);
}

}  // namespace

}  // namespace brio::cache
