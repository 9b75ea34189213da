#include <brio/base/terminal_text.hpp>

#include <gtest/gtest.h>

namespace brio {
namespace {

TEST(WithoutControls, HasASpaceForEach) {
    EXPECT_EQ(without_controls("a\x1b[2J\r\n\tb\x7f"), "a [2J   b ");
    EXPECT_EQ(without_controls("\xc2\x9b\x31m \xc2\xa0\xc3\x9b \xc2"), " 1m \xc2\xa0\xc3\x9b \xc2");
}

TEST(Printable, NothingEndsTheLineOrTurnsIt) {
    EXPECT_EQ(printable("a\x1b[2J\nb"), "a [2J b");
    EXPECT_EQ(printable("user\u202etxt.exe\u2066 \u200f|\u2028|"), "user txt.exe   | |");
    EXPECT_EQ(printable("Grüße \xff"), "Grüße \ufffd");
}

TEST(DisplayWidth, IsInColumnsOfTheTerminal) {
    EXPECT_EQ(display_width("plain"), 5U);
    EXPECT_EQ(display_width("Grüße"), 5U);
    EXPECT_EQ(display_width("日本"), 4U);
    EXPECT_EQ(display_width("e\u0301"), 1U);
    EXPECT_EQ(display_width("\xe6\x97"), 2U) << "a character that is cut off: a column a byte";
}

TEST(Fit, CutsAtWholeCharacters) {
    EXPECT_EQ(fit("resources", 9), "resources");
    EXPECT_EQ(fit("resources", 5), "reso…");
    EXPECT_EQ(fit("日本語", 6), "日本語");
    EXPECT_EQ(fit("日本語", 5), "日本…");
    EXPECT_EQ(fit("日本語", 4), "日…");
    EXPECT_EQ(fit("a", 0), "");
    EXPECT_EQ(fit("a\nb", 3), "a b");
}

TEST(Fit, ATowerOfAccentsIsCut) {
    std::string tower = "Z";
    for (int i = 0; i < 1000; ++i) {
        tower += "\u0301";
    }
    EXPECT_LT(fit(tower, 4).size(), 80U);
}

}  // namespace
}  // namespace brio
