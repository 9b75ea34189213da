#include <brio/watch/goal_watch.hpp>

#include <gtest/gtest.h>

#include <brio/ledger/request_metrics.hpp>
#include <brio/metrics/value_harness.hpp>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;
using ledger::Phase;

/// A program's metrics of requests, and a watch over them.
class GoalWatchTest : public testing::Test {
protected:
    void request(std::chrono::milliseconds pool, std::uint16_t status = 200,
                 ledger::RouteMetrics* which = nullptr) {
        ledger::Ledger ledger;
        const Ticks begin = 1'000'000'000;
        ledger.start(Phase::read, begin);
        ledger.enter(Phase::pool, begin + ticks_of(1ms));
        ledger.enter(Phase::handler, begin + ticks_of(1ms + pool));
        ledger.finish(begin + ticks_of(2ms + pool));
        (which != nullptr ? *which : *route)
            .record(counted_in->here(),
                    {.method = ledger::MethodLabel::get, .status = status, .goal = rules.goals.api}, ledger);
    }
    static Ticks ticks_of(std::chrono::nanoseconds time) {
        return ns_to_ticks(static_cast<std::uint64_t>(time.count()));
    }
    void pass(std::chrono::seconds time) {
        passed += time;
        watch->look();
    }
    Clocks clocks() {
        return {.monotonic = [this] { return passed; }, .wall = [this] { return wall; }};
    }
    GoalReport report() {
        const auto all = watch->report();
        return all.empty() ? GoalReport{} : all.front();
    }

    GoalRules rules{.goals = {.api = 200ms}, .requests = {{"GET /slow", {.limit = 1s, .share = 0.9}}}};
    std::chrono::nanoseconds passed = 77h;
    std::chrono::seconds wall = 1'790'000'000s;
    metrics::Registry registry{metrics::Edges(rules.edges())};
    metrics::Registry* counted_in = &registry;
    ledger::RequestMetrics requests{registry};
    std::unique_ptr<ledger::RouteMetrics> route = requests.route("/api/resources");
    std::optional<GoalWatch> watch{std::in_place, registry, rules, clocks()};
};

TEST_F(GoalWatchTest, WhatIsWithinTheGoalIsGood) {
    for (int i = 0; i < 970; ++i) {
        request(10ms);
    }
    for (int i = 0; i < 30; ++i) {
        request(300ms);
    }
    pass(10s);
    const auto found = report();
    EXPECT_EQ(found.name, "GET /api/resources");
    EXPECT_EQ(found.limit_ms, 200);
    EXPECT_EQ(found.windows[0].good, 970u);
    EXPECT_EQ(found.windows[0].total, 1000u);
    EXPECT_EQ(found.standing, "missed");
    ASSERT_FALSE(found.blame.empty());
    EXPECT_EQ(found.blame[0].phase, "pool");
    EXPECT_GT(found.blame[0].share, 0.99);
    EXPECT_NEAR(found.blame[0].over_ms, 300, 0.1);
    EXPECT_NEAR(found.blame[0].inside_ms, 10, 0.1);
}

TEST_F(GoalWatchTest, AnAnswerOf5xxIsAMissHoweverFast) {
    for (int i = 0; i < 100; ++i) {
        request(1ms, i < 50 ? 503 : 404);
    }
    pass(10s);
    EXPECT_EQ(report().windows[0].good, 50u);
}

TEST_F(GoalWatchTest, ARouteHasItsOwnLimit) {
    const auto slow = requests.route("/slow");
    request(900ms, 200, slow.get());
    request(1100ms, 200, slow.get());
    pass(10s);
    EXPECT_EQ(report().limit_ms, 1000);
    EXPECT_EQ(report().share, 0.9);
    EXPECT_EQ(report().windows[0].good, 1u);
}

TEST_F(GoalWatchTest, ChangeOneNumberAndTheVerdictFollows) {
    rules.goals.api = 123ms;
    metrics::Registry other{metrics::Edges(rules.edges())};
    ledger::RequestMetrics its(other);
    route = its.route("/api/resources");
    counted_in = &other;
    GoalWatch follows(other, rules, clocks());
    request(100ms);
    request(150ms);
    follows.look();
    EXPECT_EQ(follows.report().front().limit_ms, 123);
    EXPECT_EQ(follows.report().front().windows[0].good, 1u);
}

