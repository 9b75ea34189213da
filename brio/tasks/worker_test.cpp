#include <brio/tasks/worker.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include <brio/metrics/value_harness.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/turn_harness.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/memory_broker.hpp>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;
using metrics::test::value_of;

std::atomic<int> done = 0;
std::atomic<bool> is_stuck = false;

struct Add {
    int number;
    static constexpr Policy policy{.name = "add"};
};
int add(Add task) {
    done += task.number;
    return task.number;
}
struct Stuck {
    int milliseconds;
    static constexpr Policy policy{.name = "stuck", .deadline = 10ms, .hard_deadline = 20ms};
};
void stuck(Stuck) {
    while (is_stuck) {
        std::this_thread::sleep_for(1ms);
    }
}

std::atomic<int> met = 0;
/// Ends when as many are there.
struct Meet {
    int people;
    static constexpr Policy policy{.name = "meet", .deadline = 1min};
};
Async<void> meet(Meet task) {
    ++met;
    while (met < task.people) {
        co_await runtime::sleep_for(1ms);
    }
}

class WorkerTest : public testing::Test {
protected:
    void start(WorkerOptions options) {
        loops.resize(options.threads);
        worker.emplace(Worker::Parts{tasks, services, registry, control, loops}, std::move(options));
        worker->start();
    }
    bool turn_until(const std::function<bool()>& holds) { return runtime::test::turn_until(control, holds); }
    void drain() {
        bool has_ended = false;
        worker->drain(1s, [&] { has_ended = true; });
        EXPECT_TRUE(turn_until([&] { return has_ended; }));
        worker.reset();
    }
    template <class T>
    T call(Async<T> what) {
        return runtime::run(control, std::move(what));
    }

    runtime::Loop control;
    std::deque<runtime::Loop> loops;
    metrics::Registry registry;
    TaskSet set{{define(add), define(stuck), define(meet)}, {}};
    test::MemoryStore store;
    test::MemoryBroker broker{store};
    Tasks tasks{set, broker, registry, Goals{.task = 1ms}};
    http::Services services;
    std::optional<Worker> worker;
};

TEST_F(WorkerTest, ThreadsShareTheWorkAndADrainLeavesNothing) {
    done = 0;
    start({.concurrency = 8, .threads = 2});
    for (int i = 0; i < 200; ++i) {
        call(Queue(tasks).push(Add{1}));
    }
    EXPECT_TRUE(turn_until([] { return done == 200; }));
    drain();
    for (const QueueStatus& each : call(broker.queues())) {
        EXPECT_EQ(each.ready + each.running + each.dead, 0u) << each.name;
    }
}

TEST_F(WorkerTest, ADrainWaitsForTheBeatThatIsUnderWay) {
    store.beats_take_ms = 40;
    start({.lease = 3ms});
    turn_until([begin = monotonic_now()] { return monotonic_now() - begin > 60ms; });
    drain();
}

TEST_F(WorkerTest, QueuesAreShownInMetrics) {
    start({.queues = {"other"}, .lease = 30ms, .show_every = 10ms});
    call(Queue(tasks).push(Add{1}));
    EXPECT_TRUE(turn_until([&] { return value_of(registry, "task_queue_length") == 1; }));
    drain();
}

TEST_F(WorkerTest, HowLongAgoTheBrokerAnsweredAClaimIsShown) {
    const auto begin = monotonic_now();
    start({});
    ASSERT_TRUE(turn_until([&] { return worker->running().last_fetch().count() != 0; }));
    const double age = value_of(registry, "task_worker_fetch_age_seconds").value();
    EXPECT_GE(age, 0);
    EXPECT_LT(age, std::chrono::duration<double>(monotonic_now() - begin).count());
    drain();
}

TEST_F(WorkerTest, ItTakesMoreTasksAtATimeWhenTheyWaitForLonger) {
    met = 0;
    start({.concurrency = 1, .most = 4, .threads = 2, .scale_every = 5ms});
    std::vector<std::string> ids;
    for (int i = 0; i < 4; ++i) {
        ids.push_back(call(Queue(tasks).push(Meet{4})));
    }
    EXPECT_TRUE(turn_until([&] {
        return std::ranges::all_of(
            ids, [&](const auto& id) { return call(broker.status(id)).state == State::done; });
    }));
    drain();
}

