#include <brio/watch/review_facts.hpp>

#include <gtest/gtest.h>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;

TEST(ReviewLength, IsANumberAndAUnit) {
    EXPECT_EQ(review_length("90m"), 90min);
    EXPECT_EQ(review_length("24h"), 24h);
    EXPECT_EQ(review_length("7d"), 168h);
    EXPECT_EQ(review_length("2w"), 336h);
    EXPECT_EQ(review_length("14d"), 336h);
}

TEST(ReviewLength, WhatIsNoneIsRefused) {
    for (const auto* each :
         {"", "h", "24", "24hours", "24 h", "-1h", "1.5h", "99999999999h", "4m", "15d", "337h"}) {
        EXPECT_FALSE(review_length(each)) << each;
    }
}

TEST(ReviewLength, TheHistoryHoldsTheTimeBeforeToo) {
    EXPECT_EQ(span_of_review(5min), Span::ten_minutes);
    EXPECT_EQ(span_of_review(6min), Span::six_hours);
    EXPECT_EQ(span_of_review(12h), Span::day);
    EXPECT_EQ(span_of_review(24h), Span::two_weeks);
    EXPECT_EQ(span_of_review(336h), Span::two_weeks);
    EXPECT_EQ(span_of_growth(24h), Span::day);
}

}  // namespace
}  // namespace brio::watch
