#include <brio/redis/connection.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <optional>

#include <brio/redis/test_peer.hpp>
#include <brio/redis/test_redis.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/within.hpp>

namespace brio::redis {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::PeerServer;
using test::turn_until;

constexpr CallOptions patient{.timeout = 20s};

/// The client's end; made after the server, which its own destruction lets end.
struct Fixture {
    explicit Fixture(Address address, SharedLimits limits = {}) : shared(limits) {
        options.address = std::move(address);
        options.connect_timeout = 20s;
        options.patience = 20s;
    }
    Connection& connection() {
        if (!made) {
            made.emplace(loop, resolver, shared, options);
        }
        return *made;
    }
    static Async<Outcome> attempt(Connection& connection, Command command, CallOptions call) {
        co_return co_await connection.attempt(std::move(command), call);
    }
    Outcome run(Command command, CallOptions call = patient) {
        return runtime::run(loop, attempt(connection(), std::move(command), call));
    }

    runtime::Loop loop;
    runtime::OffloadPool offload{{.threads = 1}};
    runtime::Resolver resolver{loop, offload, {}};
    Shared shared;
    ConnectionOptions options;
    std::optional<Connection> made;
};

TEST(RedisConnection, ReadsRepliesThatComeInPieces) {
    PeerServer server(1, [](Peer& peer) {
        peer.read_command();
        peer.write_in_bytes("+OK\r\n");
        peer.read_command();
        peer.write_in_bytes("*4\r\n$5\r\na\r\nbc\r\n:-7\r\n*2\r\n$-1\r\n+fine\r\n*0\r\n");
        peer.read_command();
        peer.write_in_bytes("$0\r\n\r\n");
    });
    Fixture fixture(server.address());
    const auto outcome = fixture.run(Command("X"));
    ASSERT_TRUE(outcome);
    const auto parts = outcome->elements();
    ASSERT_EQ(parts.size(), 4U);
    EXPECT_EQ(parts[0].text(), "a\r\nbc");
    EXPECT_EQ(parts[1].integer(), -7);
    ASSERT_EQ(parts[2].elements().size(), 2U);
    EXPECT_TRUE(parts[2].elements()[0].is_nil());
    EXPECT_EQ(parts[2].elements()[1].kind(), Reply::Kind::status);
    EXPECT_EQ(parts[3].kind(), Reply::Kind::array);
    const auto empty = fixture.run(Command("Y"));
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->kind(), Reply::Kind::text);
    EXPECT_EQ(empty->text(), "");
}

// Sends so many in one turn of the loop; gives how many came to the server in one piece.
std::size_t sent_together(int count) {
    std::atomic<std::size_t> together = 0;
    PeerServer server(1, [&](Peer& peer) {
        peer.greet();
        peer.read_command();
        peer.write("+first\r\n");
        together = peer.commands_in_one_read();
        for (auto came = together.load(); came < static_cast<std::size_t>(count);) {
            came += peer.commands_in_one_read();
        }
        for (int i = 0; i < count; ++i) {
            peer.write(concat({":", integer_text(i), "\r\n"}));
        }
    });
    Fixture fixture(server.address());
    EXPECT_TRUE(fixture.run(Command("FIRST")));
    auto many = [](Connection& connection, int number) -> Async<bool> {
        runtime::Scope scope(co_await runtime::current_work);
        bool in_order = true;
        auto one = [](Connection& on, int number, bool& good) -> Async<void> {
            const Reply reply = co_await on.command(Command("GET", number), patient);
            good = good && reply.integer() == number;
        };
        for (int i = 0; i < number; ++i) {
            scope.start(one(connection, i, in_order));
        }
        co_await scope.join();
        co_return in_order;
    };
    EXPECT_TRUE(runtime::run(fixture.loop, many(fixture.connection(), count)));
    server.join();
    return together;
}

TEST(RedisConnection, CommandsOfOneTurnLeaveInOneWrite) { EXPECT_EQ(sent_together(16), 16U); }

TEST(RedisConnection, SoManyDoNotWaitForTheTurnsEnd) { EXPECT_GE(sent_together(50), 16U); }

TEST(RedisConnection, ALateReplyIsThrownAwayInItsPlace) {
    PeerServer server(1, [](Peer& peer) {
        peer.greet();
        peer.read_command();
        peer.read_command();
        peer.write("*2\r\n$4\r\nlate\r\n*1\r\n$4\r\nlate\r\n$2\r\nin\r\n");
    });
    Fixture fixture(server.address());
    const auto late = fixture.run(Command("A"), {.timeout = 30ms});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().cause, Cause::timed_out);
    const auto in_time = fixture.run(Command("B"));
    ASSERT_TRUE(in_time);
    EXPECT_EQ(in_time->text(), "in");
    EXPECT_EQ(fixture.shared.in_flight.used(), 0U);
}

