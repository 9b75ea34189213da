#include <brio/load/server_reading.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

using ledger::Phase;

std::uint64_t ns(const ledger::PhaseSums& sums, Phase phase) {
    return sums.ns[static_cast<std::size_t>(phase)];
}

constexpr std::string_view metrics =
    "# HELP http_request_phase_seconds where time goes\n"
    "# TYPE http_request_phase_seconds summary\n"
    "http_request_phase_seconds_sum{endpoint=\"/a\",phase=\"db\"} 1.5\n"
    "http_request_phase_seconds_count{endpoint=\"/a\",phase=\"db\"} 10\n"
    "http_request_phase_seconds_sum{endpoint=\"/b\",phase=\"db\"} 0.5\n"
    "http_request_phase_seconds_sum{endpoint=\"/b\",phase=\"pool\"} 2e-3\n"
    "http_request_overrun_seconds_sum{endpoint=\"/a\",phase=\"db\"} 1\n"
    "http_request_overrun_seconds_count{endpoint=\"/a\",phase=\"db\"} 4\n"
    "http_request_overrun_seconds_count{endpoint=\"/a\",phase=\"pool\"} 3\n"
    "http_request_duration_seconds_bucket{method=\"GET\",endpoint=\"/a\",status=\"200\",le=\"+Inf\"} 12\n"
    "http_request_duration_seconds_sum{method=\"GET\",endpoint=\"/a\",status=\"200\"} 3\n"
    "http_request_duration_seconds_count{method=\"GET\",endpoint=\"/a\",status=\"200\"} 12\n"
    "http_request_duration_seconds_count{method=\"GET\",endpoint=\"/b\",status=\"503\"} 2\n"
    "http_requests_shed_total{reason=\"in_flight\"} 7\n"
    "http_requests_shed_total{reason=\"pool\"} 0\n"
    "no number here\n";

TEST(ServerReading, CountersAreReadFromTheTextFormat) {
    auto const counters = read_counters(metrics);
    EXPECT_EQ(ns(counters.phases, Phase::db), 2'000'000'000u);
    EXPECT_EQ(ns(counters.phases, Phase::pool), 2'000'000u);
    EXPECT_EQ(counters.phases.count, 14u);
    EXPECT_EQ(ns(counters.overruns, Phase::db), 1'000'000'000u);
    EXPECT_EQ(counters.overruns.count, 4u);
    EXPECT_EQ(counters.total_ns, 3'000'000'000u);
    EXPECT_EQ(counters.shed.at("in_flight"), 7u);
}

TEST(ServerReading, WhatIsNoMetricIsPassedOver) {
    EXPECT_EQ(read_counters("<html>\nno metrics\n\n").phases.count, 0u);
    EXPECT_EQ(read_counters("").phases.count, 0u);
}

TEST(ServerReading, LevelsAndStatementsAreReadFromJson) {
    auto const levels =
        read_levels(R"({"at":1,"cpu":{"percent":83.5,"cores":2},)"
                    R"("connections":{"in_use":9,"idle":1,"waiting":40,"most":10,"is_judged":true}})");
    ASSERT_TRUE(levels.has_value());
    EXPECT_EQ(levels->pool_in_use, 9u);
    EXPECT_EQ(levels->pool_waiting, 40u);
    EXPECT_EQ(levels->cpu_percent, 83.5);
    EXPECT_TRUE(read_levels(R"({"cpu":{"percent":null}})").has_value());
    EXPECT_FALSE(read_levels("nonsense").has_value());
    auto const statements = read_statements(
        R"({"statements":[{"statement":"s","endpoint":"/a","type":"select","count":2,"rows":40,"scanned":9,)"
        R"("waited_ms":1,"took_ms":3}],"slow":[]})");
    ASSERT_TRUE(statements.has_value());
    EXPECT_EQ(statements->at(0).runs, 2u);
}

TEST(ServerReading, AWindowIsTheDifference) {
    auto const end = read_counters(metrics);
    auto begin = end;
    begin.phases.ns[static_cast<std::size_t>(Phase::db)] -= 500;
    begin.phases.count -= 3;
    begin.shed["in_flight"] = 5;
    auto const window = window_of(begin, end, {});
    EXPECT_EQ(ns(window.counted.phases, Phase::db), 500u);
    EXPECT_EQ(window.counted.phases.count, 3u);
    EXPECT_EQ(window.counted.shed, (std::map<std::string, std::uint64_t>{{"in_flight", 2}}));
}

TEST(ServerReading, AServerThatBeganAnewIsNotNegative) {
    auto const window = window_of(read_counters(metrics), {}, {});
    EXPECT_EQ(window.counted.phases.count, 0u);
    EXPECT_EQ(ns(window.counted.phases, Phase::db), 0u);
}

TEST(ServerReading, StatementsOfAWindowAreThoseThatRanTheCostliestFirst) {
    ServerCounters begin;
    begin.statements = {{.statement = "a", .runs = 5, .took_ms = 50},
                        {.statement = "b", .runs = 5, .took_ms = 5}};
    ServerCounters end;
    end.statements = {{.statement = "a", .runs = 5, .took_ms = 50},
                      {.statement = "b", .runs = 6, .took_ms = 6},
                      {.statement = "c", .runs = 1, .took_ms = 9}};
    auto const window = window_of(begin, end, {});
    ASSERT_EQ(window.counted.statements.size(), 2u);
    EXPECT_EQ(window.counted.statements[0].statement, "c");
    EXPECT_EQ(window.counted.statements[1].runs, 1u);
}

TEST(ServerReading, LevelsOfAWindowAreTheHighest) {
    std::vector<ServerLevels> const levels = {
        {.pool_in_use = 3, .pool_most = 10, .cpu_percent = 5},
        {.pool_in_use = 10, .pool_waiting = 7, .pool_most = 10, .cpu_percent = 90},
        {.pool_in_use = 4, .pool_most = 10, .cpu_percent = 88}};
    auto const window = window_of({}, {}, levels);
    EXPECT_EQ(window.highest.pool_in_use, 10u);
    EXPECT_EQ(window.highest.pool_waiting, 7u);
    EXPECT_EQ(window.highest.cpu_percent, 88);
}

}  // namespace
}  // namespace brio::load