TEST_F(WorkerTest, WithoutAGraceADrainWaitsForWhatRunsUntilItIsGivenOne) {
    met = 0;
    start({});
    const auto id = call(Queue(tasks).push(Meet{2}));
    EXPECT_TRUE(turn_until([] { return met == 1; }));
    bool has_ended = false;
    worker->drain(std::nullopt, [&] { has_ended = true; });
    turn_until([begin = monotonic_now()] { return monotonic_now() - begin > 20ms; });
    EXPECT_FALSE(has_ended);
    worker->drain(1ms, nullptr);
    EXPECT_TRUE(turn_until([&] { return has_ended; }));
    worker.reset();
    EXPECT_EQ(call(broker.status(id)).state, State::pending);
}

TEST_F(WorkerTest, AllThatHasExpiredIsSweptAtOnce) {
    constexpr std::size_t more_than_a_batch = 2'500;
    std::vector<Message> messages;
    for (std::size_t i = 0; i < more_than_a_batch; ++i) {
        messages.push_back({.id = std::to_string(i), .name = "add"});
    }
    call(broker.push(std::move(messages)));
    call(broker.beat({.id = "before"}));
    const std::vector<std::string> queues{std::string(default_queue)};
    std::vector<Settlement> done_before;
    for (const Claim& each :
         call(broker.claim({.worker = "before", .queues = queues, .most = more_than_a_batch}))) {
        done_before.push_back({.held = {each.message.id, each.fence}, .result_lasts = 0s});
    }
    call(broker.settle("before", std::move(done_before)));
    start({.lease = 1min});  // looks once in this test
    EXPECT_TRUE(turn_until([&] {
        const std::scoped_lock lock(store.mutex);
        return store.tasks.tasks().empty();
    }));
    drain();
}

TEST_F(WorkerTest, ADeadSetThatIsFullLosesItsOldest) {
    start({.lease = 30ms, .most_dead = 2, .show_every = 10ms});
    std::vector<Message> messages;
    for (int i = 0; i < 5; ++i) {
        messages.push_back({.id = std::to_string(i), .name = "nobodys"});  // fails at once
    }
    call(broker.push(std::move(messages)));
    EXPECT_TRUE(turn_until([&] { return value_of(registry, "task_dead_dropped_total") == 3; }));
    EXPECT_EQ(call(broker.dead({})).size(), 2u);
    drain();
}

TEST_F(WorkerTest, ATaskThatDoesNotStopEndsTheProcess) {
    is_stuck = true;
    std::string given_up;
    start({.give_up = [&](const Running::Task& task) {
        given_up = task.name;
        is_stuck = false;  // a test's process goes on
    }});
    call(Queue(tasks).push(Stuck{1}));
    EXPECT_TRUE(turn_until([&] { return !given_up.empty(); }));
    EXPECT_EQ(given_up, "stuck");
    drain();
}

TEST_F(WorkerTest, WhatAClaimGaveWhoseAnswerWasLostIsCarriedOutOnce) {
    done = 0;
    store.loses_claims = true;
    start({.lease = 60ms});
    const auto id = call(Queue(tasks).push(Add{5}));
    EXPECT_TRUE(turn_until([&] { return call(broker.status(id)).state == State::running; }));
    store.loses_claims = false;
    EXPECT_TRUE(turn_until([] { return done == 5; }));
    EXPECT_TRUE(turn_until([&] { return call(broker.status(id)).state == State::done; }));
    EXPECT_EQ(call(broker.status(id)).deaths, 0);
    EXPECT_EQ(call(broker.status(id)).failures, 0);
    drain();
}

TEST_F(WorkerTest, WhatADeadWorkerHeldIsCarriedOutHere) {
    done = 0;
    call(broker.beat({.id = "dead"}));
    const auto id = call(Queue(tasks).push(Add{5}));
    const std::vector<std::string> queues{std::string(default_queue)};
    ASSERT_EQ(call(broker.claim({.worker = "dead", .queues = queues})).size(), 1u);
    start({.lease = 150ms});
    EXPECT_TRUE(turn_until([] { return done == 5; }));
    EXPECT_TRUE(turn_until([&] { return call(broker.status(id)).state == State::done; }));
    EXPECT_EQ(call(broker.status(id)).deaths, 1);
    drain();
}

}  // namespace
}  // namespace brio::tasks
