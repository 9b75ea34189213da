#include <brio/watch/window_counts.hpp>

#include <gtest/gtest.h>

#include <deque>

#include <brio/base/random.hpp>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;

TEST(WindowCounts, NothingIsInNoWindow) {
    const WindowCounts counts;
    for (const Window window : all_windows) {
        EXPECT_EQ(counts.within(window, 1'000'000s), Counted{});
    }
}

TEST(WindowCounts, WhatIsOldLeavesTheShortWindowFirst) {
    WindowCounts counts;
    const auto begin = 1'000'000s;
    counts.add(begin, {.good = 9, .total = 10});
    for (const Window window : all_windows) {
        EXPECT_EQ(counts.within(window, begin), (Counted{9, 10}));
    }
    EXPECT_EQ(counts.within(Window::five_minutes, begin + 4min), (Counted{9, 10}));
    EXPECT_EQ(counts.within(Window::five_minutes, begin + 5min), Counted{});
    EXPECT_EQ(counts.within(Window::hour, begin + 50min), (Counted{9, 10}));
    EXPECT_EQ(counts.within(Window::hour, begin + 1h), Counted{});
    EXPECT_EQ(counts.within(Window::six_hours, begin + 6h), Counted{});
    EXPECT_EQ(counts.within(Window::three_days, begin + 69h), (Counted{9, 10}));
    EXPECT_EQ(counts.within(Window::three_days, begin + 72h), Counted{});
}

// Against what happened, one by one: never more than the window, never less than it without one slot.
TEST(WindowCounts, AWindowEndsAThirtiethEarlyAtMost) {
    Random random(20260311);
    WindowCounts counts;
    std::deque<std::pair<std::chrono::seconds, Counted>> all;
    auto now = 5'000'000s;
    for (int i = 0; i < 4000; ++i) {
        now += std::chrono::seconds(random.below(random.below(10) == 0 ? 2000 : 20));
        const Counted one{random.below(3), 3};
        counts.add(now, one);
        all.emplace_back(now, one);
        for (const Window window : all_windows) {
            std::uint64_t most = 0;
            std::uint64_t least = 0;
            for (const auto& [at, counted] : all) {
                most += at > now - length_of(window) ? counted.good : 0;
                least += at > now - length_of(window) + length_of(window) / 30 ? counted.good : 0;
            }
            const auto found = counts.within(window, now).good;
            ASSERT_LE(found, most) << name_of(window);
            ASSERT_GE(found, least) << name_of(window);
        }
    }
}

TEST(WindowCounts, ATimeThatGoesBackTakesNothingAway) {
    WindowCounts counts;
    counts.add(1'000'000s, {1, 1});
    counts.add(990'000s, {1, 1});
    EXPECT_EQ(counts.within(Window::five_minutes, 1'000'000s), (Counted{2, 2}));
    EXPECT_EQ(counts.within(Window::five_minutes, 990'000s), (Counted{2, 2}));
}

}  // namespace
}  // namespace brio::watch
