#include <brio/http/queue_model.hpp>

#include <gtest/gtest.h>

namespace brio::http {
namespace {

using namespace std::chrono_literals;
using test::QueueModel;
using test::Tally;

// Four at a time, 20 ms each: 200 a second.
struct Fixture {
    Pressure pressure;
    Gate gate{{}, false, pressure};
    QueueModel model{4, 20ms};
    Tally tally;

    std::uint64_t good(std::chrono::nanoseconds within) const {
        return static_cast<std::uint64_t>(
            std::ranges::count_if(tally.took, [&](auto took) { return took <= within; }));
    }
    void run(double rate, std::chrono::nanoseconds time) {
        tally = {};
        model.offer(gate, tally, rate, model.now() + time);
        model.run_until(model.now() + time);
    }
};

TEST(Gate, RefusesNobodyBelowCapacity) {
    Fixture of;
    of.model.offer(of.gate, of.tally, 180, of.model.now() + 60s, true);
    of.model.run_until(of.model.now() + 61s);
    EXPECT_EQ(of.tally.refused, 0U);
    EXPECT_EQ(of.tally.withdrawn, 0U);
}

TEST(Gate, AtCapacityNearlyAllIsAnswered) {
    Fixture of;
    of.run(200, 20s);
    EXPECT_GE(of.good(100ms), 3800U);
}

class Overload : public testing::TestWithParam<int> {};

TEST_P(Overload, AllCapacityIsUsedAndNobodyAdmittedWaitsLong) {
    Fixture of;
    of.run(200.0 * GetParam(), 10s);
    EXPECT_GE(of.good(100ms), 1960U) << "of 2000, from the first moment on";
    EXPECT_LE(of.tally.quantile(0.99), 100ms);
    EXPECT_LE(of.tally.withdrawn * 100, of.tally.refused) << "nearly all are refused at once";
    of.run(200.0 * GetParam(), 10s);
    EXPECT_GE(of.good(100ms), 1960U) << "of 2000, once it knows";
    EXPECT_LE(of.tally.quantile(0.99), 100ms);
}

TEST_P(Overload, OnConnectionsThatAreSoonAllWaitingToo) {
    Fixture of;
    of.model.offer(of.gate, of.tally, 200.0 * GetParam(), of.model.now() + 10s, false, 1024);
    of.model.run_until(of.model.now() + 10s);
    EXPECT_GE(of.good(100ms), 1960U) << "of 2000";
    EXPECT_LE(of.tally.quantile(0.99), 100ms);
    EXPECT_LE(of.tally.quantile(1), 200ms);
}

INSTANTIATE_TEST_SUITE_P(Times, Overload, testing::Values(2, 10, 100));

class Stalls : public testing::TestWithParam<int> {};

TEST_P(Stalls, OfTheMachineDoNotOpenALimit) {
    Fixture of;
    of.run(2000, 3s);
    auto const start = of.model.now();
    for (int i = 0; i < 10; ++i) {
        of.model.at(start + i * 3s + 1s, [&] { of.model.stall(GetParam() * 1ms); });
    }
    of.model.offer(of.gate, of.tally, 2000, start + 30s);
    for (auto until = start; until < start + 30s; until += 10ms) {
        of.model.run_until(until);
        ASSERT_LE(of.gate.state(of.model.now()).limit.value_or(1000), 50U) << (until - start).count();
    }
}

INSTANTIATE_TEST_SUITE_P(Milliseconds, Stalls, testing::Values(50, 150, 400, 1000, 2500));

TEST(Gate, AfterAnOverloadTheFirstSecondRefusesNobodyBelowCapacity) {
    Fixture of;
    of.run(2000, 5s);
    of.run(100, 200ms);
    EXPECT_EQ(of.tally.refused, 0U);
    of.run(100, 800ms);
    EXPECT_EQ(of.tally.refused, 0U);
    EXPECT_LE(of.tally.quantile(0.9), 25ms);
    of.run(100, 30s);
    EXPECT_FALSE(of.gate.state(of.model.now()).limit) << "the limit has grown to none";
}

TEST(Gate, ALimitIsForgottenWhileNobodyAsks) {
    Fixture of;
    of.run(2000, 5s);
    of.model.run_until(of.model.now() + 60s);
    auto const state = of.gate.state(of.model.now());
    EXPECT_FALSE(state.limit);
    EXPECT_EQ(state.waited, 0ns);
    EXPECT_EQ(state.rate, 0);
}

TEST(Gate, ABurstLongAfterAnOverloadIsServed) {
    Fixture of;
    of.run(2000, 5s);
    of.model.run_until(of.model.now() + 60s);
    of.tally = {};
    of.model.clients(of.gate, of.tally, 60, of.model.now());
    of.model.run_until(of.model.now() + 5s);
    EXPECT_EQ(of.tally.refused, 0U);
}

TEST(Gate, ManyClientsThatWaitForTheirAnswersAreAllAnswered) {
    Fixture of;
    of.model.clients(of.gate, of.tally, 64, of.model.now() + 30s);  // each waits 320 ms
    of.model.run_until(of.model.now() + 30s);
    EXPECT_EQ(of.tally.refused, 0U);
}

TEST(Gate, ABurstAfterAStallIsServed) {
    Fixture of;
    of.run(100, 2s);
    of.tally = {};
    of.model.at(of.model.now(), [&] {  // what came in while the machine stood still
        of.model.clients(of.gate, of.tally, 60, of.model.now());
    });
    of.model.offer(of.gate, of.tally, 100, of.model.now() + 5s);
    of.model.run_until(of.model.now() + 5s);
    EXPECT_EQ(of.tally.refused, 0U);
}

TEST(Gate, ThreeTimesAsSlowForATenthOfASecondIsNoOverload) {
    Fixture of;
    auto const start = of.model.now();
    for (int second = 1; second < 20; ++second) {
        of.model.at(start + second * 1s, [&] { of.model.set_service(60ms); });
        of.model.at(start + second * 1s + 100ms, [&] { of.model.set_service(20ms); });
    }
    of.model.offer(of.gate, of.tally, 100, start + 20s, true);
    of.model.run_until(start + 21s);
    EXPECT_EQ(of.tally.refused + of.tally.withdrawn, 0U);
}

TEST(Gate, WhatServesMoreAtATimeIsLetServeMore) {
    Fixture of;
    of.run(2000, 3s);
    of.model.run_until(of.model.now() + 1s);
    of.model.set_servers(40);
    of.run(2000, 2s);
    of.run(2000, 10s);
    EXPECT_LE(of.tally.share_refused(), 0.02);
}

TEST(Gate, WhatTakesLongWithoutAQueueIsNotLimitedForLong) {
    Fixture of;
    of.model.set_servers(100'000);
    of.run(200, 5s);
    of.model.set_service(400ms);  // a neighbour became slow; it serves any number
    of.run(200, 5s);
    of.run(200, 20s);
    EXPECT_LE(of.tally.share_refused(), 0.01);
}

TEST(Gate, MoreAtOnceIsNoQueueWhereAnyNumberIsServed) {
    Fixture of;
    of.model.set_servers(100'000);
    of.model.set_service(400ms);
    of.run(20, 5s);
    for (auto const rate : {2000, 100, 500}) {
        of.run(rate, 5s);
        EXPECT_EQ(of.tally.refused, 0U) << rate;
    }
}

TEST(Gate, WhatNeverAnswersIsAskedByFew) {
    Fixture of;
    of.run(100, 2s);
    of.model.set_service(3600s);
    of.run(1000, 30s);
    EXPECT_LE(of.gate.in_flight(), 600U);
    EXPECT_GE(of.tally.share_refused(), 0.8);
}

TEST(Gate, SheddableWorkGivesWayToWhatIsImportant) {
    Pressure pressure;
    Gate important({}, false, pressure);
    Gate sheddable({.wait = 12500us, .least = 1}, true, pressure);
    QueueModel model(4, 20ms);
    Tally asked;
    Tally shed;
    model.offer(important, asked, 100, model.now() + 20s, true);
    model.offer(sheddable, shed, 2000, model.now() + 20s);
    model.run_until(model.now() + 20s);
    EXPECT_EQ(asked.refused, 0U);
    EXPECT_GE(asked.took.size() * 100, asked.asked * 99);
    EXPECT_LE(asked.quantile(0.9), 60ms);
    EXPECT_GE(shed.took.size(), 1600U) << "what is left of the capacity is used";
}

TEST(Gate, AnotherRouteIsNotTouched) {
    Pressure pressure;
    Gate slow({}, false, pressure);
    Gate other({}, false, pressure);
    QueueModel dependency(4, 20ms);
    QueueModel own(4, 1ms);
    Tally at_slow;
    Tally at_other;
    dependency.offer(slow, at_slow, 2000, dependency.now() + 5s);
    own.offer(other, at_other, 1000, own.now() + 5s);
    for (int i = 0; i < 5000; ++i) {
        dependency.run_until(dependency.now() + 1ms);
        own.run_until(own.now() + 1ms);
    }
    EXPECT_GT(at_slow.refused, 8000U);
    EXPECT_EQ(at_other.refused, 0U);
    EXPECT_EQ(slow.cause(), ledger::Phase::offload);
}

}  // namespace
}  // namespace brio::http
