#include <brio/watch/verdict.hpp>

#include <gtest/gtest.h>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;
constexpr auto begin = 1'000'000s;

TEST(Verdict, NothingIsIdle) { EXPECT_EQ(judge({}, 0.99, begin).standing(), Standing::idle); }

TEST(Verdict, AGoalIsKeptWhileItsShareHolds) {
    WindowCounts counts;
    counts.add(begin, {.good = 990, .total = 1000});
    EXPECT_EQ(judge(counts, 0.99, begin).standing(), Standing::kept);
    EXPECT_NEAR(judge(counts, 0.99, begin).now().burn, 1, 1e-9);
    counts.add(begin, {.good = 0, .total = 1});
    EXPECT_EQ(judge(counts, 0.99, begin).standing(), Standing::missed);
    EXPECT_EQ(judge(counts, 0.95, begin).standing(), Standing::kept);
}

TEST(Verdict, FewAreNotJudged) {
    WindowCounts counts;
    counts.add(begin, {.good = 0, .total = 99});
    EXPECT_EQ(judge(counts, 0.99, begin).standing(), Standing::too_few);
    EXPECT_EQ(judge(counts, 0.99, begin).alarm, Alarm::none);
    counts.add(begin, {.good = 0, .total = 1});
    EXPECT_EQ(judge(counts, 0.99, begin).standing(), Standing::missed);
    EXPECT_EQ(least_to_judge(0.99), 100u);
    EXPECT_EQ(least_to_judge(0.999), 1000u);
    EXPECT_EQ(least_to_judge(0.5), 2u);
}

TEST(Verdict, TheShortestWindowThatHasEnoughDecides) {
    WindowCounts counts;
    counts.add(begin, {.good = 0, .total = 500});
    counts.add(begin + 30min, {.good = 50, .total = 50});
    auto verdict = judge(counts, 0.99, begin + 30min);
    EXPECT_EQ(verdict.now().window, Window::hour);
    EXPECT_EQ(verdict.standing(), Standing::missed);
    counts.add(begin + 30min, {.good = 50, .total = 50});
    verdict = judge(counts, 0.99, begin + 30min);
    EXPECT_EQ(verdict.now().window, Window::five_minutes);
    EXPECT_EQ(verdict.standing(), Standing::kept);
}

TEST(Verdict, AnAlarmIsFastSlowOrNone) {
    WindowCounts counts;
    for (auto at = begin; at < begin + 72h; at += 1min) {
        counts.add(at, {.good = 970, .total = 1000});  // three times the allowed rate
    }
    auto now = begin + 72h;
    EXPECT_EQ(judge(counts, 0.99, now).alarm, Alarm::slow);
    for (; now < begin + 73h; now += 1min) {
        counts.add(now, {.good = 800, .total = 1000});
    }
    EXPECT_EQ(judge(counts, 0.99, now).alarm, Alarm::fast);
    // Over: the hour still knows of it, the last minutes do not.
    for (; now < begin + 73h + 10min; now += 1min) {
        counts.add(now, {.good = 1000, .total = 1000});
    }
    EXPECT_NE(judge(counts, 0.99, now).alarm, Alarm::none);
    for (; now < begin + 74h + 10min; now += 1min) {
        counts.add(now, {.good = 1000, .total = 1000});
    }
    EXPECT_NE(judge(counts, 0.99, now).alarm, Alarm::fast);
}

}  // namespace
}  // namespace brio::watch
