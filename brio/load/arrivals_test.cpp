#include <brio/load/arrivals.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <vector>

namespace brio::load {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

Plan at_rate(double rate, nanoseconds time, Model model = Model::open) {
    Plan plan;
    plan.model = model;
    plan.stages = {{.duration = time, .from = rate, .to = rate}};
    return plan;
}

std::vector<nanoseconds> all(const Plan& plan, Arrivals::Thread thread = {}) {
    Arrivals arrivals(plan, thread);
    std::vector<nanoseconds> times;
    while (auto const at = arrivals.next()) {
        times.push_back(*at);
    }
    return times;
}

TEST(LoadArrivals, ConstantOnesAreEvenlySpaced) {
    auto const times = all(at_rate(1000, 1s));
    ASSERT_EQ(times.size(), 999U);  // the last one would be at the very end
    for (std::size_t i = 0; i < times.size(); ++i) {
        EXPECT_NEAR(static_cast<double>(times[i].count()), 1e6 * static_cast<double>(i + 1), 2);
    }
}

TEST(LoadArrivals, WarmUpComesBeforeZero) {
    auto plan = at_rate(100, 1s);
    plan.warm_up = 500ms;
    auto const times = all(plan);
    EXPECT_EQ(std::ranges::count_if(times, [](auto at) { return at < 0ns; }), 49);
    EXPECT_EQ(std::ranges::count_if(times, [](auto at) { return at >= 0ns; }), 100);
    EXPECT_GE(times.front(), -500ms);
}

TEST(LoadArrivals, ThreadsShareThem) {
    auto const plan = at_rate(1000, 1s);
    auto together = all(plan, {0, 3});
    for (std::size_t thread : {1U, 2U}) {
        auto const more = all(plan, {thread, 3});
        together.insert(together.end(), more.begin(), more.end());
    }
    std::ranges::sort(together);
    EXPECT_EQ(together, all(plan));
}

TEST(LoadArrivals, RampIsAsDenseAsItsLevel) {
    Plan plan;
    plan.model = Model::open;
    plan.stages = {{.duration = 10s, .from = 0, .to = 100},
                   {.duration = 1s, .from = 0, .to = 0},
                   {.duration = 10s, .from = 100, .to = 0}};
    auto const times = all(plan);
    EXPECT_NEAR(static_cast<double>(times.size()), 1000, 1);
    for (auto const until : {2s, 5s, 9s, 15s, 20s}) {
        auto const come = std::ranges::count_if(times, [&](auto at) { return at <= until; });
        EXPECT_NEAR(static_cast<double>(come), plan.arrivals_until(until), 1);
    }
    EXPECT_TRUE(std::ranges::is_sorted(times));
}

TEST(LoadArrivals, OneThatFallsOnTheFootOfARampHasItsTime) {
    Plan plan;
    plan.model = Model::open;
    plan.stages = {{.duration = 1s, .from = 10, .to = 10}, {.duration = 1s, .from = 0, .to = 10}};
    auto const times = all(plan);
    ASSERT_EQ(times.size(), 14U);
    EXPECT_EQ(times[9], 1s);
    EXPECT_TRUE(std::ranges::is_sorted(times));
}

TEST(LoadArrivals, PoissonOnesHaveTheRateAndExponentialGaps) {
    auto const times = all(at_rate(10'000, 10s, Model::poisson));
    EXPECT_NEAR(static_cast<double>(times.size()), 100'000, 1'500);  // 4.7 standard deviations
    std::size_t longer = 0;
    for (std::size_t i = 1; i < times.size(); ++i) {
        longer += times[i] - times[i - 1] > 100us ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(longer) / static_cast<double>(times.size()), 0.3679, 0.01);  // 1/e
    EXPECT_TRUE(std::ranges::is_sorted(times));
}

TEST(LoadArrivals, SameSeedGivesTheSameArrivals) {
    auto plan = at_rate(100, 1s, Model::poisson);
    auto const first = all(plan);
    EXPECT_EQ(all(plan), first);
    plan.seed = 2;
    EXPECT_NE(all(plan), first);
}

}  // namespace
}  // namespace brio::load
