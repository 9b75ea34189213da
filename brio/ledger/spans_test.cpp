#include <brio/ledger/spans.hpp>

#include <brio/metrics/value_harness.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace brio::ledger {
namespace {

Span named(std::string name) {
    Span span;
    span.name = std::move(name);
    return span;
}

TEST(SpanQueue, GivesTheOldestFirst) {
    metrics::Registry registry;
    SpanQueue queue(3, registry);
    for (const char* name : {"a", "b", "c"}) {
        EXPECT_TRUE(queue.admits({}));
        queue.add(named(name));
    }
    const auto first = queue.take(2);
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].name, "a");
    EXPECT_EQ(queue.take(2).front().name, "c");
    EXPECT_TRUE(queue.take(2).empty());
}

TEST(SpanQueue, WhatDoesNotFitIsDroppedAndCounted) {
    metrics::Registry registry;
    SpanQueue queue(1, registry);
    queue.add(named("a"));
    EXPECT_FALSE(queue.admits({}));
    queue.add(named("b"));
    EXPECT_EQ(metrics::test::value_of(registry, "spans_total", "dropped"), 2);
    EXPECT_EQ(metrics::test::value_of(registry, "spans_waiting"), 1);
    EXPECT_EQ(queue.take(9).size(), 1U);
    EXPECT_TRUE(queue.admits({}));
}

TEST(SpanQueue, WhoHasRequestsSampledTakesNoRoomFromThoseOfNote) {
    metrics::Registry registry;
    SpanQueue queue(8, registry);
    for (int i = 0; i < 8; ++i) {
        queue.add(named("sampled"));
    }
    EXPECT_FALSE(queue.admits({}));
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(queue.admits(SlowWhy::slow));
        Span slow = named("slow");
        slow.why = SlowWhy::slow;
        queue.add(std::move(slow));
    }
    EXPECT_FALSE(queue.admits(SlowWhy::slow));
    const auto all = queue.take(9);
    EXPECT_EQ(all.size(), 8U);
    EXPECT_EQ(std::ranges::count(all, "slow", &Span::name), 2);
}

TEST(Span, HasItsLongestStatementsAndItsTimeWithoutTheWait) {
    StatementTally tally;
    tally.start();
    for (std::uint32_t number = 1; number <= 10; ++number) {
        tally.add(number, "s", 1, 100U * number);
    }
    Ledger ledger;
    ledger.start(Phase::run, 1000);
    ledger.add_before(Phase::wait, 500);
    ledger.finish(4000);
    Span span;
    span.take(tally);
    span.take(ledger);
    ASSERT_EQ(span.statements.size(), Span::most_statements);
    EXPECT_EQ(span.statements.front().ns, 1000U);
    EXPECT_EQ(span.statement_runs, 10U);
    EXPECT_EQ(span.took_ns, span.phases[static_cast<std::size_t>(Phase::run)]);
    EXPECT_GT(span.phases[static_cast<std::size_t>(Phase::wait)], 0U);
}

}  // namespace
}  // namespace brio::ledger
