#include <brio/http/etag.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

TEST(ETag, IsAQuotedTextPerhapsWeak) {
    for (const auto* good : {"\"\"", "\"a\"", "W/\"a\"", "\"a,b\"", "\"!#\xC3\xA9\""}) {
        EXPECT_TRUE(is_valid_etag(good)) << good;
    }
    for (const auto* bad :
         {"", "a", "\"", "\"a", "a\"", "w/\"a\"", "W/a", "\"a\"b\"", "\"a b\"", "W/ \"a\"", "*"}) {
        EXPECT_FALSE(is_valid_etag(bad)) << bad;
    }
}

TEST(ETag, ComparesAsTheTableOfTheRfcSays) {
    EXPECT_FALSE(strong_match("W/\"1\"", "W/\"1\""));
    EXPECT_TRUE(weak_match("W/\"1\"", "W/\"1\""));
    EXPECT_FALSE(weak_match("W/\"1\"", "W/\"2\""));
    EXPECT_FALSE(strong_match("W/\"1\"", "\"1\""));
    EXPECT_TRUE(weak_match("W/\"1\"", "\"1\""));
    EXPECT_TRUE(strong_match("\"1\"", "\"1\""));
    EXPECT_FALSE(weak_match("1", "1")) << "two texts that are no tags";
}

TEST(ETag, AVariantIsStripped) {
    EXPECT_EQ(without_variant("\"1-ab-gz\""), "1-ab");
    EXPECT_EQ(without_variant("W/\"1-ab-br\""), "1-ab");
    EXPECT_EQ(without_variant("\"1-ab-zst\""), "1-ab");
    EXPECT_EQ(without_variant("\"1-ab\""), "1-ab");
    EXPECT_EQ(without_variant("\"1-ab-gz-gz\""), "1-ab-gz") << "one";
    EXPECT_EQ(without_variant("\"-gz\""), "-gz");
    EXPECT_EQ(without_variant("1-ab-gz"), "");
}

TEST(IfNoneMatch, FailsWhenATagOfTheListMatchesWeakly) {
    EXPECT_TRUE(none_match_fails("\"1\"", "\"1\""));
    EXPECT_TRUE(none_match_fails("W/\"1\"", "\"1\""));
    EXPECT_TRUE(none_match_fails(" , \"0\" ,\"a,b\",W/\"1\"", "W/\"1\""));
    EXPECT_FALSE(none_match_fails("\"2\", \"3\"", "\"1\""));
    EXPECT_FALSE(none_match_fails("", "\"1\""));
    EXPECT_FALSE(none_match_fails("\"1-gz\"", "\"1\"")) << "another variant";
}

TEST(IfNoneMatch, AnAsteriskMatchesWhateverExists) {
    EXPECT_TRUE(none_match_fails("*", "\"1\""));
    EXPECT_FALSE(none_match_fails("*", ""));
    EXPECT_FALSE(none_match_fails("\"*\"", "\"1\""));
}

TEST(IfNoneMatch, AMalformedListCountsUpToItsFirstBadElement) {
    EXPECT_TRUE(none_match_fails("\"1\", bad", "\"1\""));
    EXPECT_FALSE(none_match_fails("bad, \"1\"", "\"1\""));
    EXPECT_FALSE(none_match_fails("\"0\" \"1\"", "\"1\""));
    EXPECT_FALSE(none_match_fails("\"0\", \"1", "\"1\""));
    EXPECT_FALSE(none_match_fails("1", "\"1\""));
}

TEST(IfMatch, HoldsForAStrongTagOfAnyVariant) {
    for (const auto* field : {"\"1\"", "\"1-gz\"", "\"1-br\"", "\"0\", \"1-zst\""}) {
        EXPECT_TRUE(if_match_holds(field, "\"1\"")) << field;
        EXPECT_TRUE(if_match_holds(field, "\"1-gz\"")) << field;
    }
    EXPECT_FALSE(if_match_holds("W/\"1\"", "\"1\"")) << "If-Match compares strongly";
    EXPECT_FALSE(if_match_holds("\"2\"", "\"1\""));
    EXPECT_FALSE(if_match_holds("", "\"1\""));
}

TEST(IfMatch, AnAsteriskHoldsOnlyWhereSomethingExists) {
    EXPECT_TRUE(if_match_holds("*", "\"1\""));
    EXPECT_FALSE(if_match_holds("*", ""));
    EXPECT_FALSE(if_match_holds("\"\"", ""));
}

}  // namespace
}  // namespace brio::http
