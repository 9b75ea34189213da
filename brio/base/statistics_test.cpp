#include <brio/base/random.hpp>
#include <brio/base/statistics.hpp>

#include <gtest/gtest.h>

namespace brio {

TEST(Percentile, InterpolatesBetweenRanks) {
    const double samples[] = {40, 10, 30, 20};
    EXPECT_DOUBLE_EQ(percentile(samples, 0), 10);
    EXPECT_DOUBLE_EQ(percentile(samples, 1), 40);
    EXPECT_DOUBLE_EQ(percentile(samples, 0.5), 25);
    EXPECT_DOUBLE_EQ(percentile(samples, 0.9), 37);
}

TEST(Percentile, OfOneSampleIsThatSample) {
    const double samples[] = {3};
    EXPECT_DOUBLE_EQ(percentile(samples, 0.99), 3);
}

TEST(PercentileDeathTest, OfNothingIsABug) {
    EXPECT_DEATH((void)percentile({}, 0.5), "a percentile has samples");
}

TEST(Median, IgnoresOneOutlier) {
    const double samples[] = {1, 2, 3, 4, 1000};
    EXPECT_DOUBLE_EQ(median(samples), 3);
    EXPECT_DOUBLE_EQ(mean(samples), 202);
}

TEST(MedianAbsoluteDeviation, IsScaledToANormalDeviation) {
    const double samples[] = {1, 2, 3, 4, 5};
    EXPECT_DOUBLE_EQ(median_absolute_deviation(samples), 1.4826);
}

TEST(MedianInterval, HoldsTheMedianAndNarrowsWithSamples) {
    Random random(11);
    std::vector<double> few;
    std::vector<double> many;
    for (int i = 0; i < 1000; ++i) {
        const double value = 100 + 10 * random.uniform();
        if (i < 20) {
            few.push_back(value);
        }
        many.push_back(value);
    }
    const Interval wide = median_interval(few, random);
    const Interval narrow = median_interval(many, random);
    EXPECT_LE(wide.low, median(few));
    EXPECT_GE(wide.high, median(few));
    EXPECT_LT(narrow.high - narrow.low, wide.high - wide.low);
    EXPECT_GT(narrow.low, 104);
    EXPECT_LT(narrow.high, 106);
}

TEST(MedianInterval, RepeatsWithItsSeed) {
    const double samples[] = {5, 1, 4, 2, 3, 9, 8};
    Random a(1);
    Random b(1);
    EXPECT_EQ(median_interval(samples, a).low, median_interval(samples, b).low);
}

}  // namespace brio
