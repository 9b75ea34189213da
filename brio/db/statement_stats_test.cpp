#include <brio/db/statement_stats.hpp>

#include <thread>

#include <gtest/gtest.h>

namespace brio::db {
namespace {

const sql::Statement& by_id() {
    static const sql::Statement made({.name = "users by id"},
                                     [](sql::Dialect) { return std::string("SELECT 1"); });
    return made;
}
const sql::Statement& total() {
    static const sql::Statement made({.name = "users total"},
                                     [](sql::Dialect) { return std::string("SELECT 2"); });
    return made;
}

TEST(StatementStats, AddsUpWhatAPairCost) {
    StatementStats stats({});
    runtime::Loop loop;
    stats.count(loop, by_id(), "/a", {.rows = 1, .waited_ns = 5, .took_ns = 1000, .decoded_ns = 7});
    stats.count(loop, by_id(), "/a", {.rows = 2, .waited_ns = 6, .took_ns = 3000, .failed = true});
    const auto records = stats.records();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].statement, &by_id());
    EXPECT_EQ(records[0].work, "/a");
    EXPECT_EQ(records[0].count, 2u);
    EXPECT_EQ(records[0].failed, 1u);
    EXPECT_EQ(records[0].rows, 3u);
    EXPECT_EQ(records[0].waited_ns, 11u);
    EXPECT_EQ(records[0].took_ns, 4000u);
    EXPECT_EQ(records[0].decoded_ns, 7u);
    EXPECT_EQ(records[0].slowest_ns, 3000u);
    EXPECT_EQ(records[0].mean_ns(), 2000u);
}

TEST(StatementStats, TellsRoutesApartAndPutsTheCostliestFirst) {
    StatementStats stats({});
    runtime::Loop loop;
    stats.count(loop, by_id(), "/a", {.took_ns = 10});
    stats.count(loop, by_id(), "/b", {.took_ns = 30});
    stats.count(loop, total(), "/a", {.took_ns = 20});
    const auto records = stats.records();
    ASSERT_EQ(records.size(), 3u);
    EXPECT_EQ(records[0].work, "/b");
    EXPECT_EQ(records[1].statement, &total());
    EXPECT_EQ(records[2].work, "/a");
}

TEST(StatementStats, ThreadsCountOnLoopsOfTheirOwnAndAreAddedUp) {
    StatementStats stats({});
    constexpr int threads = 4;
    std::array<runtime::Loop, threads> loops;
    {
        std::vector<std::jthread> running;
        for (int i = 0; i < threads; ++i) {
            running.emplace_back([&stats, &loop = loops[static_cast<std::size_t>(i)]] {
                for (int n = 0; n < 1000; ++n) {
                    stats.count(loop, by_id(), "/a", {.rows = 1, .took_ns = 2000});
                }
            });
        }
        EXPECT_LE(stats.records().size(), 1u);  // while they write
    }
    const auto records = stats.records();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].count, 4000u);
    EXPECT_EQ(records[0].took_ns, 8'000'000u);
}

TEST(StatementStats, PairsBeyondTheLimitAreCountedTogether) {
    StatementStats stats({.most_series = 2});
    runtime::Loop loop;
    for (const auto* work : {"/a", "/b", "/c", "/d", "/e", "/f", "/c", "/a"}) {
        stats.count(loop, by_id(), work, {.took_ns = 10});
    }
    const auto records = stats.records();
    ASSERT_EQ(records.size(), 3u);
    EXPECT_EQ(records[0].statement, nullptr);
    EXPECT_EQ(records[0].count, 5u);
    EXPECT_EQ(records[1].count, 2u);
    EXPECT_EQ(stats.series_limit().used(), 2u);
    EXPECT_GT(stats.series_limit().refused(), 0u);
}

TEST(StatementStats, TheSameRouteUnderAnotherAddressIsTheSameRoute) {
    StatementStats stats({});
    runtime::Loop loop;
    stats.count(loop, by_id(), std::string("/api/a-long-pattern/{id}"), {.took_ns = 10});
    stats.count(loop, by_id(), std::string("/api/a-long-pattern/") + "{id}", {.took_ns = 10});
    EXPECT_EQ(stats.records().size(), 1u);
}

TEST(StatementStats, ShowsTheirDurationsAsMetrics) {
    metrics::Registry registry;
    StatementStats stats({.registry = &registry});
    runtime::Loop loop;
    stats.count(loop, by_id(), "/a", {.took_ns = 2'000'000});
    bool seen = false;
    registry.visit([&](const metrics::FamilyView& family) {
        if (family.spec.name == "db_statement_duration_seconds") {
            ASSERT_EQ(family.series.size(), 1u);
            EXPECT_EQ(family.series[0].label_text, R"(statement="users by id",endpoint="/a")");
            EXPECT_EQ(family.series[0].sum_ns, 2'000'000u);
            seen = true;
        }
    });
    EXPECT_TRUE(seen);
}

TEST(TimeSpread, AQuantileIsWithinAnEighth) {
    for (const std::uint64_t ns : {512ull, 9'000ull, 1'000'000ull, 123'456'789ull, 30'000'000'000ull}) {
        TimeSpread spread;
        spread.add(ns);
        TimeSpread::Counts counts{};
        spread.add_to(counts);
        const auto found = static_cast<double>(TimeSpread::quantile(counts, 0.95));
        EXPECT_NEAR(found / static_cast<double>(ns), 1.0, 0.125) << ns;
    }
}

TEST(TimeSpread, BucketsFollowEachOtherWithoutAGap) {
    std::size_t before = 0;
    for (std::uint64_t ns = 1; ns < 80'000'000'000; ns += ns / 50 + 1) {
        const auto bucket = TimeSpread::bucket_of(ns);
        EXPECT_LE(bucket, before + 1) << ns;
        EXPECT_GE(bucket, before) << ns;
        before = bucket;
    }
    EXPECT_EQ(before, TimeSpread::buckets - 1);
}

}  // namespace
}  // namespace brio::db
