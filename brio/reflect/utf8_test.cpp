#include <brio/reflect/utf8.hpp>

#include <string>

#include <gtest/gtest.h>

namespace brio::reflect {
namespace {

using namespace std::string_literals;

TEST(Utf8, EdgesOfEveryLengthAreWellFormed) {
    for (const auto& text : {""s, "\0"s, "\x7F"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s,
                             "\xEE\x80\x80"s, "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s}) {
        EXPECT_TRUE(is_utf8(text)) << testing::PrintToString(text);
    }
}

TEST(Utf8, OverlongSurrogateTooLargeAndBrokenAreNot) {
    for (const auto& text :
         {"\x80"s, "\xBF"s, "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s, "\xED\xBF\xBF"s,
          "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s, "\xC2"s, "\xE2\x82"s,
          "\xF0\x9F\x98"s, "\xC2\x41"s, "\xE2\x28\xA1"s, "\xF0\x9F\x98\x41"s}) {
        EXPECT_FALSE(is_utf8(text)) << testing::PrintToString(text);
    }
}

TEST(Utf8, AWrongByteIsFoundAtEveryPlaceOfALongText) {
    for (std::size_t at = 0; at < 70; ++at) {
        std::string text(70, 'a');
        text[at] = '\x80';
        EXPECT_EQ(utf8_prefix(text), at);
    }
}

TEST(Utf8, LengthCountsCodePoints) {
    EXPECT_EQ(utf8_length("a\u00e9\u20ac\U0001F600"), 4U);
    EXPECT_EQ(utf8_length(std::string(1000, 'x') + "\u00e9"), 1001U);
    EXPECT_EQ(utf8_length("\xFF"), std::nullopt);
}

TEST(Utf8, TheFrontNeverEndsWithinACharacter) {
    const std::string_view text = "a\u20acb";  // 1, 3 and 1 bytes
    EXPECT_EQ(utf8_front(text, 0), "");
    EXPECT_EQ(utf8_front(text, 1), "a");
    EXPECT_EQ(utf8_front(text, 2), "a");
    EXPECT_EQ(utf8_front(text, 3), "a");
    EXPECT_EQ(utf8_front(text, 4), "a\u20ac");
    EXPECT_EQ(utf8_front(text, 9), text);
}

}  // namespace
}  // namespace brio::reflect
