#include <brio/base/clock.hpp>

#include <gtest/gtest.h>

using namespace std::chrono_literals;

namespace brio {

TEST(Ticks, AMillisecondOfTicksIsAMillisecond) {
    const Ticks millisecond = ns_to_ticks(1'000'000);
    EXPECT_GE(ticks_to_ns(millisecond), 1'000'000u);
    EXPECT_LE(ticks_to_ns(millisecond), 1'000'001u + ticks_to_ns(1));
}

TEST(Ticks, ConvertingADayDoesNotOverflow) {
    const std::uint64_t day = 86'400'000'000'000;
    EXPECT_GE(ticks_to_ns(ns_to_ticks(day)), day);
    EXPECT_LE(ticks_to_ns(ns_to_ticks(day)), day + 1 + ticks_to_ns(1));
}

/// Ticks and CLOCK_MONOTONIC over the same stretch, each reading of ticks between two of the other clock.
struct Stretch {
    std::int64_t shortest;
    std::int64_t longest;
    std::uint64_t by_ticks;
};
Stretch measure(std::chrono::nanoseconds length) {
    const auto before_first = monotonic_now();
    const Ticks first = ticks();
    const auto after_first = monotonic_now();
    while (monotonic_now() - after_first < length) {
    }
    const auto before_last = monotonic_now();
    const Ticks last = ticks();
    const auto after_last = monotonic_now();
    return {(before_last - after_first).count(), (after_last - before_first).count(),
            ticks_to_ns(last - first)};
}

TEST(Ticks, RunAtTheRateOfTheMonotonicClock) {
    const Stretch stretch = measure(30ms);
    const auto slack =
        static_cast<std::uint64_t>(stretch.longest) / 1000;  // the first calibration may be disturbed
    EXPECT_GE(stretch.by_ticks + slack, static_cast<std::uint64_t>(stretch.shortest));
    EXPECT_LE(stretch.by_ticks, static_cast<std::uint64_t>(stretch.longest) + slack);
}

TEST(Ticks, RefinedAreWithinAHundredMillionths) {
    (void)measure(30ms);
    refine_ticks();
    const Stretch stretch = measure(20ms);
    const auto slack = static_cast<std::uint64_t>(stretch.longest) / 10'000;
    EXPECT_GE(stretch.by_ticks + slack, static_cast<std::uint64_t>(stretch.shortest));
    EXPECT_LE(stretch.by_ticks, static_cast<std::uint64_t>(stretch.longest) + slack);
}

TEST(Ticks, AreReadyBeforeOtherInitialisers) {
    static const bool in_time = detail::tick_source.rate.load() != 0;
    EXPECT_TRUE(in_time);
    if (detail::tick_source.is_tsc) {
        EXPECT_NE(detail::tick_source.rate.load(),
                  std::uint64_t{1} << 32);  // no such machine counts at exactly 1 GHz
    } else {
        EXPECT_EQ(detail::tick_source.rate.load(), std::uint64_t{1} << 32);
    }
}

TEST(WallNow, IsAfterThisWasWritten) {
    EXPECT_GT(wall_now(), WallTime(std::chrono::sys_days(std::chrono::year(2024) / 1 / 1)));
}

TEST(ManualClock, MovesOnlyWhenAdvanced) {
    ManualClock clock;
    const auto start = clock.now();
    EXPECT_EQ(clock.now(), start);
    clock.advance(3s);
    EXPECT_EQ(clock.now() - start, 3s);
}

}  // namespace brio
