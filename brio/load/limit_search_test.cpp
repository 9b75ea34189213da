#include <brio/load/limit_search.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include <brio/base/random.hpp>

namespace brio::load {
namespace {

/// A server that holds its goal below a limit: by chance near it, and with hiccups anywhere.
struct SimulatedServer {
    double limit;
    double slope = 0.02;
    double hiccups = 0.05;
    Random random;

    TrialStanding trial(double rate) {
        auto const held = 1 / (1 + std::exp(std::log(rate / limit) / slope));
        if (random.uniform() < hiccups) {
            return TrialStanding::missed;
        }
        if (std::abs(held - 0.5) < 0.15) {
            return TrialStanding::unsure;
        }
        return random.uniform() < held ? TrialStanding::held : TrialStanding::missed;
    }
};

struct Found {
    LimitRange range;
    int trials = 0;
    double highest = 0;  // that was tried
};
Found search(SimulatedServer server, const SearchOptions& options = {}) {
    LimitSearch search(options);
    Found found;
    while (auto const rate = search.next()) {
        found.highest = std::max(found.highest, *rate);
        search.add(*rate, server.trial(*rate));
        ++found.trials;
    }
    found.range = search.range();
    return found;
}

TEST(LimitSearch, FindsTheLimitOfAQuietServer) {
    for (double const limit : {3.0, 240.0, 1'850.0, 18'400.0, 410'000.0}) {
        auto const found = search({.limit = limit, .hiccups = 0, .random = Random(7)});
        EXPECT_NEAR(found.range.rate / limit, 1, 0.05) << limit;
        EXPECT_FALSE(found.range.is_at_least);
        EXPECT_LE(found.highest, std::max(100.0, 2.01 * limit)) << limit;
    }
}

TEST(LimitSearch, FindsItAmongHiccups) {
    int inside = 0;
    int near = 0;
    int trials = 0;
    constexpr int runs = 200;
    for (int run = 0; run < runs; ++run) {
        auto const limit = 500.0 * (1 + run);
        auto const found = search({.limit = limit, .random = Random(static_cast<std::uint64_t>(run))});
        inside += found.range.low * 0.99 <= limit && limit <= found.range.high * 1.01 ? 1 : 0;
        near += std::abs(found.range.rate / limit - 1) < 0.08 ? 1 : 0;
        trials += found.trials;
    }
    RecordProperty("inside", inside);
    RecordProperty("trials_each", trials / runs);
    EXPECT_GE(inside, 170);
    EXPECT_GE(near, 190);
    EXPECT_LE(trials / runs, 22);
}

TEST(LimitSearch, OneHiccupInTheRampDoesNotEndIt) {
    LimitSearch search({});
    search.add(100, TrialStanding::missed);
    SimulatedServer server{.limit = 20'000, .hiccups = 0, .random = Random(1)};
    while (auto const rate = search.next()) {
        search.add(*rate, server.trial(*rate));
    }
    EXPECT_NEAR(search.range().rate, 20'000, 1'200);
}

TEST(LimitSearch, SaysAtLeastWhenTheGeneratorGoesNoFurther) {
    LimitSearch search({});
    while (auto const rate = search.next()) {
        if (*rate > 5'000) {
            search.cap(5'000);
        } else {
            search.add(*rate, TrialStanding::held);
        }
    }
    EXPECT_TRUE(search.range().is_at_least);
    EXPECT_NEAR(search.range().rate, 5'000, 50);
}

TEST(LimitSearch, AStartThatTheGeneratorDoesNotReachIsNotTriedAgain) {
    LimitSearch search({.start = 100'000});
    search.cap(5'000);
    EXPECT_LE(search.next().value(), 5'000);
}

TEST(LimitSearch, EndsThoughTheGeneratorReachesNoRate) {
    LimitSearch search({});
    int trials = 0;
    for (auto rate = search.next(); rate && trials < 1'000; rate = search.next()) {
        search.cap(*rate * 0.95);
        ++trials;
    }
    EXPECT_EQ(trials, SearchOptions().most_trials);
}

TEST(LimitSearch, SaysWhenNoRateHolds) {
    LimitSearch search({});
    int trials = 0;
    while (auto const rate = search.next()) {
        search.add(*rate, TrialStanding::missed);
        ++trials;
    }
    EXPECT_TRUE(search.range().is_none);
    EXPECT_LE(trials, 12);
}

TEST(JudgeShare, IsUnsureWithoutEnough) {
    EXPECT_EQ(judge_share(0, 0, 0.01), TrialStanding::unsure);
    EXPECT_EQ(judge_share(1, 100, 0.01), TrialStanding::unsure);
    EXPECT_EQ(judge_share(0, 100, 0.01), TrialStanding::held);
    EXPECT_EQ(judge_share(0, 1000, 0.01), TrialStanding::held);
    EXPECT_EQ(judge_share(9, 1000, 0.01), TrialStanding::unsure);
    EXPECT_EQ(judge_share(30, 1000, 0.01), TrialStanding::missed);
    EXPECT_EQ(judge_share(9'000, 1'000'000, 0.01), TrialStanding::held);
}

}  // namespace
}  // namespace brio::load
