#include <brio/watch/falling_series.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds begin = 1'790'000'100s;  // a multiple of 300

std::size_t known(const std::vector<float>& values) {
    return static_cast<std::size_t>(
        std::ranges::count_if(values, [](float value) { return !std::isnan(value); }));
}

TEST(FallingSeries, AStepHoldsTheMeanOfItsValuesAtEachResolution) {
    FallingSeries series;
    for (int i = 0; i < 12; ++i) {
        series.add(begin + i * 5s, i);
    }
    const auto fine = series.values(Span::ten_minutes, begin + 59s);
    EXPECT_EQ(fine.size(), 120u);
    EXPECT_EQ(fine.back(), 11);
    EXPECT_EQ(fine[fine.size() - 12], 0);
    EXPECT_EQ(known(fine), 12u);
    EXPECT_NEAR(series.values(Span::six_hours, begin + 59s).back(), 5.5, 1e-5);
    EXPECT_NEAR(series.values(Span::day, begin + 59s).back(), 5.5, 1e-5);
    EXPECT_EQ(known(series.values(Span::day, begin + 59s)), 1u);
}

TEST(FallingSeries, AStepHoldsTheMostOfItsValuesWhereAskedTo) {
    FallingSeries series(Fold::most);
    for (const double value : {3.0, 9.0, 4.0}) {
        series.add(begin, value);
    }
    EXPECT_EQ(series.values(Span::ten_minutes, begin).back(), 9);
}

TEST(FallingSeries, AStepHoldsTheSumOfItsValuesWhereAskedTo) {
    FallingSeries series(Fold::sum);
    for (const double value : {3.0, 9.0, 4.0}) {
        series.add(begin, value);
    }
    EXPECT_EQ(series.values(Span::day, begin).back(), 16);
}

TEST(FallingSeries, WhatWasKeptGoesOn) {
    FallingSeries series;
    series.add(begin, 1);
    series.add(begin + 2h, 2);
    const auto kept = series.kept(Span::two_weeks);
    EXPECT_EQ(kept.values.size(), 3u);
    FallingSeries next;
    next.restore(Span::two_weeks, kept, begin + 2h);
    next.add(begin + 2h, 4);
    const auto values = next.values(Span::two_weeks, begin + 2h);
    EXPECT_EQ(values.back(), 3);
    EXPECT_TRUE(std::isnan(values[values.size() - 2]));
    EXPECT_EQ(values[values.size() - 3], 1);
    FallingSeries earlier;
    earlier.restore(Span::two_weeks, kept, begin);
    EXPECT_EQ(known(earlier.values(Span::two_weeks, begin)), 0u);
}

TEST(FallingSeries, WhatIsOlderThanItsSpanIsGone) {
    FallingSeries series;
    series.add(begin, 1);
    EXPECT_EQ(known(series.values(Span::ten_minutes, begin + 595s)), 1u);
    EXPECT_EQ(known(series.values(Span::ten_minutes, begin + 600s)), 0u);
    EXPECT_EQ(known(series.values(Span::day, begin + 86'399s)), 1u);
    series.add(begin + 48h, 2);
    EXPECT_EQ(known(series.values(Span::day, begin + 48h)), 1u);
    EXPECT_EQ(series.values(Span::day, begin + 48h).back(), 2);
}

TEST(FallingSeries, StepsWithoutAValueStayUnknown) {
    FallingSeries series;
    series.add(begin, 1);
    series.add(begin + 15s, 2);
    const auto values = series.values(Span::ten_minutes, begin + 15s);
    EXPECT_EQ(values.back(), 2);
    EXPECT_TRUE(std::isnan(values[values.size() - 2]));
    EXPECT_TRUE(std::isnan(values[values.size() - 3]));
    EXPECT_EQ(values[values.size() - 4], 1);
}

TEST(FallingSeries, AValueThatIsSetReplacesThatOfItsStep) {
    FallingSeries series;
    series.set(Span::six_hours, begin, 1);
    series.set(Span::six_hours, begin + 10s, 7);
    EXPECT_EQ(series.values(Span::six_hours, begin + 59s).back(), 7);
    EXPECT_EQ(known(series.values(Span::day, begin)), 0u);
}

TEST(FallingSeries, TimeThatGoesBackIsTheLastTime) {
    FallingSeries series;
    series.add(begin + 100s, 1);
    series.add(begin, 3);
    EXPECT_EQ(series.values(Span::ten_minutes, begin + 100s).back(), 2);
}

TEST(FallingSeries, StepsEndWithTheOneUnderWay) {
    const auto all = steps(Span::six_hours, begin + 61s);
    EXPECT_EQ(all.size(), 360u);
    EXPECT_EQ(all.back(), begin.count() + 60);
    EXPECT_EQ(all.front(), begin.count() + 60 - 359 * 60);
    EXPECT_EQ(span_named("24h"), Span::day);
    EXPECT_EQ(span_named("1h"), std::nullopt);
}

}  // namespace
}  // namespace brio::watch
