#include <brio/redis/subscription.hpp>

#include <gtest/gtest.h>

#include <brio/redis/client.hpp>
#include <brio/redis/test_redis.hpp>

namespace brio::redis {
namespace {

using test::RedisServer;
using test::turn_until;

struct Fixture {
    explicit Fixture(const RedisServer& server)
        : client({.address = server.address()}, *offload),
          subscription(client.subscribe(
              loop, "news",
              {.message = [this](std::string_view payload) { messages.emplace_back(payload); },
               .listening = [this] { ++listened; },
               .lost = [this] { ++lost; }})) {}
    bool hears(std::size_t count) {
        return turn_until(loop, [&] { return messages.size() >= count; });
    }

    runtime::Loop loop;
    std::unique_ptr<runtime::OffloadPool> offload =
        std::make_unique<runtime::OffloadPool>(runtime::OffloadPool::Options{.threads = 1});
    std::vector<std::string> messages;
    int listened = 0;
    int lost = 0;
    Client client;
    std::unique_ptr<Subscription> subscription;
};

TEST(RedisSubscription, ReceivesWhatIsPublished) {
    RedisServer server;
    Fixture fixture(server);
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return fixture.listened == 1; }));
    EXPECT_TRUE(fixture.subscription->is_listening());
    server.cli("PUBLISH news one");
    server.cli("PUBLISH other two");
    server.cli("PUBLISH news ''");
    ASSERT_TRUE(fixture.hears(2));
    EXPECT_EQ(fixture.messages, (std::vector<std::string>{"one", ""}));
}

TEST(RedisSubscription, TellsThatItListensAgainAfterAGap) {
    RedisServer server;
    Fixture fixture(server);
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return fixture.listened == 1; }));
    server.kill();
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return !fixture.subscription->is_listening(); }));
    EXPECT_EQ(fixture.lost, 1);
    server.start();
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return fixture.listened == 2; }));
    server.cli("PUBLISH news again");
    ASSERT_TRUE(fixture.hears(1));
    EXPECT_EQ(fixture.messages.back(), "again");
}

TEST(RedisSubscription, GoesOnWhileTheProgramHasTooMuchUnderWay) {
    RedisServer server;
    Fixture fixture(server);
    auto& in_flight = fixture.client.shared().in_flight;
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return fixture.listened == 1; }));
    ASSERT_TRUE(in_flight.try_take(in_flight.most() - in_flight.used()));
    ASSERT_TRUE(turn_until(fixture.loop, [&] { return in_flight.refused() != 0; })) << "it asks each second";
    fixture.loop.turn(std::chrono::milliseconds(1));
    EXPECT_TRUE(fixture.subscription->is_listening());
    EXPECT_EQ(fixture.lost, 0);
    in_flight.give_back(in_flight.used());
}

TEST(RedisSubscription, EndsAtAnyTime) {
    RedisServer server;
    for (int turns = 0; turns < 8; ++turns) {
        Fixture fixture(server);
        for (int i = 0; i < turns; ++i) {
            fixture.loop.turn(std::chrono::milliseconds(1));
        }
        fixture.subscription.reset();
        fixture.loop.turn(std::chrono::milliseconds(1));
    }
}

}  // namespace
}  // namespace brio::redis
