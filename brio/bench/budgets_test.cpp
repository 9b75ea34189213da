#include <brio/bench/budgets.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view file = R"({"cases": [
  {"request": "GET /a?b=1",
   "most": {"statements": 2, "allocations": 40, "bytes": 9000, "system_calls": 3, "p99_ms": 0.25}},
  {"request": "POST /a",
   "fields": {"Idempotency-Key":"k"},
   "body": {"name": "a"}}
]}
)";

TEST(Budgets, AFileIsWrittenAsItWasRead) {
    auto const budgets = read_budgets(file);
    ASSERT_TRUE(budgets) << budgets.error();
    EXPECT_EQ(budgets->cases.at(0).most->p99_ms, 0.25);
    EXPECT_EQ(budgets->cases.at(0).most->p50_ms, std::nullopt);
    EXPECT_EQ(write_budgets(*budgets), file);
}

TEST(Budgets, WhatIsWrongIsSaidWithItsPlace) {
    EXPECT_THAT(read_budgets("{").error(), HasSubstr("is not JSON"));
    EXPECT_THAT(read_budgets(R"({"cases": [{"request": "GET /", "most": {"statments": 1}}]})").error(),
                HasSubstr("cases[0].most.statments"));
    EXPECT_THAT(read_budgets(R"({"cases": [{"request": "/a"}]})").error(),
                HasSubstr("cases[0].request: \"/a\": a request begins with a method"));
    EXPECT_THAT(read_budgets(R"({"cases": [{"request": "GET a"}]})").error(), HasSubstr("begins with /"));
    EXPECT_THAT(read_budgets(R"({"cases": [{"request": "GET /a\r\nX: y"}]})").error(),
                HasSubstr("printable ASCII"));
}

TEST(Budgets, ARequestOfTheCommandLineMayHaveABody) {
    EXPECT_EQ(read_case("GET /a?b=c")->request, "GET /a?b=c");
    EXPECT_EQ(read_case("GET /a?b=c")->body, std::nullopt);
    auto const post = read_case(R"(POST /a {"name": "b c"})");
    ASSERT_TRUE(post) << post.error();
    EXPECT_EQ(post->request, "POST /a");
    EXPECT_EQ(post->body->text, R"({"name": "b c"})");
    EXPECT_THAT(read_case("POST /a {").error(), HasSubstr("the body behind the target is not JSON"));
    EXPECT_THAT(read_case("FETCH /a").error(), HasSubstr("begins with a method"));
}

TEST(Budgets, ARequestAsBytes) {
    EXPECT_EQ(bytes_of(*read_case("GET /a")), "GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    EXPECT_EQ(bytes_of(read_budgets(file)->cases.at(1)),
              "POST /a HTTP/1.1\r\nHost: 127.0.0.1\r\nIdempotency-Key: k\r\nContent-Type: "
              "application/json\r\nContent-Length: 13\r\n\r\n{\"name\": \"a\"}");
}

TEST(Budgets, OfTwoCountsTheLargerOfEachCounts) {
    Counts const one{.statements = 2, .bytes = 10, .allocations = 7, .system_calls = 4};
    Counts const other{.statements = 1, .bytes = 12, .allocations = {}, .system_calls = 5};
    Counts const larger{.statements = 2, .bytes = 12, .allocations = 7, .system_calls = 5};
    EXPECT_EQ(larger_of(one, other), larger);
    EXPECT_EQ(larger_of(other, one), larger);
}

TEST(Budgets, OnlyWhatIsOverIsNamed) {
    Budget const most{.statements = 2, .allocations = 40, .system_calls = 3, .p99_ms = 1.5};
    Counts const counts{.statements = 3, .bytes = 1e6, .allocations = 40, .system_calls = {}};
    Figures const figures{.p50_ms = 100, .p99_ms = 1.75};
    EXPECT_THAT(over_budget(most, counts, &figures),
                ElementsAre("statements: 3, the budget is 2", "p99_ms: 1.75, the budget is 1.5"));
    EXPECT_THAT(over_budget(most, counts, nullptr), ElementsAre("statements: 3, the budget is 2"));
    EXPECT_THAT(not_judged(most, counts), ElementsAre("system_calls"));
}

}  // namespace
}  // namespace brio::bench
