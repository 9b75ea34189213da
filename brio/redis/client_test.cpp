#include <brio/redis/client.hpp>

#include <gtest/gtest.h>

#include <brio/metrics/exposition.hpp>
#include <brio/redis/test_peer.hpp>
#include <brio/redis/test_redis.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>

namespace brio::redis {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::PeerServer;
using test::RedisServer;
using test::turn_until;

struct Fixture {
    explicit Fixture(Address address)
        : Fixture(ClientOptions{.address = std::move(address), .timeout = 10s, .patience = 20s}) {}
    explicit Fixture(ClientOptions options) : client(std::move(options), *offload) {}
    template <class... Arguments>
    Outcome attempt(std::string_view name, const Arguments&... arguments) {
        return runtime::run(loop, one(client, Command(name, arguments...), {}));
    }
    static Async<Outcome> one(Client& client, Command command, CallOptions options) {
        co_return co_await client.attempt(std::move(command), options);
    }
    /// Until a command is answered again.
    bool is_back() {
        return turn_until(loop, [&] { return attempt("PING").has_value(); });
    }

    runtime::Loop loop;
    std::unique_ptr<runtime::OffloadPool> offload =
        std::make_unique<runtime::OffloadPool>(runtime::OffloadPool::Options{.threads = 1});
    Client client;
};

TEST(RedisClient, StoresAndFindsAnyBytes) {
    RedisServer server;
    Fixture fixture(server.address());
    const std::string bytes = {'\0', '\r', '\n', '\xff'};
    EXPECT_EQ(fixture.attempt("SET", "key", bytes)->text(), "OK");
    EXPECT_EQ(fixture.attempt("GET", "key")->text(), bytes);
    EXPECT_TRUE(fixture.attempt("GET", "absent")->is_nil());
    EXPECT_EQ(fixture.attempt("INCRBY", "n", 41)->integer(), 41);
    EXPECT_EQ(fixture.attempt("GET", "n")->integer(), 41);
}

TEST(RedisClient, LargeValuesComeWhole) {
    RedisServer server;
    Fixture fixture(server.address());
    std::string value(5'000'000, 'x');
    value[3'000'000] = 'y';
    ASSERT_TRUE(runtime::run(fixture.loop,
                             Fixture::one(fixture.client, Command("SET", "large", value), {.timeout = 10s})));
    const auto found =
        runtime::run(fixture.loop, Fixture::one(fixture.client, Command("GET", "large"), {.timeout = 10s}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->text(), value);
}

TEST(RedisClient, ManyCommandsAtOnceEachHaveTheirOwnReply) {
    RedisServer server;
    Fixture fixture(server.address());
    auto many = [](Client& client) -> Async<int> {
        runtime::Scope scope(co_await runtime::current_work);
        int right = 0;
        auto one = [](Client& to, int number, int& good) -> Async<void> {
            for (int round = 0; round < 20; ++round) {
                const auto text = concat({integer_text(number), "-", integer_text(round)});
                const auto reply = co_await to.attempt(Command("ECHO", text), {.timeout = 20s});
                good += reply && reply->text() == text ? 1 : 0;
            }
        };
        for (int i = 0; i < 500; ++i) {
            scope.start(one(client, i, right));
        }
        co_await scope.join();
        co_return right;
    };
    EXPECT_EQ(runtime::run(fixture.loop, many(fixture.client)), 10'000);
    EXPECT_EQ(fixture.client.shared().in_flight.used(), 0U);
    EXPECT_EQ(fixture.client.shared().queued_bytes.used(), 0U);
}

TEST(RedisClient, ServesSeveralLoops) {
    RedisServer server;
    runtime::OffloadPool offload({.threads = 1});
    std::vector<std::unique_ptr<runtime::Loop>> loops;
    for (int i = 0; i < 3; ++i) {
        loops.push_back(std::make_unique<runtime::Loop>());
    }
    Client client({.address = server.address()}, offload);
    std::vector<std::thread> threads;
    for (auto& loop : loops) {
        threads.emplace_back([&client, &loop = *loop] {
            for (int i = 0; i < 200; ++i) {
                EXPECT_TRUE(runtime::run(loop, Fixture::one(client, Command("INCR", "n"), {.timeout = 20s})));
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(client.connected(), 3U);
    EXPECT_EQ(server.cli("GET n"), "600");
    EXPECT_EQ(client.shared().in_flight.used(), 0U);
}

TEST(RedisClient, FindsItsServerByNameAndBySocket) {
    RedisServer server;
    Fixture by_name(*parse_url(concat({"redis://localhost:", integer_text(server.port()), "/2"})));
    ASSERT_TRUE(by_name.is_back());
    EXPECT_TRUE(by_name.attempt("SET", "where", "two"));
    EXPECT_EQ(server.cli("-n 2 GET where"), "two");
    EXPECT_NE(server.cli("CLIENT LIST").find("name=brio"), std::string::npos);
    Fixture by_socket(*parse_url(concat({"unix://", server.socket_path(), "?db=2"})));
    EXPECT_EQ(by_socket.attempt("GET", "where")->text(), "two");
}

TEST(RedisClient, GivesItsPasswordAndSaysWhenItIsWrong) {
    RedisServer server({"--requirepass", "secret"});
    auto address = server.address();
    address.password = "secret";
    Fixture right(address);
    EXPECT_TRUE(right.attempt("PING"));
    address.password = "other";
    Fixture wrong(address);
    const auto outcome = wrong.attempt("PING");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().cause, Cause::unavailable);
    EXPECT_NE(outcome.error().what.find("WRONGPASS"), std::string::npos) << outcome.error().what;
    Fixture none(server.address());
    const auto refused = none.attempt("PING");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("NOAUTH"), std::string::npos) << refused.error().what;
}

TEST(RedisClient, RunsAScriptThatTheServerDoesNotKnowYet) {
    RedisServer server;
    Fixture fixture(server.address());
    static const Script script("return {KEYS[1], ARGV[1]}");
    for (int i = 0; i < 2; ++i) {
        const auto outcome = runtime::run(fixture.loop, fixture.client.run(script, {"k"}, {"v"}));
        ASSERT_TRUE(outcome) << outcome.error().what;
        EXPECT_EQ(outcome->elements()[0].text(), "k");
        EXPECT_EQ(outcome->elements()[1].text(), "v");
    }
    EXPECT_EQ(server.cli(concat({"SCRIPT EXISTS ", script.hash()})), "1");
}

TEST(RedisClient, WhatIsSentWithoutWaitingArrives) {
    RedisServer server;
    Fixture fixture(server.address());
    EXPECT_TRUE(fixture.client.send(fixture.loop, Command("SET", "a", "b")));
    EXPECT_EQ(fixture.attempt("GET", "a")->text(), "b");
}

TEST(RedisClient, AKilledServerIsLeftAloneUntilItIsBack) {
    RedisServer server;
    Fixture fixture(server.address());
    ASSERT_TRUE(fixture.attempt("PING"));
    server.kill();
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return !fixture.client.is_usable(fixture.loop); }));
    EXPECT_EQ(fixture.client.connected(), 0U);
    const auto refused = fixture.attempt("PING");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().cause, Cause::unavailable);
    EXPECT_FALSE(fixture.client.send(fixture.loop, Command("SET", "a", "b")));
    server.start();
    EXPECT_TRUE(fixture.is_back());
    EXPECT_EQ(fixture.client.connected(), 1U);
}

TEST(RedisClient, ALostConnectionIsReplacedWithoutAPause) {
    RedisServer server;
    Fixture fixture(server.address());
    ASSERT_TRUE(fixture.attempt("PING"));
    const auto since = fixture.loop.now();
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return fixture.loop.now() - since > 1100ms; }));
    server.cli("CLIENT KILL TYPE normal SKIPME yes");
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return fixture.client.connected() == 0; }));
    EXPECT_TRUE(fixture.client.is_usable(fixture.loop));
    EXPECT_TRUE(runtime::run(fixture.loop, Fixture::one(fixture.client, Command("PING"), {.timeout = 10s})));
}