TEST_F(GoalWatchTest, EachLookCountsWhatIsNew) {
    for (int i = 0; i < 200; ++i) {
        request(1ms);
    }
    pass(10s);
    pass(10s);
    EXPECT_EQ(report().windows[0].total, 200u);
    pass(6min);
    request(1ms);
    pass(10s);
    EXPECT_EQ(report().windows[0].total, 1u);
    EXPECT_EQ(report().windows[1].total, 201u);
}

TEST_F(GoalWatchTest, AClockThatIsSetChangesNothing) {
    request(1ms);
    pass(10s);
    wall += 100h;
    pass(10s);
    EXPECT_EQ(report().windows[0].total, 1u);
    wall -= 200h;
    request(1ms);
    pass(10s);
    EXPECT_EQ(report().windows[0].total, 2u);
}

TEST_F(GoalWatchTest, AnAlarmIsToldWhenItBeginsAndWhenItIsOver) {
    std::vector<std::string> told;
    watch->on_alarm([&](const GoalReport& about) { told.push_back(about.alarm); });
    for (int i = 0; i < 100; ++i) {
        request(500ms);
    }
    pass(10s);
    pass(10s);
    EXPECT_EQ(told, std::vector<std::string>{"fast"});
    for (int minute = 0; minute < 90; ++minute) {
        for (int i = 0; i < 1000; ++i) {
            request(1ms);
        }
        pass(60s);
    }
    EXPECT_EQ(told.back(), "none");
}

TEST_F(GoalWatchTest, WhatWasKeptIsAddedTo) {
    for (int i = 0; i < 10; ++i) {
        request(1ms);
    }
    pass(10s);
    const auto kept = watch->kept();
    ASSERT_EQ(kept.size(), 1u);
    wall += 30min;  // and begins again
    passed = 0s;
    metrics::Registry next;
    ledger::RequestMetrics its(next);
    GoalWatch after(next, rules, clocks());
    after.restore(kept);
    route = its.route("/api/resources");
    ledger::Ledger ledger;
    ledger.start(Phase::handler, 1000);
    ledger.finish(2000);
    route->record(next.here(), {.method = ledger::MethodLabel::get, .status = 200}, ledger);
    after.look();
    EXPECT_EQ(after.report().front().windows[0].total, 1u);
    EXPECT_EQ(after.report().front().windows[1].total, 11u);
}

TEST_F(GoalWatchTest, AResourceIsJudgedByItsReadings) {
    std::vector<std::string> told;
    watch->on_alarm([&](const GoalReport& about) { told.push_back(about.name + " " + about.alarm); });
    for (int i = 0; i < 20; ++i) {
        passed += 5s;
        watch->look({}, {{.name = "cpu", .percent = 83, .limit = 70, .words = "83 % of 2 cores"}});
    }
    const auto found = report();
    EXPECT_EQ(found.scope, "resource");
    EXPECT_EQ(found.limit_percent, 70);
    EXPECT_EQ(found.limit_ms, 0);
    EXPECT_EQ(found.standing, "missed");
    EXPECT_EQ(found.words,
              "cpu holds 70 % for 0 % of 20 readings in the last 5 minutes; asked are 95 %. Now 83 % of 2 "
              "cores");
    EXPECT_EQ(told, std::vector<std::string>{"cpu fast"});
    EXPECT_EQ(metrics::test::value_of(registry, "goal_limit", R"(scope="resource",goal="cpu")"), 70);
    EXPECT_EQ(watch->kept().front().scope, "resource");
}

TEST_F(GoalWatchTest, WhoHadTheConnectionsIsSaidWhereThePoolIsToBlame) {
    watch->ask_of_pool([] { return "3 s ago 2 of 2 connections in use: GET /a for 1.2 s"; });
    for (int i = 0; i < 100; ++i) {
        request(500ms);
    }
    pass(10s);
    EXPECT_NE(report().words.find("is waiting for a connection of the database; 3 s ago 2 of 2"),
              std::string::npos);
}

TEST_F(GoalWatchTest, ShowsItselfInMetrics) {
    request(300ms);
    pass(10s);
    using metrics::test::value_of;
    const std::string goal = R"(scope="request",goal="GET /api/resources")";
    EXPECT_EQ(value_of(registry, "goal_limit", goal), 0.2);
    EXPECT_EQ(value_of(registry, "goal_good_ratio", goal), 0);
    EXPECT_NEAR(value_of(registry, "goal_burn_rate", goal + R"(,window="1h")").value_or(-1), 100, 1e-6);
}

}  // namespace
}  // namespace brio::watch
