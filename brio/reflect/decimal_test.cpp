#include <brio/reflect/decimal.hpp>

#include <gtest/gtest.h>

namespace brio {
namespace {

using Price = Decimal<10, 2>;

}  // namespace

TEST(Decimal, TextIsReadExactlyAndWrittenWithAllItsDigits) {
    struct Case {
        const char* text;
        std::int64_t units;
        const char* written;
    };
    for (const Case& each : {Case{"12.5", 1250, "12.50"}, Case{"-0.01", -1, "-0.01"}, Case{"7", 700, "7.00"},
                             Case{"-0", 0, "0.00"}, Case{"000.10", 10, "0.10"},
                             Case{"99999999.99", 9'999'999'999, "99999999.99"},
                             Case{"-99999999.99", -9'999'999'999, "-99999999.99"}}) {
        const auto value = Price::parse(each.text);
        ASSERT_TRUE(value) << each.text;
        EXPECT_EQ(value->units, each.units);
        EXPECT_EQ(value->text(), each.written);
    }
    EXPECT_EQ((Decimal<18, 0>::parse("999999999999999999")->text()), "999999999999999999");
    EXPECT_EQ((Decimal<18, 18>::parse("-0.000000000000000001")->units), -1);
    EXPECT_EQ((Decimal<18, 18>::parse("-0.000000000000000001")->text()), "-0.000000000000000001");
}

TEST(Decimal, WhatIsNoSuchNumberSaysWhatItMustBe) {
    for (const auto* text : {"", "-", ".5", "5.", "1.234", "100000000", "1e2", "+1", "1,5", " 1", "--1",
                             "NaN", "1.2.3", "\xD9\xA1"}) {
        const auto value = Price::parse(text);
        ASSERT_FALSE(value) << text;
        EXPECT_EQ(value.error(),
                  "must be a decimal number of at most 8 digits before and 2 behind the point");
    }
}

TEST(Decimal, CountsExactlyAndRefusesWhatDoesNotFit) {
    Price sum;
    for (int i = 0; i < 10; ++i) {
        sum = sum + *Price::parse("0.1");
    }
    EXPECT_EQ(sum, *Price::parse("1"));
    EXPECT_EQ((sum * 3 - *Price::parse("0.01")).text(), "2.99");
    EXPECT_LT(-sum, sum);
    EXPECT_THROW(Price::of_units(Price::most) + *Price::parse("0.01"), std::overflow_error);
    EXPECT_THROW(Price::of_units(Price::most) * INT64_MAX, std::overflow_error);
}

}  // namespace brio
