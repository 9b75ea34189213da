#include <brio/app/doctor.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::app {
namespace {

using enum Finding::Verdict;
using ::testing::HasSubstr;

constexpr std::uint64_t mebibyte = 1024 * 1024;

TEST(Doctor, ARedisThatSuitsACacheIsWell) {
    auto const finding = judge_redis("cache:6379", redis::ServerInfo{.version = "7.0.15",
                                                                     .role = "master",
                                                                     .memory = 12 * mebibyte,
                                                                     .maxmemory = 100 * mebibyte,
                                                                     .maxmemory_policy = "allkeys-lfu"});
    EXPECT_EQ(finding.verdict, well);
    EXPECT_EQ(finding.words, "cache:6379 answers: Redis 7.0.15, 12 MiB in use of 100, allkeys-lfu");
}

TEST(Doctor, ARedisThatCannotEvictIsWorthANote) {
    auto const finding = judge_redis(
        "cache:6379",
        redis::ServerInfo{
            .version = "7.0.15", .role = "master", .maxmemory = mebibyte, .maxmemory_policy = "noeviction"});
    EXPECT_EQ(finding.verdict, note);
    EXPECT_THAT(finding.words, HasSubstr("allkeys-lru"));
}

TEST(Doctor, ARedisThatDoesNotAnswerIsWrong) {
    auto const finding =
        judge_redis("cache:6379", std::unexpected(redis::Failure{.cause = redis::Cause::unavailable,
                                                                 .what = "Redis: Connection refused"}));
    EXPECT_EQ(finding.verdict, wrong);
    EXPECT_THAT(finding.words, HasSubstr("Connection refused"));
}

TEST(Doctor, ABrokerThatDoesNotAnswerIsWrongAndOneThatMayLoseTasksIsWorthANote) {
    auto const away = judge_broker("Redis tasks:6379/0", std::unexpected("Connection refused"));
    EXPECT_EQ(away.verdict, wrong);
    EXPECT_THAT(away.words, HasSubstr("Connection refused"));
    auto const forgets = judge_broker("Redis tasks:6379/0",
                                      tasks::Durability{.is_durable = false, .words = "set appendonly yes"});
    EXPECT_EQ(forgets.verdict, note);
    EXPECT_EQ(forgets.words, "Redis tasks:6379/0: set appendonly yes");
    EXPECT_EQ(judge_broker("Redis tasks:6379/0", tasks::Durability{}).verdict, well);
}

TEST(Doctor, ProcessesThatAreGoneOrOfOtherVersionsAreNoted) {
    using enum Finding::Verdict;
    EXPECT_EQ(judge_instances("Redis r", watch::InstanceSum{.servers = 2, .workers = 3}).words,
              "5 processes of this service are up (2 of the API, 3 of tasks), as Redis r has it");
    EXPECT_EQ(judge_instances("Redis r", watch::InstanceSum{.servers = 1}).verdict, well);
    EXPECT_EQ(judge_instances("Redis r", watch::InstanceSum{.servers = 1, .gone = 1}).verdict, note);
    EXPECT_EQ(judge_instances("Redis r", watch::InstanceSum{.servers = 2, .versions = {"1", "2"}}).verdict,
              note);
    EXPECT_EQ(judge_instances("Redis r", std::unexpected("away")).words,
              "Redis r does not say which are up: away");
}

}  // namespace
}  // namespace brio::app
