#include <brio/app/queries_page.hpp>

#include <gtest/gtest.h>

namespace brio::app {
namespace {

TEST(QueriesPage, SaysThatNothingIsWrong) {
    auto const html = write_queries_page("shop", {});
    EXPECT_NE(html.find("<h1>shop · queries</h1>"), std::string::npos);
    EXPECT_NE(html.find("No request ran one statement again and again."), std::string::npos);
    EXPECT_NE(html.find("No statement was over its goal."), std::string::npos);
}

TEST(QueriesPage, ShowsFindingsEscaped) {
    db::QueriesReport report;
    report.repeated.push_back({.statement = "users by id",
                               .endpoint = "/api/<bad>",
                               .text = "SELECT \"x\"",
                               .runs = 20,
                               .fix = "belongs_to<…>"});
    report.slow.push_back(
        {.statement = "resources select", .plan = "SCAN t", .words = "scans the whole table"});
    report.over_budget.push_back({.endpoint = "/api/tight", .budget = 2, .statements = 6, .ran = "6 (…)"});
    report.statements.push_back({.statement = "users total", .endpoint = "/api/users", .count = 1234567});
    auto const html = write_queries_page("shop", report);
    EXPECT_NE(html.find("/api/&lt;bad&gt;"), std::string::npos);
    EXPECT_NE(html.find("belongs_to&lt;…&gt;"), std::string::npos);
    EXPECT_NE(html.find("SELECT &quot;x&quot;"), std::string::npos);
    EXPECT_NE(html.find("scans the whole table"), std::string::npos);
    EXPECT_NE(html.find("6 (…)"), std::string::npos);
    EXPECT_EQ(html.find("<bad>"), std::string::npos);
}

}  // namespace
}  // namespace brio::app
