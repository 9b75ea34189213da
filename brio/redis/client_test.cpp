#include <brio/redis/client.hpp>

#include <gtest/gtest.h>

#include <brio/redis/test_redis.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>

namespace brio::redis {
namespace {

using namespace std::chrono_literals;
using test::RedisServer;
using test::turn_until;

struct Fixture {
    explicit Fixture(Address address) : Fixture(ClientOptions{.address = std::move(address)}) {}
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

}  // namespace
}  // namespace brio::redis
