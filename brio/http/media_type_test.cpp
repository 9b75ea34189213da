#include <brio/http/media_type.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

TEST(MediaType, HasATypeASubtypeAndParameters) {
    const auto type = parse_media_type(" text/HTML ; Charset=\"utf-8\";x=1; boundary=b ");
    ASSERT_TRUE(type);
    EXPECT_TRUE(type->is("TEXT", "html"));
    EXPECT_EQ(type->charset, "utf-8");
    EXPECT_EQ(type->boundary, "b");
}

TEST(MediaType, EmptyParametersAndQuotedOnesAreAllowed) {
    EXPECT_TRUE(parse_media_type("a/b;"));
    EXPECT_TRUE(parse_media_type("a/b; ;;c=d"));
    EXPECT_TRUE(parse_media_type("a/b;c=\"; \\\" ,\""));
    EXPECT_EQ(parse_media_type("a/b;charset=\"\"")->charset, "");
}

TEST(MediaType, MalformedOnesAreRefused) {
    for (const auto* bad : {"",
                            "a",
                            "a/",
                            "/b",
                            "a /b",
                            "a/ b",
                            "a/b c",
                            "a/b, c/d",
                            "a/b;c",
                            "a/b;c=",
                            "a/b;=d",
                            "a/b;c =d",
                            "a/b;c= d",
                            "a/b;c=\"d",
                            "a/b;c=\"d\"e",
                            "a/b/c",
                            "a/b;charset=x;charset=x",
                            "a/b;boundary=x;Boundary=y",
                            "a/b;charset=\"\\u\"",
                            "\xC3\xA9/b",
                            "a/b;c=\"\\\""}) {
        EXPECT_FALSE(parse_media_type(bad)) << bad;
    }
}

TEST(MediaType, JsonIsApplicationJsonOrASuffixInUtf8) {
    for (const auto* json : {"application/json", "Application/JSON; charset=UTF-8",
                             "application/merge-patch+json", "application/problem+json;charset=\"utf-8\""}) {
        EXPECT_TRUE(parse_media_type(json)->is_json()) << json;
    }
    for (const auto* other : {"text/json", "application/jsonx", "application/json; charset=latin1",
                              "text/plain", "application/+json", "application/x-json"}) {
        EXPECT_FALSE(parse_media_type(other)->is_json()) << other;
    }
}

}  // namespace
}  // namespace brio::http
