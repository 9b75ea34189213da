#include <brio/http/target.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

std::optional<Target> split(std::string_view text, Method method = Method::get) {
    Target target;
    Rejection rejection;
    if (split_target(text, method, target, rejection)) {
        return target;
    }
    EXPECT_EQ(rejection.status, 400);
    EXPECT_FALSE(rejection.detail.empty());
    return std::nullopt;
}

using Form = Target::Form;

TEST(Target, HasFourForms) {
    EXPECT_EQ(split("/a?b?c"), (Target{Form::origin, "", "/a", "b?c"}));
    EXPECT_EQ(split("https://h:1/a/b?c"), (Target{Form::absolute, "h:1", "/a/b", "c"}));
    EXPECT_EQ(split("http://h"), (Target{Form::absolute, "h", "", ""}));
    EXPECT_EQ(split("*", Method::options), (Target{Form::asterisk, "", "*", ""}));
    EXPECT_EQ(split("h:1", Method::connect), (Target{Form::authority, "h:1", "", ""}));
}

TEST(Target, EachFormNeedsItsMethod) {
    EXPECT_FALSE(split("*", Method::get));
    EXPECT_FALSE(split("h:1", Method::get));
    EXPECT_FALSE(split("/a", Method::connect));
    EXPECT_TRUE(split("/a", Method::options));
}

TEST(Target, ConnectNeedsAHostAndAPort) {
    EXPECT_TRUE(split("[::1]:443", Method::connect));
    for (const auto* text : {"h", "h:", ":1", "[::1]", "[::1]:", "h:1/", "u@h:1", "h:x"}) {
        EXPECT_FALSE(split(text, Method::connect)) << text;
    }
}

TEST(Target, AnAuthorityIsAHostAndPerhapsAPort) {
    for (const auto* good : {"a", "a.b-c_d~e", "A9", "127.0.0.1", "a:0", "a:65535", "a:", "[::1]",
                             "[2001:db8::7:1]:8080", "[::ffff:1.2.3.4]", "a!$&'()*+;=b", "%C3%A9.example"}) {
        EXPECT_TRUE(is_valid_authority(good)) << good;
    }
    for (const auto* bad : {"",       ":",      ":80",     "a,b",      "a b",
                            "a/b",    "a?b",    "a#b",     "u@a",      "a:65536",
                            "a:+1",   "a:1:2",  "[",       "[]",       "[::1",
                            "::1",    "[::1]x", "[::1]:x", "[g::1]",   "[fe80::1%25eth0]",
                            "[v1.x]", "a%",     "a%4",     "a%zz",     "a%00",
                            "a%20b",  "a%7f",   "a[",      "a]",       "a\\b",
                            "a\"",    "a<b",    "a|b",     "\xC3\xA9", "a\tb"}) {
        EXPECT_FALSE(is_valid_authority(bad)) << bad;
    }
    EXPECT_FALSE(is_valid_authority(std::string_view("a\0b", 3)));
    EXPECT_FALSE(is_valid_authority(std::string_view("[::1\0]", 6)));
    EXPECT_FALSE(is_valid_authority("[" + std::string(100, '1') + "]"));
}

TEST(Target, DotSegmentsAreRefusedHoweverTheyAreWritten) {
    for (const auto* bad :
         {"/.", "/..", "/a/./b", "/a/../b", "/%2e", "/%2E%2e/a", "/.%2e", "/%2e./", "/a/%2e%2e"}) {
        EXPECT_TRUE(path_refusal(bad)) << bad;
        EXPECT_FALSE(split(bad)) << bad;
        EXPECT_FALSE(split(std::string("http://h") + bad)) << bad;
    }
    for (const auto* good :
         {"/", "//", "/...", "/.a", "/a.", "/..a", "/a../b", "/%2e%2e%2e", "/%2ea", "/a?/../b"}) {
        EXPECT_TRUE(split(good)) << good;
    }
}

TEST(Target, EscapesInAPathAreWellFormedAndNotNul) {
    for (const auto* bad : {"/%", "/%1", "/%g0", "/%0g", "/a%00b", "/%25%00", "/%%41"}) {
        EXPECT_FALSE(split(bad)) << bad;
    }
    EXPECT_TRUE(split("/%25%41%c3%A9%2F%2f.."));
    EXPECT_TRUE(split("/?%zz")) << "the query is judged where it is read";
}

TEST(Target, OnlyHttpSchemesAreAbsolute) {
    for (const auto* bad :
         {"ftp://h/", "http:/h/", "http:h", "http//h", "://h", "http://", "http:///a", "http://?a",
          "http://u@h/", "http://h:x/", "javascript:alert(1)", "a", "?a", "**", "\\a"}) {
        EXPECT_FALSE(split(bad)) << bad;
    }
}

}  // namespace
}  // namespace brio::http
