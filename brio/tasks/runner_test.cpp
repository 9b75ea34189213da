#include <brio/tasks/runner.hpp>

#include <brio/tasks/runner_harness.hpp>

namespace brio::tasks::test {
namespace {

TEST_F(RunnerTest, WhatIsPushedIsCarriedOutAndItsResultKept) {
    start();
    const auto id = push(21);
    EXPECT_EQ(state.ended, std::vector<int>{21});
    EXPECT_EQ(status(id).state, State::done);
    EXPECT_EQ(status(id).result, "42");
    EXPECT_EQ(running.size(), 0u);
}

TEST_F(RunnerTest, WhatWaitsIsBegunAsSoonAsTheBrokerKnowsTheWorker) {
    worker.clear();
    push(1);
    start();
    advance(100ms);
    EXPECT_TRUE(state.begun.empty());
    worker = "w1";
    advance(5ms);
    EXPECT_EQ(state.begun.size(), 1u);
}

TEST_F(RunnerTest, NoMoreThanItsSlotsAreClaimed) {
    state.takes = 100ms;
    start({.concurrency = 3});
    std::vector<std::string> ids;
    for (int i = 0; i < 7; ++i) {
        ids.push_back(push(i));
    }
    EXPECT_EQ(runner->running(), 3u);
    EXPECT_EQ(status(ids[3]).state, State::pending);
    for (int i = 0; i < 10; ++i) {
        advance(100ms);
    }
    EXPECT_EQ(state.ended.size(), 7u);
    EXPECT_EQ(state.most_at_once, 3u);
}

TEST_F(RunnerTest, AFailureIsTriedAgainAfterItsDelayThreeTimesAndThenItIsDead) {
    start();
    state.fails = 10;
    const auto id = push(1);
    EXPECT_EQ(status(id).state, State::retrying);
    EXPECT_EQ(status(id).error, "not this time");
    for (const auto delay : {1s, 2s, 4s}) {
        const auto before = state.begun.size();
        advance(delay - 100ms);
        EXPECT_EQ(state.begun.size(), before);
        advance(1100ms);  // and the time between two looks
        EXPECT_EQ(state.begun.size(), before + 1);
    }
    EXPECT_EQ(state.begun.size(), 4u);
    EXPECT_EQ(status(id).state, State::failed);
    EXPECT_EQ(status(id).error_type, "std::runtime_error");
}

TEST_F(RunnerTest, WhatIsPermanentFailsAtOnce) {
    start();
    state.fails = 1;
    state.is_permanent = true;
    const auto id = push(1);
    EXPECT_EQ(status(id).state, State::failed);
    EXPECT_EQ(state.begun.size(), 1u);
}

TEST_F(RunnerTest, AnUnknownNameAndABadPayloadFailAtOnce) {
    start();
    const auto unknown = call(Queue(tasks).push_named("nobody.knows", "[]", "{}"));
    const auto bad = call(Queue(tasks).push_named("count", R"(["seven"])", "{}"));
    turn();
    EXPECT_EQ(status(unknown).state, State::failed);
    EXPECT_EQ(status(unknown).error_type, "unknown_task");
    EXPECT_EQ(status(bad).state, State::failed);
    EXPECT_EQ(status(bad).error_type, "brio::tasks::BadPayload");
}

TEST_F(RunnerTest, ATaskIsToldToStopAtItsDeadlineAndTriedAgain) {
    start();
    state.takes = 5s;
    const auto id = push(1);
    advance(1s);
    EXPECT_EQ(status(id).state, State::retrying);
    EXPECT_EQ(status(id).error_type, "deadline");
    EXPECT_TRUE(state.ended.empty());
}

TEST_F(RunnerTest, ProgressIsToldNowAndThen) {
    start();
    state.takes = 800ms;
    const auto id = push(1);
    EXPECT_EQ(status(id).progress, 0);
    advance(250ms);
    EXPECT_EQ(status(id).progress, 0.5);
    EXPECT_EQ(status(id).progress_words, "half way");
}

TEST_F(RunnerTest, ADrainEndsWhatRunsAndClaimsNothingMore) {
    state.takes = 100ms;
    start({.concurrency = 1});
    const auto first = push(1);
    const auto second = push(2);
    runner->drain([this] { is_drained = true; });
    turn();
    EXPECT_FALSE(is_drained);
    advance(100ms);
    EXPECT_TRUE(is_drained);
    EXPECT_EQ(status(first).state, State::done);
    EXPECT_EQ(status(second).state, State::pending);
}

TEST_F(RunnerTest, WhatIsStoppedByADrainGoesBackUncounted) {
    state.takes = 900ms;
    start();
    const auto id = push(1);
    runner->drain([this] { is_drained = true; });
    runner->stop_tasks();
    turn();
    EXPECT_TRUE(is_drained);
    EXPECT_EQ(status(id).state, State::pending);
    EXPECT_EQ(status(id).failures, 0);
}

TEST_F(RunnerTest, ARevokedTaskIsStopped) {
    state.takes = 900ms;
    start();
    const auto id = push(1);
    EXPECT_TRUE(call(broker.revoke(id)));
    const auto beat = call(broker.beat({.id = "w1"}));
    ASSERT_EQ(beat.cancelled, std::vector<std::string>{id});
    runner->cancel(beat.cancelled);
    turn();
    EXPECT_EQ(status(id).state, State::revoked);
    EXPECT_TRUE(state.ended.empty());
}

TEST_F(RunnerTest, SettlementsWaitForABrokerThatIsAway) {
    state.takes = 100ms;
    start();
    const auto id = push(1);
    store.is_away = true;
    advance(100ms);
    EXPECT_EQ(state.ended.size(), 1u);
    for (int i = 0; i < 20; ++i) {
        advance(500ms);
    }
    store.is_away = false;
    for (int i = 0; i < 5; ++i) {
        advance(500ms);
    }
    EXPECT_EQ(status(id).state, State::done);
    EXPECT_EQ(state.begun.size(), 1u);
    const auto next = push(2);
    advance(1500ms);
    EXPECT_EQ(status(next).state, State::done);
}

TEST_F(RunnerTest, AWorkerThatWasTakenForDeadChangesNothing) {
    state.takes = 900ms;
    start();
    const auto id = push(1);
    // Another process finds that it has not beaten for a lease.
    test::MemoryBroker other(
        store, {.monotonic = [this] { return now; }, .wall = [this] { return Timestamp(wall); }});
    call(other.beat({.id = "w2"}));
    call(other.recover(10s, 3));
    std::size_t came_back = 0;
    for (int i = 0; i < 12; ++i) {
        now += 1s;
        call(other.beat({.id = "w2"}));
        came_back += call(other.recover(10s, 3)).size();
    }
    EXPECT_EQ(came_back, 1u);
    EXPECT_FALSE(call(broker.beat({.id = "w1"})).is_known);
    worker = "w3";
    call(broker.beat({.id = "w3"}));
    runner->lose_all();
    turn();
    EXPECT_EQ(status(id).deaths, 1);
    // It comes back to this very worker, alone.
    advance(1s);
    EXPECT_EQ(state.begun.size(), 2u);
    advance(900ms);
    EXPECT_EQ(status(id).state, State::done);
}

TEST_F(RunnerTest, WhatWasThereWhenAWorkerDiedRunsAlone) {
    state.takes = 100ms;
    push(1);
    push_suspect(98);
    push(2);
    push_suspect(99);
    push(3);
    start();
    for (int i = 0; i < 30; ++i) {
        advance(50ms);
    }
    EXPECT_EQ(state.ended.size(), 5u);
    EXPECT_EQ(state.begun.size(), 5u);
    expect_alone(98);
    expect_alone(99);
}

TEST_F(RunnerTest, OneThatRunsAloneIsAloneInItsProcess) {
    state.takes = 200ms;
    start({.concurrency = 1});
    push(1);
    Runner other(loop, parts(), with_clocks({.concurrency = 4}));
    other.start();
    push_suspect(99);
    push(2);
    advance(100ms);
    EXPECT_EQ(state.begun, std::vector{1});
    for (int i = 0; i < 30; ++i) {
        advance(50ms);
    }
    EXPECT_EQ(state.ended.size(), 3u);
    expect_alone(99);
    bool has_ended = false;
    other.drain([&] { has_ended = true; });
    advance(100ms);
    EXPECT_TRUE(has_ended);
}

TEST_F(RunnerTest, WhoIsToRunAloneWaitsForClaimsThatAreUnderWay) {
    std::optional<Running::Claiming> of_another_loop(std::in_place, running);
    start();
    push_suspect(99);
    advance(100ms);
    EXPECT_TRUE(state.begun.empty());
    of_another_loop.reset();
    advance(100ms);
    EXPECT_EQ(state.begun, std::vector{99});
}

TEST_F(RunnerTest, ADrainHandsBackWhatWaitsToBeAlone) {
    state.takes = 400ms;
    start();
    push(1);
    const auto id = push_suspect(99);
    EXPECT_EQ(status(id).state, State::running);
    runner->drain([this] { is_drained = true; });
    advance(100ms);
    EXPECT_EQ(status(id).state, State::pending);
    EXPECT_EQ(status(id).deaths, 1);
    EXPECT_FALSE(is_drained);
    advance(300ms);
    EXPECT_TRUE(is_drained);
    EXPECT_EQ(state.begun, std::vector{1});
}

TEST_F(RunnerTest, AfterItsGraceADrainWaitsForNoBroker) {
    state.takes = 900ms;
    start();
    push(1);
    store.is_away = true;
    runner->drain([this] { is_drained = true; });
    advance(100ms);
    EXPECT_FALSE(is_drained);
    runner->stop_tasks();
    for (int i = 0; i < 4 && !is_drained; ++i) {
        advance(500ms);
    }
    EXPECT_TRUE(is_drained);
    EXPECT_EQ(running.size(), 0u);
    store.is_away = false;
}

TEST_F(RunnerTest, SlotsAreKeptForTheFirstQueue) {
    state.takes = 900ms;
    start({.queues = {"high", "main-queue"}, .concurrency = 3, .kept = 1});
    for (int i = 1; i <= 4; ++i) {
        push(i);
    }
    EXPECT_EQ(state.begun, (std::vector{1, 2}));
    push(5, {.queue = "high"});
    advance(5ms);
    EXPECT_EQ(state.begun, (std::vector{1, 2, 5}));
    for (int i = 0; i < 30; ++i) {
        advance(100ms);
    }
    EXPECT_EQ(state.ended.size(), 5u);
    EXPECT_EQ(state.most_at_once, 3u);
}

TEST_F(RunnerTest, AResultIsKeptUpToItsBound) {
    start();
    const auto fits = call(Queue(tasks).push(Fill{static_cast<int>(most_result) - 2}));
    const auto not_so = call(Queue(tasks).push(Fill{static_cast<int>(most_result)}));
    turn();
    EXPECT_EQ(status(fits).state, State::done);
    EXPECT_EQ(status(not_so).state, State::failed);
    EXPECT_EQ(status(not_so).error_type, "result_too_large");
}

TEST_F(RunnerTest, WhatATryCameToIsCountedOnce) {
    start();
    state.fails = 1;
    push(1);
    advance(2100ms);
    EXPECT_EQ(metrics::test::value_of(registry, "task_success_total"), 1);
    EXPECT_EQ(metrics::test::value_of(registry, "task_retries_total"), 1);
    EXPECT_EQ(metrics::test::value_of(registry, "task_failure_total"), std::nullopt) << "it has no series";
    EXPECT_EQ(metrics::test::value_of(registry, "task_attempts_total"), 2);
}

}  // namespace
}  // namespace brio::tasks::test
