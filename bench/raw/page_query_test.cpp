#include <bench/raw/page_query.hpp>

#include <gtest/gtest.h>

namespace bench {
namespace {

TEST(PageQuery, EmptyQueryIsTheFirstPageOfTwenty) {
    const auto query = parse_page_query("");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->page, 1);
    EXPECT_EQ(query->page_size, 20);
    EXPECT_EQ(query->offset(), 0);
}

TEST(PageQuery, NamesComeInAnyOrder) {
    const auto query = parse_page_query("page_size=50&page=3");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->offset(), 100);
}

TEST(PageQuery, ATotalCanBeLeftOut) {
    EXPECT_TRUE(parse_page_query("page=3")->with_total);
    EXPECT_FALSE(parse_page_query("total=none&page=3")->with_total);
    EXPECT_FALSE(parse_page_query("total=exact"));
}

TEST(PageQuery, PageSizeClampsAtOneHundred) { EXPECT_EQ(parse_page_query("page_size=5000")->page_size, 100); }

TEST(PageQuery, WhatIsNoPageIsRefused) {
    for (const char* query : {"page=0", "page=-1", "page=", "page=2x", "page=12345678901", "colour=red",
                              "page", "page=5002&page_size=20"}) {
        EXPECT_FALSE(parse_page_query(query)) << query;
    }
}

}  // namespace
}  // namespace bench
