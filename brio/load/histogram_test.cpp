#include <brio/load/histogram.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <random>

namespace brio::load {
namespace {

std::vector<std::uint64_t> lognormal(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::lognormal_distribution<double> time(13.0, 1.5);
    std::vector<std::uint64_t> values(count);
    std::ranges::generate(values, [&] { return static_cast<std::uint64_t>(time(random)); });
    return values;
}

Histogram of(std::span<const std::uint64_t> values) {
    Histogram histogram;
    for (auto const value : values) {
        histogram.record(value);
    }
    return histogram;
}

TEST(LoadHistogram, QuantilesAreAtMostOnePercentTooHigh) {
    auto values = lognormal(100'000, 7);
    auto const histogram = of(values);
    std::ranges::sort(values);
    for (double const q : {0.5, 0.9, 0.99, 0.999, 0.9999}) {
        auto const exact = static_cast<double>(values[static_cast<std::size_t>(q * 100'000) - 1]);
        EXPECT_GE(static_cast<double>(histogram.quantile(q)), exact) << q;
        EXPECT_LE(static_cast<double>(histogram.quantile(q)), exact * 1.01) << q;
    }
}

TEST(LoadHistogram, EachPowerOfTenFromAMicrosecondToAnHourIsWithinOnePercent) {
    for (double value = 1e3; value <= 3.6e12; value *= 1.37) {
        auto const exact = static_cast<std::uint64_t>(value);
        auto const step = Histogram::step_of(exact);
        EXPECT_LE(Histogram::lower_end(step), exact);
        EXPECT_GE(Histogram::upper_end(step), exact);
        EXPECT_LE(static_cast<double>(Histogram::upper_end(step) - exact), value * 0.01) << value;
    }
}

TEST(LoadHistogram, StepsFollowEachOtherWithoutGaps) {
    for (std::size_t step = 1; step < Histogram::steps; ++step) {
        EXPECT_EQ(Histogram::lower_end(step), Histogram::upper_end(step - 1) + 1);
        EXPECT_EQ(Histogram::step_of(Histogram::lower_end(step)), step);
    }
}

TEST(LoadHistogram, MergedOnesAreTheSameAsOneOfAllValues) {
    auto const first = lognormal(5'000, 1);
    auto const second = lognormal(7'000, 2);
    auto merged = of(first);
    merged.merge(of(second));
    auto all = first;
    all.insert(all.end(), second.begin(), second.end());
    auto const whole = of(all);
    EXPECT_TRUE(std::ranges::equal(merged.counts(), whole.counts()));
    EXPECT_EQ(merged.count(), whole.count());
    EXPECT_EQ(merged.min(), whole.min());
    EXPECT_EQ(merged.max(), whole.max());
    EXPECT_NEAR(merged.mean(), whole.mean(), whole.mean() * 1e-9);
}

TEST(LoadHistogram, HighestQuantileIsTheMaximumItself) {
    auto const histogram = of(std::vector<std::uint64_t>{10, 1'000'003});
    EXPECT_EQ(histogram.quantile(1.0), 1'000'003U);
    EXPECT_EQ(histogram.min(), 10U);
}

TEST(LoadHistogram, ValueBeyondTheLastStepIsCountedThere) {
    auto const histogram = of(std::vector<std::uint64_t>{UINT64_MAX});
    EXPECT_EQ(histogram.count(), 1U);
    EXPECT_GT(histogram.quantile(0.5), 3'600'000'000'000U);
}

TEST(LoadHistogram, ClearedOneIsEmpty) {
    auto histogram = of(lognormal(1'000, 3));
    histogram.clear();
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.quantile(0.99), 0U);
    EXPECT_EQ(std::ranges::count(histogram.counts(), 0U), std::ssize(histogram.counts()));
}

TEST(LoadHistogram, DeviationOfEqualValuesIsWithinAStep) {
    auto const histogram = of(std::vector<std::uint64_t>(100, 1'000'000));
    EXPECT_LT(histogram.standard_deviation(), 10'000);
    EXPECT_DOUBLE_EQ(histogram.mean(), 1'000'000);
}

TEST(LoadHistogram, CountUpToAValueIsOfTheWholeStep) {
    auto const histogram = of(std::vector<std::uint64_t>{1'000'000, 2'000'000, 3'000'000});
    EXPECT_EQ(histogram.count_up_to(999'000), 0U);
    EXPECT_EQ(histogram.count_up_to(2'000'000), 2U);
    EXPECT_EQ(histogram.count_up_to(5'000'000), 3U);
}

TEST(SparseHistogram, HasTheQuantilesOfTheWholeOne) {
    auto const first = lognormal(5'000, 4);
    auto const second = lognormal(5'000, 5);
    SparseHistogram sparse(of(first));
    sparse.merge(SparseHistogram(of(second)));
    auto whole = of(first);
    whole.merge(of(second));
    EXPECT_EQ(sparse.count(), 10'000U);
    for (double const q : {0.5, 0.99}) {
        EXPECT_EQ(sparse.quantile(q), whole.quantile(q));
    }
}

}  // namespace
}  // namespace brio::load
