#include <brio/cache/shared_rate_limits.hpp>

#include <gtest/gtest.h>

#include <brio/metrics/value_harness.hpp>
#include <brio/redis/test_peer.hpp>
#include <brio/redis/test_redis.hpp>

namespace brio::cache {
namespace {

using namespace std::chrono_literals;
using redis::test::Peer;
using redis::test::PeerServer;
using redis::test::RedisServer;
using redis::test::turn_until;

http::ClientDigest digest(unsigned char first) { return {first}; }

// One of the processes that share a limit of ten at once, one more each hour.
struct Process {
    explicit Process(const redis::Address& address, SharedRateLimitsOptions options = {.every = 1ms},
                     http::Buckets::Rules rules = ten_at_once())
        : client({.address = address, .timeout = 10s, .patience = 2s}, offload),
          limits(client, with_program(std::move(options))),
          buckets(std::move(rules)) {}

    static http::Buckets::Rules ten_at_once() {
        return {.gap = 1h, .burst = 10, .clients = 1024, .name = "rate_limit_test"};
    }

    SharedRateLimitsOptions with_program(SharedRateLimitsOptions options) {
        options.program = "shop";
        options.registry = &registry;
        return options;
    }
    // Of a client's own hash here, as each process has its own.
    http::Buckets::Taken take(unsigned char who, std::chrono::nanoseconds ago = 0ns) {
        loop.refresh_now();
        const auto taken = buckets.take(hash_of(who), loop.now() - ago);
        if (taken.has_news) {
            limits.tell(loop, buckets, hash_of(who), digest(who));
        }
        return taken;
    }
    std::uint64_t hash_of(unsigned char who) const { return who + salt; }
    std::uint64_t tokens(std::string_view counted) {
        return static_cast<std::uint64_t>(
            metrics::test::value_of(registry, "rate_limit_tokens_total", counted).value_or(0));
    }
    bool has_told(std::uint64_t all) {
        return turn_until(loop, [&] { return tokens("together") == all; });
    }