TEST(RedisConnection, AStoppedUnitOfWorkLeavesAndTheOthersGoOn) {
    PeerServer server(1, [](Peer& peer) {
        peer.greet();
        peer.read_command();
        peer.read_command();
        peer.write("$1\r\na\r\n$1\r\nb\r\n");
    });
    Fixture fixture(server.address());
    auto stopped = [](Connection& connection) -> Async<bool> {
        auto call = [](Connection& on) -> Async<bool> {
            co_await on.command(Command("A"), patient);
            co_return true;
        };
        const auto result = co_await runtime::within(10ms, call(connection));
        co_return !result.has_value();
    };
    EXPECT_TRUE(runtime::run(fixture.loop, stopped(fixture.connection())));
    const auto other = fixture.run(Command("B"));
    ASSERT_TRUE(other);
    EXPECT_EQ(other->text(), "b");
}

TEST(RedisConnection, WhatIsNotUnderstoodBreaksIt) {
    for (const std::string_view garbage :
         {"HTTP/1.1 400 Bad Request\r\n\r\n", "*1048577\r\n", "$-5\r\n", "*2\r\n$3\r\nabc\r\n@\r\n",
          "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"}) {
        PeerServer server(1, [&](Peer& peer) {
            peer.greet();
            peer.read_command();
            peer.write(garbage);
            peer.wait_until_closed();
        });
        Fixture fixture(server.address());
        const auto outcome = fixture.run(Command("A"));
        ASSERT_FALSE(outcome) << garbage;
        EXPECT_EQ(outcome.error().cause, Cause::unavailable) << garbage;
        EXPECT_TRUE(fixture.connection().is_broken());
        EXPECT_FALSE(fixture.run(Command("B"))) << "broken once, it stays broken";
        EXPECT_EQ(fixture.shared.in_flight.used(), 0U);
        EXPECT_EQ(fixture.shared.queued_bytes.used(), 0U);
    }
}

TEST(RedisConnection, AReplyLargerThanTheLimitBreaksIt) {
    PeerServer server(1, [](Peer& peer) {
        peer.greet();
        peer.read_command();
        peer.write("$100000000\r\n" + std::string(300'000, 'x'));
        peer.wait_until_closed();
    });
    Fixture fixture(server.address());
    fixture.options.replies.bytes = 200'000;
    const auto outcome = fixture.run(Command("A"));
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().what.find("larger"), std::string::npos) << outcome.error().what;
}

TEST(RedisConnection, WhatNobodyAskedForBreaksIt) {
    PeerServer server(1, [](Peer& peer) {
        peer.greet();
        peer.write("-ERR go away\r\n");
        peer.wait_until_closed();
    });
    Fixture fixture(server.address());
    fixture.connection();
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return fixture.connection().is_broken(); }));
    EXPECT_NE(fixture.connection().reason().find("ERR go away"), std::string::npos);
}

TEST(RedisConnection, AResetInTheMiddleOfAReplyFailsAllThatWait) {
    for (const std::size_t bytes : {0, 1, 5, 9, 40}) {
        PeerServer server(1, [&](Peer& peer) {
            peer.greet();
            peer.read_command();
            peer.write(("$40\r\n" + std::string(40, 'x')).substr(0, bytes));
            peer.reset();
        });
        Fixture fixture(server.address());
        auto both = [](Connection& connection) -> Async<int> {
            runtime::Scope scope(co_await runtime::current_work);
            int failed = 0;
            auto one = [](Connection& on, int& count) -> Async<void> {
                const auto outcome = co_await on.attempt(Command("A"), patient);
                count += !outcome && outcome.error().cause == Cause::unavailable ? 1 : 0;
            };
            scope.start(one(connection, failed));
            scope.start(one(connection, failed));
            co_await scope.join();
            co_return failed;
        };
        EXPECT_EQ(runtime::run(fixture.loop, both(fixture.connection())), 2) << bytes;
    }
}

TEST(RedisConnection, NothingIsSentWhereTheGreetingWasRefused) {
    std::atomic<bool> came = false;
    PeerServer server(1, [&](Peer& peer) {
        EXPECT_EQ(peer.read_command(), (Peer::Words{"AUTH", "app", "secret"}));
        EXPECT_EQ(peer.read_command(), (Peer::Words{"SELECT", "3"}));
        EXPECT_EQ(peer.read_command(), (Peer::Words{"CLIENT", "SETNAME", "shop"}));
        peer.write("+OK\r\n-ERR DB index is out of range\r\n+OK\r\n");
        came = !peer.read_command().empty();
    });
    {
        auto address = server.address();
        address.user = "app";
        address.password = "secret";
        address.database = 3;
        Fixture fixture(address);
        fixture.options.name = "shop";
        const auto outcome = fixture.run(Command("SET", "a", "b"));
        ASSERT_FALSE(outcome);
        EXPECT_NE(outcome.error().what.find("DB index"), std::string::npos) << outcome.error().what;
    }
    server.join();
    EXPECT_FALSE(came);
}

TEST(RedisConnection, ANameThatMayNotBeSetIsDoneWithout) {
    PeerServer server(1, [](Peer& peer) {
        peer.read_command();
        peer.write("-NOPERM this user has no permissions to run the 'client' command\r\n");
        peer.read_command();
        peer.write("+PONG\r\n");
    });
    Fixture fixture(server.address());
    EXPECT_TRUE(fixture.run(Command("PING")));
}