TEST(RedisClient, AStoppedServerIsLeftAloneUntilItGoesOn) {
    RedisServer server;
    Fixture fixture(ClientOptions{.address = server.address()});
    ASSERT_TRUE(fixture.attempt("SET", "a", "b"));
    server.pause();
    std::size_t timed_out = 0;
    while (fixture.client.is_usable(fixture.loop)) {
        const auto outcome = fixture.attempt("GET", "a");
        ASSERT_FALSE(outcome);
        timed_out += outcome.error().cause == Cause::timed_out ? 1U : 0U;
    }
    EXPECT_EQ(timed_out, 5U);
    // long enough for its connection to be given up
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return fixture.client.connected() == 0; }));
    server.go_on();
    EXPECT_TRUE(fixture.is_back());
    EXPECT_EQ(fixture.attempt("GET", "a")->text(), "b");
}

TEST(RedisClient, WritesThatAreRefusedDoNotEndReads) {
    RedisServer server({"--maxmemory", "2mb", "--maxmemory-policy", "noeviction"});
    Fixture fixture(server.address());
    bool refused = false;
    for (int i = 0; i < 200 && !refused; ++i) {
        const auto outcome = fixture.attempt("SET", i, std::string(50'000, 'x'));
        refused = !outcome;
        if (refused) {
            EXPECT_EQ(outcome.error().kind, ErrorKind::out_of_memory) << outcome.error().what;
        }
    }
    ASSERT_TRUE(refused);
    for (int i = 0; i < 20; ++i) {
        EXPECT_FALSE(fixture.attempt("SET", "more", std::string(50'000, 'x')));
    }
    EXPECT_TRUE(fixture.client.is_usable(fixture.loop));
    EXPECT_TRUE(fixture.attempt("GET", 0));
}

TEST(RedisClient, AServerThatServesNobodyIsLeftAlone) {
    PeerServer server(1, [](Peer& peer) {
        peer.greet();
        for (int i = 0; i < 7; ++i) {  // five commands and two probes
            peer.read_command();
            peer.write("-LOADING Redis is loading the dataset in memory\r\n");
        }
        peer.read_command();
        peer.write("+PONG\r\n");
        peer.read_command();
        peer.write("$1\r\nb\r\n");
        peer.wait_until_closed();
    });
    metrics::Registry registry;
    Fixture fixture(
        ClientOptions{.address = server.address(), .timeout = 20s, .patience = 20s, .registry = &registry});
    for (int i = 0; i < 5; ++i) {
        const auto outcome = fixture.attempt("GET", "a");
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().kind, ErrorKind::loading);
    }
    EXPECT_FALSE(fixture.client.is_usable(fixture.loop));
    Buffer shown;
    metrics::write_exposition(shown, registry, metrics::Exposition::prometheus);
    const std::string text(shown.view());
    EXPECT_NE(text.find("redis_breaker_open 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("redis_errors_total{kind=\"loading\"} 5\n"), std::string::npos) << text;
    EXPECT_NE(text.find("redis_commands_total{outcome=\"error\"} 5\n"), std::string::npos) << text;
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return fixture.client.is_usable(fixture.loop); }));
    EXPECT_EQ(fixture.attempt("GET", "a")->text(), "b");
}

TEST(RedisClient, TheServersMaxclientsAreNoBug) {
    RedisServer server;
    Fixture first(server.address());
    ASSERT_TRUE(first.attempt("CONFIG", "SET", "maxclients", 1));
    Fixture second(server.address());
    const auto refused = second.attempt("PING");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().cause, Cause::unavailable);
    ASSERT_TRUE(first.attempt("CONFIG", "SET", "maxclients", 100));
    EXPECT_TRUE(second.is_back());
}

TEST(RedisClient, AnExceptionSaysWhatHappened) {
    RedisServer server;
    Fixture fixture(server.address());
    auto wrong = [](Client& client) -> Async<bool> {
        co_await client.command("LPUSH", "list", 1);
        try {
            co_await client.command("GET", "list");
        } catch (const ErrorReply& error) {
            co_return error.kind == ErrorKind::wrong_type;
        }
        co_return false;
    };
    EXPECT_TRUE(runtime::run(fixture.loop, wrong(fixture.client)));
}

}  // namespace
}  // namespace brio::redis
