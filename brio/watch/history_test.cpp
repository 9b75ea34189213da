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