TEST(RedisConnection, ACommandThatWaitsTooLongBreaksIt) {
    PeerServer server(1, [](Peer& peer) {
        peer.greet();
        peer.read_command();
        peer.write("+one\r\n");
        peer.wait_until_closed();
    });
    Fixture fixture(server.address());
    fixture.options.patience = 50ms;
    ASSERT_TRUE(fixture.run(Command("ONE")));
    const auto late = fixture.run(Command("TWO"), {.timeout = 5ms});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().cause, Cause::timed_out);
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return fixture.connection().is_broken(); }));
    EXPECT_NE(fixture.connection().reason().find("no answer for"), std::string::npos);
}

TEST(RedisConnection, ConnectingHasALimitToo) {
    PeerServer server(1, [](Peer& peer) { peer.wait_until_closed(); });
    Fixture fixture(server.address());
    fixture.options.connect_timeout = 30ms;
    const auto outcome = fixture.run(Command("A"));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().cause, Cause::unavailable);
    EXPECT_NE(outcome.error().what.find("no connection within"), std::string::npos) << outcome.error().what;
}

TEST(RedisConnection, WhereNobodyListensIsSaid) {
    Address address;
    {
        PeerServer gone(0, [](Peer&) {});
        address = gone.address();
    }
    Fixture fixture(address);
    const auto outcome = fixture.run(Command("A"));
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().what.find("refused"), std::string::npos) << outcome.error().what;
    Fixture local(*parse_url("unix:///nowhere/redis.sock"));
    EXPECT_FALSE(local.run(Command("A")));
}

TEST(RedisConnection, MoreThanTheLimitsIsRefusedAtOnce) {
    PeerServer server(1, [](Peer& peer) { peer.wait_until_closed(); });
    Fixture fixture(server.address(), {.in_flight = 2, .queued_bytes = 1000});
    auto calls = [](Connection& connection) -> Async<void> {
        runtime::Scope scope(co_await runtime::current_work);
        auto waits = [](Connection& on) -> Async<void> {
            co_await on.attempt(Command("A"), {.timeout = 20ms});
        };
        scope.start(waits(connection));
        const auto large = co_await connection.attempt(Command("B", std::string(2000, 'x')), patient);
        EXPECT_FALSE(large);
        EXPECT_EQ(large.error().cause, Cause::overloaded);
        EXPECT_NE(large.error().what.find("redis_queued_bytes"), std::string::npos);
        scope.start(waits(connection));
        const auto third = co_await connection.attempt(Command("C"), patient);
        EXPECT_FALSE(third);
        EXPECT_EQ(third.error().cause, Cause::overloaded);
        co_await scope.join();
    };
    auto run = [&]() -> Async<bool> {
        co_await calls(fixture.connection());
        co_return true;
    };
    runtime::run(fixture.loop, run());
    fixture.made.reset();
    EXPECT_EQ(fixture.shared.in_flight.used(), 0U);
    EXPECT_EQ(fixture.shared.queued_bytes.used(), 0U);
}

TEST(RedisConnection, WhoIsResumedMayEndIt) {
    PeerServer server(1, [](Peer& peer) {
        peer.greet();
        peer.read_command();
        peer.read_command();
        peer.write("+a\r\n+b\r\n");
        peer.wait_until_closed();
    });
    Fixture fixture(server.address());
    auto owner = [](Fixture& of) -> Async<bool> {
        const Reply reply = co_await of.connection().command(Command("A"), patient);
        of.made.reset();
        co_return reply.text() == "b";
    };
    fixture.connection().send(fixture.loop, Command("B"));
    EXPECT_TRUE(runtime::run(fixture.loop, owner(fixture)));
}

TEST(RedisConnection, ABatchHasAllReplies) {
    PeerServer server(1, [](Peer& peer) {
        peer.greet();
        for (int i = 0; i < 3; ++i) {
            peer.read_command();
        }
        peer.write("$1\r\na\r\n-WRONGTYPE Operation against a key\r\n:3\r\n");
    });
    Fixture fixture(server.address());
    auto batch = [](Connection& connection) -> Async<std::vector<Reply>> {
        std::vector<Command> commands;
        commands.emplace_back("GET", "a");
        commands.emplace_back("GET", "list");
        commands.emplace_back("INCR", "n");
        auto replies = co_await connection.commands(std::move(commands), patient);
        const auto none = co_await connection.commands({});
        EXPECT_TRUE(none && none->empty());
        co_return std::move(*replies);
    };
    const auto replies = runtime::run(fixture.loop, batch(fixture.connection()));
    ASSERT_EQ(replies.size(), 3U);
    EXPECT_EQ(replies[0].text(), "a");
    EXPECT_TRUE(replies[1].is_error());
    EXPECT_EQ(error_kind(replies[1].text()), ErrorKind::wrong_type);
    EXPECT_EQ(replies[2].integer(), 3);
}

}  // namespace
}  // namespace brio::redis
