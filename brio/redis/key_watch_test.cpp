#include <brio/redis/key_watch.hpp>

#include <gtest/gtest.h>

#include <brio/redis/client.hpp>
#include <brio/redis/test_redis.hpp>
#include <brio/runtime/run.hpp>

namespace brio::redis {
namespace {

using test::RedisServer;
using test::turn_until;

struct Fixture {
    explicit Fixture(const RedisServer& server)
        : client({.address = server.address()}, *offload),
          watch(client.watch(loop, [this] { ++changes; })) {}
    bool is_watching() {
        return turn_until(loop, [&] { return watch->is_watching(); });
    }
    std::int64_t look(std::string_view key) {
        const auto replies =
            runtime::run(loop, [](KeyWatch& at, std::string_view its_key) -> Async<std::vector<Reply>> {
                std::vector<Command> commands;
                commands.emplace_back("EXISTS", its_key);
                co_return *co_await at.look(std::move(commands));
            }(*watch, key));
        return replies.front().integer().value_or(-1);
    }
    bool hears(int count) {
        return turn_until(loop, [&] { return changes >= count; });
    }

    runtime::Loop loop;
    std::unique_ptr<runtime::OffloadPool> offload =
        std::make_unique<runtime::OffloadPool>(runtime::OffloadPool::Options{.threads = 1});
    int changes = 0;
    Client client;
    std::unique_ptr<KeyWatch> watch;
};

TEST(KeyWatch, TellsOnceOfEachKeyThatChangedSinceALook) {
    RedisServer server;
    Fixture fixture(server);
    ASSERT_TRUE(fixture.is_watching());
    fixture.changes = 0;
    EXPECT_EQ(fixture.look("list"), 0);
    server.cli("LPUSH other a");
    server.cli("LPUSH list a");
    ASSERT_TRUE(fixture.hears(1));
    server.cli("LPUSH list b");
    EXPECT_EQ(fixture.look("list"), 1);
    EXPECT_EQ(fixture.changes, 1) << "nobody had looked since";
    server.cli("EVAL \"redis.call('RPOP', 'list')\" 0");
    EXPECT_TRUE(fixture.hears(2));
}

TEST(KeyWatch, AServerThatIsEmptiedHasChanged) {
    RedisServer server;
    Fixture fixture(server);
    ASSERT_TRUE(fixture.is_watching());
    fixture.look("list");
    fixture.changes = 0;
    server.cli("FLUSHALL");
    EXPECT_TRUE(fixture.hears(1));
}

TEST(KeyWatch, WatchesAgainAfterItsConnectionsBroke) {
    RedisServer server;
    Fixture fixture(server);
    for (const std::string_view type : {"pubsub", "normal"}) {
        ASSERT_TRUE(fixture.is_watching());
        fixture.look("list");
        fixture.changes = 0;
        server.cli(concat({"CLIENT KILL TYPE ", type}));
        ASSERT_TRUE(fixture.hears(1)) << "something may have been missed";
    }
    server.kill();
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return !fixture.watch->is_watching(); }));
    server.start();
    ASSERT_TRUE(fixture.is_watching());
    fixture.look("list");
    fixture.changes = 0;
    server.cli("LPUSH list a");
    EXPECT_TRUE(fixture.hears(1));
}

TEST(KeyWatch, WithoutPermissionItDoesNotWatch) {
    RedisServer server;
    server.cli("ACL SETUSER default -client\\|tracking");
    Fixture fixture(server);
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return server.cli("ACL LOG").contains("tracking"); }));
    EXPECT_FALSE(fixture.watch->is_watching());
}

TEST(KeyWatch, EndsAtAnyTime) {
    RedisServer server;
    for (int turns = 0; turns < 12; ++turns) {
        Fixture fixture(server);
        for (int i = 0; i < turns; ++i) {
            fixture.loop.turn(std::chrono::milliseconds(1));
        }
        fixture.watch.reset();
        fixture.loop.turn(std::chrono::milliseconds(1));
    }
}

}  // namespace
}  // namespace brio::redis
