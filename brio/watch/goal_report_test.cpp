#include <brio/watch/goal_report.hpp>

#include <gtest/gtest.h>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;
using ledger::Phase;
constexpr auto now = 1'000'000s;

GoalReport report(const Counted& counted, std::vector<ledger::Blame> blame = {},
                  std::string_view name = "GET /api/x") {
    WindowCounts counts;
    if (counted.total > 0) {
        counts.add(now, counted);
    }
    return report_of({.scope = "request",
                      .name = name,
                      .limit = 200ms,
                      .share = 0.99,
                      .verdict = judge(counts, 0.99, now),
                      .blame = std::move(blame)});
}

TEST(GoalReport, SaysWhatHoldsAndWhatDoesNot) {
    EXPECT_EQ(report({12'345, 12'345}).words,
              "GET /api/x holds 200ms for 100 % of 12,345 in the last 5 minutes; asked are 99 %");
    EXPECT_EQ(report({12'344, 12'345}).words,
              "GET /api/x holds 200ms for 99.99 % of 12,345 in the last 5 minutes; asked are 99 %");
    EXPECT_EQ(report({}).words, "GET /api/x: nothing in the last 3 days");
    EXPECT_EQ(report({3, 4}).words,
              "GET /api/x holds 200ms for 75 % of 4 in the last 3 days; asked are 99 %, which fewer than 100 "
              "cannot show");
}

TEST(GoalReport, SaysWhatTheOverrunIs) {
    const auto missed = report({971, 1000}, {{.phase = Phase::pool, .share = 0.71},
                                             {.phase = Phase::db, .share = 0.25},
                                             {.phase = Phase::handler, .share = 0.04}});
    EXPECT_EQ(missed.words,
              "GET /api/x holds 200ms for 97.1 % of 1,000 in the last 5 minutes; asked are 99 %. Of the "
              "overrun 71 % "
              "is waiting for a connection of the database, 25 % is statements");
    EXPECT_EQ(missed.standing, "missed");
    EXPECT_EQ(missed.blame.front().phase, "pool");
    ASSERT_EQ(missed.windows.size(), 4u);
    EXPECT_NEAR(missed.windows[1].burn, 2.9, 1e-9);
}

TEST(GoalReport, TheMissedComeFirstAndTheIdleLast) {
    std::vector<GoalReport> reports{report({}, {}, "idle"), report({10, 10}, {}, "few"),
                                    report({1000, 1000}, {}, "kept"), report({0, 100}, {}, "missed")};
    sort_by_need(reports);
    std::vector<std::string> names;
    for (const auto& each : reports) {
        names.push_back(each.name);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"missed", "kept", "few", "idle"}));
    const auto text = write_goals(reports);
    EXPECT_TRUE(text.starts_with("MISSED  missed holds")) << text;
    EXPECT_NE(text.find("alarm: misses come many times faster"), std::string::npos) << text;
    EXPECT_NE(text.find("\nkept    kept holds"), std::string::npos) << text;
}

}  // namespace
}  // namespace brio::watch
