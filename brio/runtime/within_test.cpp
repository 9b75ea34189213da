#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/within.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace brio::runtime {
namespace {

using namespace std::chrono_literals;

Async<int> after(Nanoseconds time, int value) {
    co_await sleep_for(time);
    co_return value;
}
Async<int> at_once(int value) { co_return value; }
Async<int> failing() {
    co_await sleep_for(1ms);
    throw std::runtime_error("on purpose");
    co_return 0;
}
Async<int> told_deadline() {
    auto const& work = co_await current_work;
    co_return static_cast<int>(
        std::chrono::duration_cast<std::chrono::milliseconds>(work.deadline - work.loop->now()).count());
}

// -1 where the time passed.
Async<int> bounded(Nanoseconds time, Async<int> call) {
    co_return (co_await within(time, std::move(call))).value_or(-1);
}

struct Started {
    Started(Loop& loop, Async<int> async, Nanoseconds deadline = Nanoseconds::max())
        : call(std::move(async)) {
        work.loop = &loop;
        work.deadline = deadline;
        call.start(work, [](void*) {}, nullptr);
    }
    Work work;
    Async<int> call;
};

TEST(Within, ACallThatEndsInTimeGivesItsResult) {
    Loop loop(Loop::Time::manual);
    EXPECT_EQ(Started(loop, bounded(10ms, at_once(7))).call.result(), 7);
    Started run(loop, bounded(10ms, after(9ms, 7)));
    loop.advance(9ms);
    EXPECT_EQ(run.call.result(), 7);
    EXPECT_EQ(loop.timer_count(), 0U);
}

TEST(Within, ACallThatTakesLongerIsStoppedAndGivesNothing) {
    Loop loop(Loop::Time::manual);
    Started run(loop, bounded(10ms, after(11ms, 7)));
    loop.advance(9ms);
    EXPECT_FALSE(run.call.has_ended());
    loop.advance(1ms);
    EXPECT_EQ(run.call.result(), -1);
    EXPECT_EQ(loop.timer_count(), 0U);
}

TEST(Within, OneInAnotherIsBoundedByTheShorter) {
    Loop loop(Loop::Time::manual);
    Started run(loop, bounded(5ms, bounded(10ms, after(20ms, 7))));
    loop.advance(5ms);
    EXPECT_EQ(run.call.result(), -1);
}

TEST(Within, AnExceptionOfTheCallGoesThrough) {
    Loop loop(Loop::Time::manual);
    Started run(loop, bounded(10ms, failing()));
    loop.advance(1ms);
    EXPECT_THROW(run.call.result(), std::runtime_error);
}

TEST(Within, AStopOfTheCallerIsCancelledAndNotATimeOut) {
    Loop loop(Loop::Time::manual);
    Started run(loop, bounded(10ms, after(20ms, 7)));
    run.work.stop(StopReason::disconnected);
    EXPECT_TRUE(run.call.has_ended());
    EXPECT_THROW(run.call.result(), Cancelled);
    EXPECT_EQ(loop.timer_count(), 0U);
}

TEST(Within, TheCallSeesTheEarlierDeadline) {
    Loop loop(Loop::Time::manual);
    EXPECT_EQ(Started(loop, bounded(10ms, told_deadline()), loop.now() + 20ms).call.result(), 10);
    EXPECT_EQ(Started(loop, bounded(30ms, told_deadline()), loop.now() + 20ms).call.result(), 20);
}

Async<int> has_notes(const void* tally, const void* dependencies) {
    auto const& work = co_await current_work;
    co_return work.tally == tally && work.dependencies == dependencies ? 1 : 0;
}

TEST(Within, WhatTheCallReadsIsNotedWithItsCaller) {
    Loop loop(Loop::Time::manual);
    char tally = 0;
    char dependencies = 0;
    Work work;
    work.loop = &loop;
    work.tally = reinterpret_cast<ledger::StatementTally*>(&tally);
    work.dependencies = reinterpret_cast<ledger::Dependencies*>(&dependencies);
    auto call = bounded(10ms, has_notes(&tally, &dependencies));
    call.start(work, [](void*) {}, nullptr);
    EXPECT_EQ(call.result(), 1);
}

TEST(Within, AnAbandonedCallLeavesNothingBehind) {
    Loop loop(Loop::Time::manual);
    {
        Started const run(loop, bounded(10ms, after(20ms, 7)));
    }
    EXPECT_EQ(loop.timer_count(), 0U);
}

}  // namespace
}  // namespace brio::runtime