    metrics::Registry registry;
    metrics::Seat seat{registry};
    runtime::Loop loop;
    runtime::OffloadPool offload{{.threads = 1}};
    redis::Client client;
    SharedRateLimits limits;
    std::uint64_t salt = 1;
    http::Buckets buckets;
};

TEST(SharedRateLimits, WhatOneProcessLetInAnotherDoesNot) {
    RedisServer server;
    Process one(server.address());
    Process other(server.address());
    other.salt = 1000;
    for (int i = 0; i < 7; ++i) {
        EXPECT_TRUE(one.take('a').is_let_in);
    }
    ASSERT_TRUE(one.has_told(7));
    EXPECT_EQ(other.take('a').left, 9U) << "it does not wait to hear";
    ASSERT_TRUE(other.has_told(1));
    EXPECT_EQ(other.take('a').left, 1U);
    EXPECT_EQ(other.take('a').left, 0U);
    EXPECT_FALSE(other.take('a').is_let_in);
    EXPECT_EQ(other.take('b').left, 9U) << "another client";
    ASSERT_TRUE(other.has_told(4));
    one.take('a');
    ASSERT_TRUE(one.has_told(8));
    EXPECT_FALSE(one.take('a').is_let_in) << "and it heard of theirs";
}

TEST(SharedRateLimits, WhatWasLetInTooMuchIsADebt) {
    RedisServer server;
    Process one(server.address());
    Process other(server.address());
    for (Process* each : {&one, &other}) {
        while (each->take('a').is_let_in) {
        }
    }
    ASSERT_TRUE(one.has_told(10));
    ASSERT_TRUE(other.has_told(10));
    const auto again = other.take('a').again;
    EXPECT_GT(again, 10h) << "ten too many, one an hour";
    EXPECT_LE(again, 11h);
}

// Each lets in one in each gap, which its own bucket never feels.
TEST(SharedRateLimits, WhatCameBackToEachAloneHasNotComeBackToAll) {
    RedisServer server;
    const http::Buckets::Rules rules{.gap = 10s, .burst = 64, .clients = 1024, .name = "rate_limit_test"};
    Process one(server.address(), {.every = 1ms}, rules);
    Process other(server.address(), {.every = 1ms}, rules);
    for (Process* each : {&one, &other}) {
        for (const auto ago : {15s, 10s, 5s}) {
            each->take('a', 2 * ago);
        }
        EXPECT_EQ(each->take('a').left, 63U);
        ASSERT_TRUE(each->has_told(4));
    }
    EXPECT_EQ(other.take('a').left, 58U) << "five of eight are missing, and this one";
    one.take('b', 20s);
    one.take('b', 20s);
    one.take('b', 20s);
    one.take('b');
    ASSERT_TRUE(one.has_told(8));
    EXPECT_EQ(one.take('b').left, 61U) << "where nobody else took any, two of four have come back";
}

TEST(SharedRateLimits, ManyClientsAreToldInAFewScripts) {
    RedisServer server;
    Process process(server.address());
    std::uint64_t clients = 0;
    for (int i = 0; i < 200; ++i) {
        for (int times = 0; times < 5; ++times) {
            process.take(static_cast<unsigned char>(i));
        }
        ++clients;
    }
    EXPECT_EQ(process.limits.limit().used(), clients);
    ASSERT_TRUE(process.has_told(1000));
    EXPECT_EQ(process.limits.limit().used(), 0U);
    EXPECT_EQ(server.cli("DBSIZE"), "200");
    const std::string key = concat({"brio:shop:rate_limit_test:07", std::string(30, '0')});
    const auto left = std::stol(server.cli(concat({"PTTL ", key})));
    EXPECT_GT(left, 15 * 3'600'000L - 60'000) << "until the bucket is full, and ten hours more";
    EXPECT_LE(left, 15 * 3'600'000L + 1);
}

TEST(SharedRateLimits, WhatRedisForgotIsAFullBucket) {
    RedisServer server;
    Process process(server.address());
    for (int i = 0; i < 10; ++i) {
        process.take('a');
    }
    ASSERT_TRUE(process.has_told(10));
    server.cli("FLUSHALL");
    EXPECT_FALSE(process.take('a').is_let_in) << "as far as it knows itself";
    Process other(server.address());
    EXPECT_EQ(other.take('a').left, 9U);
}

TEST(SharedRateLimits, WhatIsFromATimeBeforeTheClockWasSetBackIsAFullBucket) {
    RedisServer server;
    server.cli(concat({"SET brio:shop:rate_limit_test:61", std::string(30, '0'), " 900000000000000.000"}));
    Process process(server.address());
    process.take('a');
    ASSERT_TRUE(process.has_told(1));
    EXPECT_EQ(process.take('a').left, 8U);
}

TEST(SharedRateLimits, WithoutRedisEachProcessCountsForItself) {
    RedisServer server;
    Process process(server.address());
    process.take('a');
    ASSERT_TRUE(process.has_told(1));
    server.kill();
    ASSERT_TRUE(turn_until(process.loop, [&] { return !process.client.is_usable(process.loop); }));
    for (std::uint64_t left = 9; left-- > 0;) {
        EXPECT_EQ(process.take('a').left, left);
    }
    EXPECT_FALSE(process.take('a').is_let_in);
    EXPECT_EQ(process.tokens("alone"), 9U);
    server.start();
    ASSERT_TRUE(turn_until(process.loop, [&] { return process.client.is_usable(process.loop); }));
    EXPECT_TRUE(process.take('b').is_let_in);
    ASSERT_TRUE(process.has_told(2));
    EXPECT_EQ(process.tokens("alone"), 9U) << "what was taken without the others they are not told";
}

TEST(SharedRateLimits, AnswersThatAreNoneAreCountedAlone) {
    for (const std::string_view answer : {"-OOM command not allowed\r\n", "*0\r\n", "$2\r\nno\r\n"}) {
        PeerServer server(1, [&](Peer& peer) {
            peer.greet();
            peer.read_command();
            peer.write(answer);
            peer.wait_until_closed();
        });
        {
            Process process(server.address());
            process.take('a');
            EXPECT_TRUE(turn_until(process.loop, [&] { return process.tokens("alone") == 1; })) << answer;
            EXPECT_EQ(process.take('a').left, 8U) << "what it counted itself stays";
        }
    }
}

TEST(SharedRateLimits, WhatIsTooMuchToTellIsCountedAlone) {
    RedisServer server;
    Process process(server.address(), {.every = 1ms, .waiting = 2});
    for (unsigned char client = 1; client <= 3; ++client) {
        EXPECT_TRUE(process.take(client).is_let_in);
    }
    EXPECT_EQ(process.limits.limit().refused(), 1U);
    EXPECT_EQ(process.tokens("alone"), 1U);
    ASSERT_TRUE(process.has_told(2));
}

}  // namespace
}  // namespace brio::cache
