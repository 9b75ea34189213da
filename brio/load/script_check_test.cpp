#include <brio/load/script_check.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

ScriptCheck parsed(std::string_view text) {
    auto check = parse_script_check(text);
    EXPECT_TRUE(check) << text << ": " << check.error();
    return check.value_or(ScriptCheck());
}

bool holds(std::string_view text, std::string_view found) {
    const auto check = parsed(text);
    return check.holds(found, check.value);
}

TEST(ScriptCheck, SubjectsAreNamed) {
    EXPECT_EQ(parsed("status = 200").subject, ScriptCheck::Subject::status);
    EXPECT_EQ(parsed("header Content-Type ~ json").of, "Content-Type");
    EXPECT_EQ(parsed("$.items[0].id").of, "items[0].id");
    EXPECT_EQ(parsed("$[0].id > 3").of, "[0].id");
    EXPECT_EQ(parsed(" body ~ hello ").name, "body ~ hello");
}

TEST(ScriptCheck, WithoutASignItIsThere) {
    const auto check = parsed("header ETag");
    EXPECT_TRUE(check.holds("\"7\"", ""));
    EXPECT_FALSE(check.holds("", ""));
}

TEST(ScriptCheck, NumbersCompareAsNumbersAndTextAsText) {
    EXPECT_TRUE(holds("$.total > 9", "10"));
    EXPECT_FALSE(holds("$.total <= 9", "10"));
    EXPECT_TRUE(holds("$.total = 10", "10.0"));
    EXPECT_TRUE(holds("$.name = \"10 apples\"", "10 apples"));
    EXPECT_TRUE(holds("$.name != pear", "apple"));
    EXPECT_FALSE(holds("$.total > 9", ""));
    EXPECT_TRUE(holds("$.note = \"\"", ""));
}

TEST(ScriptCheck, TheFirstSignIsTheOne) {
    const auto check = parsed("body ~ a=b");
    EXPECT_EQ(check.compares, ScriptCheck::Operator::has);
    EXPECT_EQ(check.value, "a=b");
    EXPECT_EQ(parsed("status >= 200").compares, ScriptCheck::Operator::at_least);
}

TEST(ScriptCheck, WhatIsWrongSaysWhatIsRight) {
    EXPECT_NE(parse_script_check("total = 7").error().find("$.json.path"), std::string::npos);
    EXPECT_NE(parse_script_check("status =").error().find("behind the sign"), std::string::npos);
    EXPECT_FALSE(parse_script_check(""));
}

}  // namespace
}  // namespace brio::load
