#include <brio/bench/words.hpp>

#include <gtest/gtest.h>

namespace brio::bench {
namespace {

TEST(BenchWords, DifferencesHaveTheUnitThatSuits) {
    EXPECT_EQ(difference_text(0), "+0 ns");
    EXPECT_EQ(difference_text(-120.4), "-120 ns");
    EXPECT_EQ(difference_text(1'204), "+1.20 us");
    EXPECT_EQ(difference_text(-3'500'000), "-3.50 ms");
}

TEST(BenchWords, CountsAreWholeWhereTheyAre) {
    EXPECT_EQ(count_text(9012), "9,012");
    EXPECT_EQ(count_text(2.5), "2.5");
}

}  // namespace
}  // namespace brio::bench
