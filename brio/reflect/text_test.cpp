#include <brio/reflect/text.hpp>

#include <unordered_set>

#include <gtest/gtest.h>

namespace brio {
namespace {

using Name = Text<3, 1>;

TEST(Text, CountsCharactersNotBytes) {
    EXPECT_EQ(*Name::parse("\u20ac\u20ac\U0001F600"), "\u20ac\u20ac\U0001F600");
    EXPECT_EQ(Name::parse("abcd").error(), "must have 1 to 3 characters");
    EXPECT_EQ(Name::parse("").error(), "must have 1 to 3 characters");
}

TEST(Text, TheErrorNamesTheLimits) {
    EXPECT_EQ((Text<2>::parse("abc").error()), "must have at most 2 characters");
    EXPECT_EQ((Text<1>::parse("abc").error()), "must have at most 1 character");
    EXPECT_EQ((Text<2, 2>::parse("abc").error()), "must have exactly 2 characters");
}

TEST(Text, RefusesNulAndWhatIsNoUtf8) {
    EXPECT_EQ(Name::parse(std::string_view("a\0b", 3)).error(), "must not contain the character NUL");
    EXPECT_EQ(Name::parse("\xC3").error(), "must be well-formed UTF-8");
}

TEST(Text, TheConstructorThrowsWhatParseAnswers) {
    EXPECT_EQ(Name("abc").view(), "abc");
    EXPECT_THROW(Name("abcd"), std::invalid_argument);
    EXPECT_THROW(Name{std::string()}, std::invalid_argument);
}

TEST(Text, DefaultMadeIsEmptyWhateverTheLeast) { EXPECT_TRUE(Name().empty()); }

TEST(Text, ConvertsToStringsWithoutACopy) {
    const Name name("abc");
    const std::string& string = name;
    const std::string_view view = name;
    EXPECT_EQ(string.data(), view.data());
}

TEST(Text, ComparesAndHashesByContent) {
    EXPECT_LT(Name("a"), Name("b"));
    EXPECT_EQ(Name("a"), std::string_view("a"));
    EXPECT_EQ((std::unordered_set<Name>{Name("a"), Name("a")}.size()), 1U);
}

}  // namespace
}  // namespace brio
