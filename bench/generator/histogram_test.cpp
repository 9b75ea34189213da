#include <bench/generator/histogram.hpp>

#include <gtest/gtest.h>
#include <random>

namespace bench {
namespace {

TEST(Histogram, QuantilesAreWithinOneStepOfTheExactOnes) {
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> latency(11.0, 1.5);
    std::vector<std::uint64_t> values;
    Histogram histogram;
    for (int i = 0; i < 100000; ++i) {
        values.push_back(static_cast<std::uint64_t>(latency(random)));
        histogram.record(values.back());
    }
    std::ranges::sort(values);
    for (const double q : {0.5, 0.99, 0.999}) {
        const auto exact = static_cast<double>(values[static_cast<std::size_t>(q * 100000) - 1]);
        EXPECT_GE(static_cast<double>(histogram.quantile(q)), exact) << q;
        EXPECT_LE(static_cast<double>(histogram.quantile(q)), exact * 1.016 + 1) << q;
    }
}

TEST(Histogram, HighestQuantileIsTheMaximumItself) {
    Histogram histogram;
    histogram.record(10);
    histogram.record(1'000'003);
    EXPECT_EQ(histogram.quantile(1.0), 1'000'003U);
    EXPECT_EQ(histogram.max(), 1'000'003U);
}

TEST(Histogram, ValueBeyondTheLastStepIsCountedThere) {
    Histogram histogram;
    histogram.record(~std::uint64_t{0});
    EXPECT_EQ(histogram.count(), 1U);
    EXPECT_GT(histogram.quantile(0.5), std::uint64_t{1} << 40);
}

TEST(Histogram, EmptyHistogramHasQuantileZero) { EXPECT_EQ(Histogram().quantile(0.99), 0U); }

}  // namespace
}  // namespace bench
