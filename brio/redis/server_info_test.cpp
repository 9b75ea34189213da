#include <brio/redis/server_info.hpp>

#include <gtest/gtest.h>

#include <brio/redis/client.hpp>
#include <brio/redis/test_redis.hpp>
#include <brio/runtime/run.hpp>

namespace brio::redis {
namespace {

TEST(RedisServerInfo, ReadsTheLinesOfInfo) {
    const auto info = parse_info(
        "# Server\r\nredis_version:7.0.15\r\nos:Linux\r\n\r\n# Memory\r\nused_memory:1024\r\n"
        "maxmemory:104857600\r\nmaxmemory_policy:allkeys-lru\r\n# Replication\r\nrole:master");
    EXPECT_EQ(info.version, "7.0.15");
    EXPECT_EQ(info.role, "master");
    EXPECT_EQ(info.memory, 1024U);
    EXPECT_EQ(info.maxmemory, 104'857'600U);
    EXPECT_EQ(info.maxmemory_policy, "allkeys-lru");
    EXPECT_EQ(parse_info("").version, "");
    EXPECT_EQ(parse_info("\n\n:\nredis_version").version, "");
}

TEST(RedisServerInfo, ACacheMustBeAbleToEvict) {
    EXPECT_NE(trouble_as_cache({.maxmemory = 0, .maxmemory_policy = "allkeys-lru"}).find("no maxmemory"),
              std::string::npos);
    EXPECT_NE(trouble_as_cache({.maxmemory = 1, .maxmemory_policy = "noeviction"}).find("evicts nothing"),
              std::string::npos);
    EXPECT_NE(trouble_as_cache({.role = "slave", .maxmemory = 1}).find("replica"), std::string::npos);
    EXPECT_EQ(trouble_as_cache({.role = "master", .maxmemory = 1, .maxmemory_policy = "volatile-ttl"}), "");
}

TEST(RedisServerInfo, IsAskedOfARealServer) {
    test::RedisServer server({"--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lfu"});
    runtime::Loop loop;
    runtime::OffloadPool offload({.threads = 1});
    Client client({.address = server.address()}, offload);
    const auto info = runtime::run(loop, ask_info(client, {.timeout = std::chrono::seconds(10)}));
    ASSERT_TRUE(info);
    EXPECT_TRUE(info->version.starts_with("7.")) << info->version;
    EXPECT_EQ(info->role, "master");
    EXPECT_EQ(info->maxmemory, 10U * 1024 * 1024);
    EXPECT_EQ(trouble_as_cache(*info), "");
}

}  // namespace
}  // namespace brio::redis
