#include <brio/base/figures.hpp>

#include <gtest/gtest.h>

namespace brio {

TEST(Figures, ThousandsAreGrouped) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(63666), "63,666");
    EXPECT_EQ(grouped(18446744073709551615u), "18,446,744,073,709,551,615");
}

TEST(Figures, DecimalsAreRounded) {
    EXPECT_EQ(decimal_text(2.347, 2), "2.35");
    EXPECT_EQ(decimal_text(-0.5, 1), "-0.5");
    EXPECT_EQ(decimal_text(12, 0), "12");
    EXPECT_EQ(decimal_text(1e300, 0).size(), 301u);
}

TEST(Figures, WhatIsNotWholeDoesNotReadAsWhole) {
    EXPECT_EQ(percent_text(0.971), "97.1 %");
    EXPECT_EQ(percent_text(0.97), "97 %");
    EXPECT_EQ(percent_text(0.9995), "99.95 %");
    EXPECT_EQ(percent_text(0.99999), "99.999 %");
    EXPECT_EQ(percent_text(0.999999), "99.999 %");
    EXPECT_EQ(percent_text(1), "100 %");
    EXPECT_EQ(percent_text(0.666, 0), "67 %");
    EXPECT_EQ(percent_text(0), "0 %");
    EXPECT_EQ(percent_text(0.003, 0), "0.3 %");
    EXPECT_EQ(percent_text(0.0004), "0.04 %");
    EXPECT_EQ(percent_text(0.00001), "0.001 %");
    EXPECT_EQ(percent_text(1e-9), "<0.001 %");
}

}  // namespace brio
