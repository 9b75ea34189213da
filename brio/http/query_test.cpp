#include <brio/http/query.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace brio::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs_of(std::string_view raw) {
    Buffer scratch;
    QueryReader reader(raw, scratch);
    std::vector<QueryReader::Pair> views;  // all kept to the end: later pairs must not move earlier ones
    while (const auto pair = reader.next()) {
        views.push_back(*pair);
    }
    EXPECT_FALSE(reader.rejection());
    Pairs pairs;
    for (const auto& pair : views) {
        pairs.emplace_back(pair.name, pair.value);
    }
    return pairs;
}

bool refused(std::string_view raw, std::size_t max_pairs = 64) {
    Buffer scratch;
    QueryReader reader(raw, scratch, max_pairs);
    while (reader.next()) {
    }
    return reader.rejection().has_value();
}

TEST(Query, GivesNamesAndValuesInOrder) {
    EXPECT_EQ(pairs_of("a=1&b=2&a=3"), (Pairs{{"a", "1"}, {"b", "2"}, {"a", "3"}}));
}

TEST(Query, AnEmptyTextHasNoPairs) { EXPECT_EQ(pairs_of(""), Pairs{}); }

TEST(Query, EmptyPairsAreSkipped) { EXPECT_EQ(pairs_of("&&a=1&&b=2&"), (Pairs{{"a", "1"}, {"b", "2"}})); }

TEST(Query, NamesAndValuesMayBeEmpty) {
    EXPECT_EQ(pairs_of("a&b=&=c&="), (Pairs{{"a", ""}, {"b", ""}, {"", "c"}, {"", ""}}));
}

TEST(Query, OnlyTheFirstEqualsSignSeparates) { EXPECT_EQ(pairs_of("a=b=c"), (Pairs{{"a", "b=c"}})); }

TEST(Query, DecodesEscapesAndPluses) {
    EXPECT_EQ(pairs_of("a%3D+b=c%26d+e&%66=%2B"), (Pairs{{"a= b", "c&d e"}, {"f", "+"}}));
}

TEST(Query, SemicolonsDoNotSeparate) { EXPECT_EQ(pairs_of("a=1;b=2"), (Pairs{{"a", "1;b=2"}})); }

TEST(Query, BadEscapesStopIt) {
    EXPECT_TRUE(refused("a=1&b=%zz"));
    EXPECT_TRUE(refused("%1=a"));
    EXPECT_TRUE(refused("a=%00"));
}

TEST(Query, PairsAreBounded) {
    EXPECT_FALSE(refused("a&b&c", 3));
    EXPECT_TRUE(refused("a&b&c&d", 3));
    EXPECT_FALSE(refused("a&b&c&", 3));
}

TEST(Query, AfterAnErrorThereIsNoMore) {
    Buffer scratch;
    QueryReader reader("%zz=1&b=2", scratch);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.rejection()->code, "invalid_query");
    EXPECT_EQ(reader.rejection()->status, 400);
}

}  // namespace
}  // namespace brio::http
