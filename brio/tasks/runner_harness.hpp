// Test-only: a runner on a loop whose time a test moves, with tasks that do what the test says.
#pragma once
#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include <brio/metrics/value_harness.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/memory_broker.hpp>
#include <brio/tasks/runner.hpp>

namespace brio::tasks::test {

using namespace std::chrono_literals;

/// What the tasks of these tests do.
struct World {
    std::vector<int> begun;
    std::vector<int> ended;
    std::chrono::milliseconds takes{0};
    int fails = 0;  // so often
    bool is_permanent = false;
    std::size_t most_at_once = 0;
    std::size_t at_once = 0;
    std::vector<int> events;  // n: it began; -n: it ended
};
inline World* world = nullptr;

struct Count {
    int number;
    static constexpr Policy policy{.name = "count", .deadline = 1s, .backoff = {.first = 1s, .jitter = 0}};
};
struct AtOnce {
    ~AtOnce() {
        --world->at_once;
        world->events.push_back(-number);
    }
    int number;
};
inline Async<int> count(Count task, Progress progress) {
    world->begun.push_back(task.number);
    world->most_at_once = std::max(world->most_at_once, ++world->at_once);
    world->events.push_back(task.number);
    const AtOnce counted{task.number};
    if (world->takes.count() > 0) {
        progress(0.5, "half way");
        co_await runtime::sleep_for(world->takes);
    }
    if (world->fails > 0) {
        --world->fails;
        if (world->is_permanent) {
            throw Permanent("never");
        }
        throw std::runtime_error("not this time");
    }
    world->ended.push_back(task.number);
    co_return task.number * 2;
}

struct Fill {
    int bytes;
    static constexpr Policy policy{.name = "fill"};
};
inline std::string fill(Fill task) { return std::string(static_cast<std::size_t>(task.bytes), 'x'); }

class RunnerTest : public testing::Test {
protected:
    RunnerTest() {
        world = &state;
        call(broker.beat({.id = "w1"}));
    }
    ~RunnerTest() override { drain(); }

    RunnerOptions with_clocks(RunnerOptions options) {
        options.clocks = {.monotonic = [this] { return now; }, .wall = [this] { return Timestamp(wall); }};
        return options;
    }
    Runner::Parts parts() {
        return {tasks, services, running, [this] { return worker; }};
    }
    void start(RunnerOptions options = {}) {
        runner.emplace(loop, parts(), with_clocks(std::move(options)));
        runner->start();
        turn();
    }
    void drain() {
        if (runner && !is_drained) {
            runner->drain([this] { is_drained = true; });
            for (int i = 0; i < 100 && !is_drained; ++i) {
                advance(100ms);
            }
            EXPECT_TRUE(is_drained);
            turn();
        }
    }
    void turn() {
        for (int i = 0; i < 6; ++i) {
            loop.turn(0ns);
            loop.advance(0ns);
        }
    }
    void advance(std::chrono::nanoseconds by) {
        now += by;
        wall += std::chrono::duration_cast<std::chrono::microseconds>(by).count();
        loop.advance(by);
        turn();
    }
    template <class T>
    T call(Async<T> what) {
        runtime::Work work;
        work.loop = &loop;
        what.start(work, [](void*) {}, nullptr);
        for (int i = 0; i < 100 && !what.has_ended(); ++i) {
            turn();
        }
        return what.result();
    }
    std::string push(int number, PushOptions options = {}) {
        auto id = call(Queue(tasks).push(Count{number}, std::move(options)));
        turn();
        return id;
    }
    void push_many(int count) {
        std::vector<Count> all;
        for (int i = 0; i < count; ++i) {
            all.push_back({i});
        }
        call(Queue(tasks).push_all(std::move(all)));
    }
    /// One that was there when a worker died.
    std::string push_suspect(int number) {
        auto suspect = tasks.new_message("count", Count::policy, Timestamp(wall));
        suspect.kwargs = concat({R"({"number":)", integer_text(number), "}"});
        suspect.deaths = 1;
        auto id = suspect.id;
        call(broker.push(std::vector{std::move(suspect)}));
        turn();
        return id;
    }
    /// Nothing ran when it began, and nothing began or ended before it had ended.
    void expect_alone(int number) {
        const auto at = std::ranges::find(state.events, number);
        ASSERT_LT(at, state.events.end() - 1);
        EXPECT_EQ(at[1], -number);
        EXPECT_EQ(std::accumulate(state.events.begin(), at, 0), 0) << "something ran when it began";
    }
    Status status(const std::string& id) { return call(broker.status(id)); }

    World state;
    runtime::Loop loop{runtime::Loop::Time::manual};
    std::chrono::nanoseconds now = 1000s;
    std::int64_t wall = Timestamp(wall_now()).microseconds;
    metrics::Registry registry;
    metrics::Seat seat{registry};
    TaskSet set{{define(count), define(fill)}, {}};
    test::MemoryStore store;
    test::MemoryBroker broker{
        store, {.monotonic = [this] { return now; }, .wall = [this] { return Timestamp(wall); }}};
    Tasks tasks{set, broker, registry};
    http::Services services;
    Running running;
    std::string worker = "w1";
    bool is_drained = false;
    std::optional<Runner> runner;
};

}  // namespace brio::tasks::test
