#include <brio/watch/history.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include <brio/metrics/value_harness.hpp>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;

/// A program's metrics, and the history of them.
class HistoryTest : public testing::Test {
protected:
    void request(std::chrono::nanoseconds took, std::string_view status = "200") {
        durations.with({"GET", "/api/resources", status})
            .observe(registry.here(), static_cast<std::uint64_t>(took.count()));
    }
    void pass(std::chrono::seconds time) {
        passed += time;
        history.look(read_work(registry));
    }
    std::vector<float> values(HistoryChoice choice) {
        const auto report = history.report(choice);
        return report.lines.size() == 1 ? report.lines[0].values : std::vector<float>();
    }
    std::vector<float> requests(std::string figure, Span span = Span::ten_minutes) {
        return values({.span = span, .of = "requests", .name = "GET /api/resources", .figure = figure});
    }

    GoalRules rules{.goals = {.api = 200ms}, .requests = {}};
    std::chrono::nanoseconds passed = 5h;
    metrics::Registry registry{metrics::Edges(rules.edges())};
    metrics::Family<metrics::Histogram> durations = registry.histogram(
        {.name = "http_request_duration_seconds", .help = "h", .labels = {"method", "endpoint", "status"}});
    History history{registry, rules,
                    Clocks{.monotonic = [this] { return passed; }, .wall = [] { return 1'790'000'100s; }}};
};

TEST_F(HistoryTest, TellsRateQuantilesAndShareOfAStepsWork) {
    for (int i = 0; i < 98; ++i) {
        request(10ms);
    }
    request(300ms);
    request(1ms, "503");
    pass(5s);
    EXPECT_EQ(requests("rate").back(), 20);
    EXPECT_NEAR(requests("failed").back(), 0.2, 1e-6);
    EXPECT_NEAR(requests("within").back(), 0.98, 1e-6);
    EXPECT_LE(requests("p50").back(), 0.01);
    EXPECT_GT(requests("p99").back(), 0.0101);
}

TEST_F(HistoryTest, ACoarseStepIsComputedFromAllItsWork) {
    for (int i = 0; i < 90; ++i) {
        request(1ms);
    }
    pass(5s);
    for (int i = 0; i < 30; ++i) {
        request(900ms);
    }
    pass(5s);
    EXPECT_EQ(requests("within").back(), 0);
    EXPECT_EQ(requests("within", Span::day).back(), 0.75);
    EXPECT_EQ(requests("rate", Span::six_hours).back(), 12);
    EXPECT_LT(requests("p50", Span::day).back(), 0.0011);
}

TEST_F(HistoryTest, WithoutWorkTheRateIsZeroAndTimesAreUnknown) {
    request(1ms);
    pass(5s);
    pass(5s);
    EXPECT_EQ(requests("rate").back(), 0);
    EXPECT_TRUE(std::isnan(requests("p95").back()));
    EXPECT_TRUE(std::isnan(requests("within").back()));
}

TEST_F(HistoryTest, FiguresAreKeptAsTheyAre) {
    registry.gauge({.name = "cpu_usage_percent", .help = "h"}).with({}).set(40);
    const auto lag = registry.gauge({.name = "loop_lag_seconds", .help = "h", .labels = {"loop"}});
    lag.with({"api-0"}).set(0.5);
    pass(5s);
    lag.with({"api-0"}).set(0.1);
    pass(5s);
    EXPECT_EQ(values({.of = "resources", .name = {}, .figure = "cpu"}).back(), 40);
    EXPECT_NEAR(values({.span = Span::day, .of = "resources", .name = "api-0", .figure = "loop_lag"}).back(),
                0.5, 1e-6);
}

TEST_F(HistoryTest, TheCachesShareOfHitsIsOfTheStep) {
    const auto hits = registry.counter({.name = "cache_hits_total", .help = "h", .labels = {"cache_type"}});
    const auto misses =
        registry.counter({.name = "cache_misses_total", .help = "h", .labels = {"cache_type"}});
    misses.with({"response"}).add(registry.here(), 4);
    pass(5s);
    hits.with({"response"}).add(registry.here(), 3);
    misses.with({"response"}).add(registry.here(), 1);
    pass(5s);
    EXPECT_EQ(values({.of = "cache", .name = "response", .figure = "hits"}).back(), 0.75);
}

TEST_F(HistoryTest, WhatIsCountedIsTheStepsSum) {
    const auto refused =
        registry.counter({.name = "limit_refused_total", .help = "h", .labels = {"limit"}}).with({"a"});
    request(1ms);
    pass(5s);
    request(1ms);
    request(1ms);
    refused.add(registry.here(), 4);
    pass(5s);
    refused.add(registry.here(), 3);
    pass(5s);
    EXPECT_EQ(requests("count").at(118), 2);
    EXPECT_EQ(requests("count", Span::two_weeks).back(), 3);
    EXPECT_EQ(values({.span = Span::day, .of = "resources", .name = "a", .figure = "refused"}).back(), 7);
    EXPECT_EQ(values({.span = Span::two_weeks, .of = "resources", .name = {}, .figure = "watched"}).back(),
              15);
}

TEST_F(HistoryTest, TellsWhichPhaseWorkOverItsGoalLostItsTimeIn) {
    WorkReading reading;
    const WorkKey key{Scope::request, "/api/resources"};
    const auto db = static_cast<std::size_t>(ledger::Phase::db);
    const auto handler = static_cast<std::size_t>(ledger::Phase::handler);
    reading.phases[key].count = 12;  // 10 inside
    reading.phases[key].ns[db] = 2'100'000'000;
    reading.phases[key].ns[handler] = 12'000'000;
    reading.overrun_phases[key].count = 2;
    reading.overrun_phases[key].ns[db] = 2'000'000'000;
    reading.overrun_phases[key].ns[handler] = 2'000'000;
    passed += 5s;
    history.look(reading);
    history.look(reading);
    EXPECT_NEAR(values({.of = "overrun", .name = "/api/resources", .figure = "db"}).back(), 1.98, 1e-6);
    EXPECT_TRUE(values({.of = "overrun", .name = "/api/resources", .figure = "handler"}).empty());
}

TEST_F(HistoryTest, AnotherProcessGoesOnWithTheHour) {
    const auto look_back = [&](History& its, std::string of, std::string name, std::string figure) {
        return its.report({.span = Span::two_weeks, .of = of, .name = name, .figure = figure})
            .lines.at(0)
            .values;
    };
    for (int i = 0; i < 30; ++i) {
        request(1ms);
    }
    registry.gauge({.name = "cpu_usage_percent", .help = "h"}).with({}).set(40);
    passed += 5s;
    history.look(read_work(registry), {{.name = "cpu", .percent = 40, .limit = 70, .words = {}}});
    const auto kept = history.kept();

    passed += 10s;
    metrics::Registry its_registry{metrics::Edges(rules.edges())};
    auto its_durations = its_registry.histogram(
        {.name = "http_request_duration_seconds", .help = "h", .labels = {"method", "endpoint", "status"}});
    History next{its_registry, rules,
                 Clocks{.monotonic = [this] { return passed; },
                        .wall =
                            [this] {
                                return 1'790'000'100s +
                                       std::chrono::duration_cast<std::chrono::seconds>(passed - 5h);
                            }}};
    next.restore(kept);
    for (int i = 0; i < 10; ++i) {
        its_durations.with({"GET", "/api/resources", "200"}).observe(its_registry.here(), 900'000'000);
    }
    its_durations.with({"GET", "/api/users", "200"}).observe(its_registry.here(), 900'000'000);
    passed += 5s;
    next.look(read_work(its_registry), {{.name = "cpu", .percent = 90, .limit = 70, .words = {}}});
    const std::string name = "GET /api/resources";
    EXPECT_EQ(look_back(next, "requests", name, "count").back(), 40);
    EXPECT_NEAR(look_back(next, "requests", name, "within").back(), 0.75, 1e-6);
    EXPECT_NEAR(look_back(next, "requests", name, "rate").back(), 4, 1e-6);
    // of a route that the other did not have
    EXPECT_NEAR(look_back(next, "requests", "GET /api/users", "rate").back(), 0.1, 1e-6);
    EXPECT_EQ(look_back(next, "requests", "GET /api/users", "within").back(), 0);
    EXPECT_EQ(look_back(next, "goals", "cpu", "within").back(), 0.5);
    EXPECT_EQ(look_back(next, "resources", "", "watched").back(), 10);
}

TEST_F(HistoryTest, ANewRoutesRateIsOfTheWholeStep) {
    for (int i = 0; i < 9; ++i) {
        pass(5s);
    }
    request(1ms);
    request(1ms, "503");
    pass(5s);
    EXPECT_NEAR(requests("rate", Span::day).back(), 2.0 / 50, 1e-6);
    EXPECT_NEAR(requests("failed", Span::two_weeks).back(), 1.0 / 50, 1e-6);
    EXPECT_NEAR(requests("rate").back(), 2.0 / 5, 1e-6);
}

TEST_F(HistoryTest, WhatIsOlderThanTwoWeeksIsNotKeptForEver) {
    request(1ms);
    pass(5s);
    const auto kept = history.kept();
    ASSERT_FALSE(kept.empty());
    const auto lines_after = [&](std::chrono::hours later) {
        History next{
            registry, rules,
            Clocks{.monotonic = [] { return 5h; }, .wall = [later] { return 1'790'000'100s + later; }}};
        next.restore(kept);
        return next.lines();
    };
    EXPECT_EQ(lines_after(335h), kept.size());
    EXPECT_EQ(lines_after(337h), 0u);
}

TEST_F(HistoryTest, HasABoundOfLines) {
    const auto limits = registry.gauge(
        {.name = "limit_in_use", .help = "h", .labels = {"limit"}, .most_series = 2 * History::most_lines});
    for (std::size_t i = 0; i < History::most_lines + 10; ++i) {
        limits.with({std::to_string(i)}).set(1);
    }
    request(1ms);
    pass(5s);
    pass(5s);
    EXPECT_EQ(history.lines(), History::most_lines);
}

}  // namespace
}  // namespace brio::watch
