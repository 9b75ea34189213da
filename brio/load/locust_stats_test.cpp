#include <brio/load/locust_stats.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::load::locust {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

void answer(Record& record, std::string_view name, int status, std::chrono::nanoseconds latency) {
    record.answer({.id = record.id_of("GET", name),
                   .status = status,
                   .latency_ns = static_cast<std::uint64_t>(latency.count()),
                   .uncorrected_ns = static_cast<std::uint64_t>(latency.count()),
                   .bytes_received = 100,
                   .is_failure = status >= 400});
}

TEST(LocustStats, AnEntryHoldsWhatWasCountedOfAName) {
    Record record;
    answer(record, "/a", 200, 12ms);
    answer(record, "/a", 200, 147ms);
    answer(record, "/a", 503, 3432ms);
    Delta delta;
    delta.add(record, {.from = 100.0, .to = 101.0});
    const auto stats = delta.take({{"U", 3}}, 101.0);
    ASSERT_EQ(stats.entries.size(), 1u);
    const Entry& entry = stats.entries.front();
    EXPECT_EQ(entry.name, "/a");
    EXPECT_EQ(entry.method, "GET");
    EXPECT_EQ(entry.requests, 3u);
    EXPECT_EQ(entry.failures, 1u);
    EXPECT_EQ(entry.without_times, 0u);
    EXPECT_EQ(entry.bytes, 300u);
    EXPECT_NEAR(entry.total_ms, 12 + 147 + 3432, 0.001);
    EXPECT_EQ(entry.min_ms, 12);
    EXPECT_EQ(entry.max_ms, 3432);
    EXPECT_THAT(entry.times_ms, ElementsAre(Pair(12, 1), Pair(150, 1), Pair(3400, 1)));
    EXPECT_THAT(entry.requests_at, ElementsAre(Pair(100, 3)));
    EXPECT_THAT(entry.failures_at, ElementsAre(Pair(100, 1)));
    EXPECT_EQ(entry.start, 100.0);
    EXPECT_EQ(entry.last_request, 101.0);
    EXPECT_THAT(stats.users, ElementsAre(Pair("U", 3)));
}

TEST(LocustStats, FailuresAreToldByTheirWords) {
    Record record;
    answer(record, "/a", 503, 1ms);
    answer(record, "/a", 503, 1ms);
    Delta delta;
    delta.add(record, {.from = 100.0, .to = 101.0});
    EXPECT_THAT(delta.take({}, 101.0).failures,
                ElementsAre(Failure{.name = "/a", .method = "GET", .text = "status 503", .count = 2}));
}

TEST(LocustStats, ARequestWithoutAnAnswerHasNoTimeUnlessItWasWaitedFor) {
    Record record;
    const auto id = record.id_of("GET", "/a");
    record.no_answer({.id = id, .why = Missing::connect});
    record.no_answer({.id = id, .why = Missing::timeout, .latency_ns = 10'000'000'000});
    Delta delta;
    delta.add(record, {.from = 100.0, .to = 101.0});
    const auto entry = delta.take({}, 101.0).entries.at(0);
    EXPECT_EQ(entry.requests, 2u);
    EXPECT_EQ(entry.failures, 2u);
    EXPECT_EQ(entry.without_times, 1u);
    EXPECT_THAT(entry.times_ms, ElementsAre(Pair(10'000, 1)));
}

TEST(LocustStats, PeriodsAndNamesAddUp) {
    Delta delta;
    for (int second = 100; second < 103; ++second) {
        Record record;
        answer(record, "/a", 200, 10ms);
        answer(record, "/b", 200, 20ms);
        delta.add(record, {.from = second + 0.02, .to = second + 1.01});
    }
    const auto stats = delta.take({}, 103.0);
    ASSERT_EQ(stats.entries.size(), 2u);
    EXPECT_EQ(stats.entries[0].requests, 3u);
    EXPECT_THAT(stats.entries[0].requests_at, ElementsAre(Pair(100, 1), Pair(101, 1), Pair(102, 1)));
    EXPECT_EQ(stats.total.name, "Aggregated");
    EXPECT_EQ(stats.total.requests, 6u);
    EXPECT_EQ(stats.total.min_ms, 10);
    EXPECT_EQ(stats.total.max_ms, 20);
    EXPECT_EQ(stats.total.start, 100.02);
    EXPECT_EQ(stats.total.last_request, 103.01);
    EXPECT_THAT(stats.total.times_ms, ElementsAre(Pair(10, 3), Pair(20, 3)));
    EXPECT_THAT(stats.total.requests_at, ElementsAre(Pair(100, 2), Pair(101, 2), Pair(102, 2)));
}

TEST(LocustStats, WhatWasToldIsNotToldAgain) {
    Record record;
    answer(record, "/a", 503, 10ms);
    Delta delta;
    delta.add(record, {.from = 100.0, .to = 101.0});
    delta.take({}, 101.0);
    record.take();
    delta.add(record, {.from = 101.0, .to = 102.0});
    const auto stats = delta.take({}, 102.0);
    EXPECT_TRUE(stats.entries.empty());
    EXPECT_TRUE(stats.failures.empty());
    EXPECT_EQ(stats.total.requests, 0u);
    EXPECT_EQ(stats.total.last_request, std::nullopt);
    EXPECT_EQ(stats.total.start, 102.0);
}

}  // namespace
}  // namespace brio::load::locust
