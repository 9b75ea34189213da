#include <brio/http/cookies.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace brio::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs cookies_of(std::string_view field) {
    Pairs pairs;
    CookieReader reader(field);
    while (const auto cookie = reader.next()) {
        pairs.emplace_back(cookie->name, cookie->value);
    }
    return pairs;
}

TEST(Cookies, AreGivenInOrder) {
    EXPECT_EQ(cookies_of("a=1; b=2;c=3"), (Pairs{{"a", "1"}, {"b", "2"}, {"c", "3"}}));
    EXPECT_EQ(cookies_of(""), Pairs{});
}

TEST(Cookies, ValuesAreTakenAsTheyAre) {
    EXPECT_EQ(cookies_of("a=b=c; d=%20; e="), (Pairs{{"a", "b=c"}, {"d", "%20"}, {"e", ""}}));
}

TEST(Cookies, OnePairOfQuotesIsTakenOff) {
    EXPECT_EQ(cookies_of("a=\"x y\"; b=\"; c=\"\""), (Pairs{{"a", "x y"}, {"b", "\""}, {"c", ""}}));
}

TEST(Cookies, WhatIsNoPairIsSkipped) {
    EXPECT_EQ(cookies_of("; ;a; =b; c d=1; \xC3\xA9=1; e = f ;"), (Pairs{{"e", "f"}}));
}

TEST(Cookies, TheFirstOfANameIsFoundWithItsCase) {
    EXPECT_EQ(find_cookie("a=1; A=2; b=3; b=4", "A"), "2");
    EXPECT_EQ(find_cookie("a=1; A=2; b=3; b=4", "b"), "3");
    EXPECT_EQ(find_cookie("ab=1", "a"), std::nullopt);
}

}  // namespace
}  // namespace brio::http
