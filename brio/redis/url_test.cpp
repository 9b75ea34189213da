#include <brio/redis/url.hpp>

#include <gtest/gtest.h>

namespace brio::redis {
namespace {

TEST(RedisUrl, NamesAHostAndHasDefaults) {
    const auto address = parse_url("redis://cache.internal");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->host, "cache.internal");
    EXPECT_EQ(address->port, 6379);
    EXPECT_EQ(address->database, 0U);
    EXPECT_EQ(address->text(), "cache.internal:6379");
}

TEST(RedisUrl, HasAUserAPasswordAPortAndADatabase) {
    const auto address = parse_url("redis://app:p%40ss%3a%2F@10.0.0.1:7000/3");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->user, "app");
    EXPECT_EQ(address->password, "p@ss:/");
    EXPECT_EQ(address->host, "10.0.0.1");
    EXPECT_EQ(address->port, 7000);
    EXPECT_EQ(address->database, 3U);
    EXPECT_EQ(address->text(), "10.0.0.1:7000/3") << "without the password";
}

TEST(RedisUrl, TakesAPasswordAlone) {
    const auto address = parse_url("redis://:secret@localhost/");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->user, "");
    EXPECT_EQ(address->password, "secret");
    EXPECT_EQ(address->host, "localhost");
}

TEST(RedisUrl, TakesIpv6InBrackets) {
    const auto address = parse_url("redis://[::1]:6380/1");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->host, "::1");
    EXPECT_EQ(address->port, 6380);
    EXPECT_EQ(address->text(), "[::1]:6380/1");
    EXPECT_EQ(parse_url("redis://[::1]")->port, 6379);
}

TEST(RedisUrl, TakesAUnixSocket) {
    const auto address = parse_url("unix:///run/redis/redis.sock?db=2");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->path, "/run/redis/redis.sock");
    EXPECT_EQ(address->database, 2U);
    EXPECT_EQ(address->text(), "/run/redis/redis.sock?db=2");
    const auto guarded = parse_url("unix://:secret@/run/redis.sock");
    ASSERT_TRUE(guarded);
    EXPECT_EQ(guarded->password, "secret");
    EXPECT_EQ(guarded->path, "/run/redis.sock");
}

TEST(RedisUrl, AMistakeSaysNothingOfAPassword) {
    for (const char* url : {"redis://:sec/ret@host", "redis://me:sec/ret@host", "redis://:sec?ret@host",
                            "redis://:sec#ret@host:1", "redis://:a@sec/ret@host", "redis://:sec%ret@host",
                            "unix://:sec/ret@/run/redis.sock"}) {
        const auto address = parse_url(url);
        ASSERT_FALSE(address) << url;
        EXPECT_FALSE(address.error().contains("sec") || address.error().contains("ret@")) << address.error();
    }
}

TEST(RedisUrl, WhatIsWrongIsSaidWithTheFormsThereAre) {
    const std::pair<std::string, std::string> cases[] = {
        {"http://localhost", "no URL of Redis"},
        {"", "no URL of Redis"},
        {"redis://", "no host"},
        {"redis://:6379", "no host"},
        {"redis://host:0", "port '0'"},
        {"redis://host:65536", "port '65536'"},
        {"redis://host:12x", "port '12x'"},
        {"redis://host/one", "database 'one'"},
        {"redis://host/-1", "database '-1'"},
        {"redis://host/0?protocol=3", "'?protocol=3' is not understood"},
        {"redis://::1", "no host"},
        {"redis://[::1", "brackets"},
        {"redis://[::1]6379", "brackets"},
        {"redis://user:%zz@host", "hexadecimal"},
        {"redis://user:%4@host", "hexadecimal"},
        {"redis://user@host", "user without a password"},
        {"rediss://host", "TLS"},
        {"unix://socket", "begins with '/'"},
        {"unix:///run/redis.sock?name=2", "'name=2' is not understood"},
        {"unix:///run/redis.sock?db=x", "'db=x' is not understood"},
        {"unix:///" + std::string(200, 'a'), "longer"},
    };
    for (const auto& [url, words] : cases) {
        const auto address = parse_url(url);
        ASSERT_FALSE(address) << url;
        EXPECT_NE(address.error().find(words), std::string::npos) << url << ": " << address.error();
        EXPECT_NE(address.error().find("redis://[user[:password]@]host"), std::string::npos) << url;
    }
}

}  // namespace
}  // namespace brio::redis
