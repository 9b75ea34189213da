#include <brio/base/environment.hpp>
#include <brio/base/text.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <cstdlib>
#include <limits>

using namespace std::chrono_literals;

namespace brio {

namespace {
std::string milliseconds(std::uint64_t ns) {
    Buffer out;
    append_milliseconds(out, ns);
    return std::string(out.view());
}
std::string number(double value) {
    Buffer out;
    append_number(out, value);
    return std::string(out.view());
}
}  // namespace

TEST(EqualIgnoringCase, FoldsAsciiLettersOnly) {
    EXPECT_TRUE(equal_ignoring_case("Content-LENGTH", "content-length"));
    EXPECT_FALSE(equal_ignoring_case("a", "ab"));
    EXPECT_FALSE(equal_ignoring_case("@", "`"));  // 0x20 apart, no letters
    EXPECT_FALSE(equal_ignoring_case("\xc3\x84", "\xc3\xa4"));
    EXPECT_EQ(lower("AZaz[{"), "azaz[{");
}

TEST(Trim, TakesBlanksFromBothEndsOnly) {
    EXPECT_EQ(trim(" \t a b\r\n"), "a b");
    EXPECT_EQ(trim(" \n"), "");
    EXPECT_EQ(trim(""), "");
}

TEST(Concat, JoinsInOrder) {
    EXPECT_EQ(concat({"a", "", "bc"}), "abc");
    EXPECT_EQ(concat({}), "");
}

TEST(Integers, ReachTheEndsOfTheirTypes) {
    EXPECT_EQ(integer_text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    Buffer out;
    append_integer(out, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(out.view(), "18446744073709551615");
}

TEST(Numbers, AreTheShortestThatReadBack) {
    EXPECT_EQ(number(0.1), "0.1");
    EXPECT_EQ(number(60), "60");
    EXPECT_EQ(number(0.00005), "5e-05");
    EXPECT_EQ(number(HUGE_VAL), "+Inf");
    EXPECT_EQ(number(-HUGE_VAL), "-Inf");
    EXPECT_EQ(number(std::nan("")), "NaN");
}

TEST(Milliseconds, HaveTwoRoundedDecimals) {
    EXPECT_EQ(milliseconds(0), "0.00");
    EXPECT_EQ(milliseconds(4'999), "0.00");
    EXPECT_EQ(milliseconds(5'000), "0.01");
    EXPECT_EQ(milliseconds(210'000), "0.21");
    EXPECT_EQ(milliseconds(12'000'000), "12.00");
    EXPECT_EQ(milliseconds(1'995'000), "2.00");
    EXPECT_EQ(milliseconds(UINT64_MAX), "18446744073709.55");
}

TEST(DurationText, ChoosesTheUnit) {
    EXPECT_EQ(duration_text(0ns), "0ns");
    EXPECT_EQ(duration_text(210ns), "210ns");
    EXPECT_EQ(duration_text(4200ns), "4.20us");
    EXPECT_EQ(duration_text(42100us), "42.1ms");
    EXPECT_EQ(duration_text(999'999us), "1.00s");
    EXPECT_EQ(duration_text(1500ms), "1.50s");
    EXPECT_EQ(duration_text(20min), "1200s");
    EXPECT_EQ(duration_text(-1500ms), "-1.50s");
}

TEST(ValidUtf8, KeepsWhatIsWellFormed) {
    const std::string good = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\x80\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf";
    EXPECT_EQ(valid_utf8(good), good);
}

TEST(ValidUtf8, ReplacesEachMaximalWrongPartOnce) {
    const std::string bad = "\xef\xbf\xbd";
    EXPECT_EQ(valid_utf8("\xff"), bad);
    EXPECT_EQ(valid_utf8("\xc0\xaf"), bad + bad);                      // overlong
    EXPECT_EQ(valid_utf8("\xed\xa0\x80"), bad + bad + bad);            // a surrogate
    EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80"), bad + bad + bad + bad);  // over U+10FFFF
    EXPECT_EQ(valid_utf8("\xe2\x82x"), bad + "x");                     // cut short
    EXPECT_EQ(valid_utf8("\xf0\x9f\x9a"), bad);
}

TEST(Environment, TellsUnsetFromEmpty) {
    ::setenv("BRIO_TEXT_TEST", "", 1);
    EXPECT_EQ(environment("BRIO_TEXT_TEST"), "");
    ::unsetenv("BRIO_TEXT_TEST");
    EXPECT_EQ(environment("BRIO_TEXT_TEST"), std::nullopt);
}

}  // namespace brio
