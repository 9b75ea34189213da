#include <brio/watch/recent_work.hpp>

#include <gtest/gtest.h>

#include <brio/ledger/request_metrics.hpp>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;
using ledger::Phase;

class RecentWorkTest : public testing::Test {
protected:
    RecentWorkTest() { look(); }

    void look() { work.look(read_work(registry)); }

    void request(std::chrono::milliseconds pool, std::uint16_t status = 200,
                 ledger::MethodLabel method = ledger::MethodLabel::get) {
        const auto ticks_of = [](std::chrono::nanoseconds time) {
            return ns_to_ticks(static_cast<std::uint64_t>(time.count()));
        };
        ledger::Ledger ledger;
        const Ticks begin = 1'000'000'000;
        ledger.start(Phase::pool, begin);
        ledger.enter(Phase::handler, begin + ticks_of(pool));
        ledger.finish(begin + ticks_of(1ms + pool));
        route->record(registry.here(), {.method = method, .status = status, .goal = 200ms}, ledger);
    }
    void pass(std::chrono::seconds time) {
        for (auto left = time; left > 0s; left -= 2s) {
            now += 2s;
            look();
        }
    }
    WorkRate only() {
        const auto rates = work.rates();
        return rates.size() == 1 ? rates[0] : WorkRate{};
    }

    GoalRules rules{.goals = {.api = 200ms}, .requests = {{"POST /api/resources", {.share = 0.95}}}};
    std::chrono::nanoseconds now = 77h;
    metrics::Registry registry{metrics::Edges(rules.edges())};
    ledger::RequestMetrics requests{registry};
    std::unique_ptr<ledger::RouteMetrics> route = requests.route("/api/resources");
    RecentWork work{registry.edges(), rules, [this] { return now; }};
};

TEST_F(RecentWorkTest, RateAndQuantilesAreOfTheLastMinute) {
    for (int i = 0; i < 90; ++i) {
        request(9ms);
    }
    for (int i = 0; i < 10; ++i) {
        request(299ms);
    }
    pass(20s);
    auto rate = only();
    EXPECT_EQ(rate.scope, "request");
    EXPECT_EQ(rate.name, "GET /api/resources");
    EXPECT_EQ(rate.limit_ms, 200);
    EXPECT_EQ(rate.count, 100U);
    EXPECT_NEAR(rate.per_second, 5, 0.01);
    EXPECT_LE(rate.p50_ms, 10);
    EXPECT_GT(rate.p95_ms, 200);
    EXPECT_NEAR(rate.holds, 0.9, 1e-9);
    pass(70s);
    rate = only();
    EXPECT_EQ(rate.count, 0U);
    EXPECT_EQ(rate.per_second, 0);
    EXPECT_EQ(rate.total, 100U);
    EXPECT_TRUE(rate.phases.empty());
}

TEST_F(RecentWorkTest, WhatWasCountedBeforeTheFirstLookIsOldButInTheTotal) {
    request(9ms);
    RecentWork later{registry.edges(), rules, [this] { return now; }};
    later.look(read_work(registry));
    now += 2s;
    later.look(read_work(registry));
    ASSERT_EQ(later.rates().size(), 1U);
    EXPECT_EQ(later.rates()[0].count, 0U);
    EXPECT_EQ(later.rates()[0].total, 1U);
}

TEST_F(RecentWorkTest, PhasesAreTheAverageOfOneRequest) {
    request(9ms);
    request(29ms);
    pass(2s);
    const auto rate = only();
    ASSERT_EQ(rate.phases.size(), 2U);
    EXPECT_EQ(rate.phases[0].phase, "pool");
    EXPECT_NEAR(rate.phases[0].ms, 19, 0.01);
    EXPECT_NEAR(rate.phases[1].ms, 1, 0.01);
}

TEST_F(RecentWorkTest, AnAnswerOf5xxHasFailedHoweverFast) {
    request(1ms, 503);
    request(1ms, 404);
    pass(2s);
    EXPECT_EQ(only().failed, 1U);
    EXPECT_EQ(only().holds, 0.5);
}

TEST_F(RecentWorkTest, MethodsAreKeptApart) {
    request(1ms);
    request(3ms);
    request(9ms, 201, ledger::MethodLabel::post);
    request(99ms, 503, ledger::MethodLabel::post);
    pass(2s);
    const auto rates = work.rates();
    ASSERT_EQ(rates.size(), 2U);
    EXPECT_EQ(rates[0].name, "GET /api/resources");
    EXPECT_NEAR(rates[0].mean_ms, 3, 0.01);
    EXPECT_EQ(rates[1].name, "POST /api/resources");
    EXPECT_NEAR(rates[1].mean_ms, 10, 0.01);
    EXPECT_EQ(rates[1].share, 0.95);
    EXPECT_EQ(rates[0].share, 0.99);
}

TEST_F(RecentWorkTest, AllOfAScopeIsJudgedEachByItsOwnGoal) {
    request(1ms);
    request(299ms);
    request(1ms, 201, ledger::MethodLabel::post);
    request(1ms, 503, ledger::MethodLabel::post);
    pass(4s);
    const auto done = work.done(Scope::request);
    EXPECT_EQ(done.counts.total(), 4U);
    EXPECT_EQ(done.counts.failed, 1U);
    EXPECT_EQ(done.good, 2U);
    EXPECT_NEAR(done.asked, 2 * 0.99 + 2 * 0.95, 1e-9);
    EXPECT_EQ(done.watched.count(), 4);
    EXPECT_EQ(work.done(Scope::task).counts.total(), 0U);
}

}  // namespace
}  // namespace brio::watch
