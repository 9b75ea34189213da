#include <brio/tasks/schedule_keeper.hpp>

#include <gtest/gtest.h>

#include <random>

#include <brio/metrics/value_harness.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/turn_harness.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/memory_broker.hpp>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;

struct Tidy {
    int days = 7;
    static constexpr Policy policy{.name = "tidy", .queue = "night"};
};
void tidy(Tidy) {}

Timestamp moment(std::string_view text) { return Timestamp::parse(text).value(); }

class ScheduleKeeperTest : public testing::Test {
protected:
    /// One process of several on one store.
    struct Instance {
        explicit Instance(ScheduleKeeperTest& test) : Instance(test, test.schedule) {}
        Instance(ScheduleKeeperTest& test, const Schedule& schedule)
            : broker(test.store, test.clocks()),
              tasks(test.set, broker, registry),
              keeper(tasks, schedule, {.lead_lasts = 15s}, test.clocks()) {}
        metrics::Registry registry;
        test::MemoryBroker broker;
        Tasks tasks;
        ScheduleKeeper keeper;
    };

    Clocks clocks() {
        return {.monotonic = [this] { return manual.now(); },
                .wall =
                    [this] {
                        return Timestamp(begin.microseconds +
                                         std::chrono::floor<std::chrono::microseconds>(manual.now()).count());
                    }};
    }
    template <class T>
    T call(Async<T> what) {
        return runtime::run(loop, std::move(what));
    }
    std::vector<std::string> ids() {
        std::vector<std::string> all;
        for (const auto& [id, task] : store.tasks.tasks()) {
            all.push_back(id);
        }
        return all;
    }
    Timestamp now() { return clocks().wall(); }
    void pass(std::chrono::nanoseconds time) { manual.advance(time); }

    runtime::Loop loop;
    ManualClock manual;
    Timestamp begin = moment("2026-11-25T02:59:50Z");
    TaskSet set{{define(tidy)}, {}};
    Schedule schedule;
    test::MemoryStore store;
};

using Texts = std::vector<std::string>;

TEST_F(ScheduleKeeperTest, FiresAtTheFirstTickAfterItWasKnown) {
    schedule.cron("nightly", "0 3 * * *", Tidy{.days = 3});
    Instance one(*this);
    EXPECT_EQ(call(one.keeper.step()), 5s);  // renews its lead meanwhile
    EXPECT_TRUE(ids().empty());
    pass(5s);
    EXPECT_EQ(call(one.keeper.step()), 5s);
    pass(5s);
    call(one.keeper.step());
    EXPECT_EQ(ids(), (Texts{"nightly:2026-11-25T03:00:00Z"}));
    const auto& message = store.tasks.tasks().begin()->second.message;
    EXPECT_EQ(message.name, "tidy");
    EXPECT_EQ(message.queue, "night");
    EXPECT_EQ(message.kwargs, R"({"days":3})");
    call(one.keeper.step());
    EXPECT_EQ(ids().size(), 1u);
}

TEST_F(ScheduleKeeperTest, WaitsNoLongerThanUntilTheNextTick) {
    schedule.every("often", 3s, Tidy{});
    Instance one(*this);
    EXPECT_LE(call(one.keeper.step()), 3s);
}

TEST_F(ScheduleKeeperTest, OneOfSeveralLeadsAndAnotherTakesOverWhenItDies) {
    schedule.every("often", 10s, Tidy{}, {.catch_up = CatchUp::all});
    Instance one(*this);
    Instance two(*this);
    for (int i = 0; i < 4; ++i) {
        call(one.keeper.step());
        call(two.keeper.step());
        EXPECT_TRUE(one.keeper.is_leading());
        EXPECT_FALSE(two.keeper.is_leading());
        pass(5s);
    }
    EXPECT_EQ(ids().size(), 1u);
    for (int i = 0; i < 4; ++i) {  // one is gone
        pass(5s);
        call(two.keeper.step());
    }
    EXPECT_TRUE(two.keeper.is_leading());
    EXPECT_EQ(ids(), (Texts{"often:2026-11-25T03:00:00Z", "often:2026-11-25T03:00:10Z",
                            "often:2026-11-25T03:00:20Z", "often:2026-11-25T03:00:30Z"}));
}

TEST_F(ScheduleKeeperTest, AnOutageOfTheBrokerIsCaughtUp) {
    schedule.every("often", 10s, Tidy{}, {.catch_up = CatchUp::all});
    Instance one(*this);
    call(one.keeper.step());
    store.is_away = true;
    pass(25s);
    EXPECT_THROW(call(one.keeper.step()), runtime::Unavailable);
    store.is_away = false;
    call(one.keeper.step());
    EXPECT_EQ(ids(), (Texts{"often:2026-11-25T03:00:00Z", "often:2026-11-25T03:00:10Z"}));
}

TEST_F(ScheduleKeeperTest, WhatIsMissedWhileOffIsNotCaughtUp) {
    schedule.every("often", 10s, Tidy{}, {.catch_up = CatchUp::all});
    Instance one(*this);
    const auto& entry = schedule.entries().front();
    call(one.keeper.step());
    call(switch_entry(one.tasks, entry, false, now()));
    EXPECT_FALSE(call(status_of(one.tasks, entry, now())).is_on);
    EXPECT_FALSE(call(status_of(one.tasks, entry, now())).next);
    pass(25s);
    call(one.keeper.step());
    EXPECT_TRUE(ids().empty());
    call(switch_entry(one.tasks, entry, true, now()));
    call(switch_entry(one.tasks, entry, true, now()));
    call(one.keeper.step());
    EXPECT_TRUE(ids().empty());
    pass(10s);
    call(one.keeper.step());
    EXPECT_EQ(ids(), (Texts{"often:2026-11-25T03:00:20Z"}));
    const auto status = call(status_of(one.tasks, entry, now()));
    EXPECT_TRUE(status.is_on);
    EXPECT_EQ(status.last, moment("2026-11-25T03:00:20Z"));
    EXPECT_EQ(status.next, moment("2026-11-25T03:00:30Z"));
}

TEST_F(ScheduleKeeperTest, AnEntryMayBeOffUntilItIsSwitchedOn) {
    schedule.every("often", 10s, Tidy{}, {.is_on = false});
    Instance one(*this);
    call(one.keeper.step());
    pass(15s);
    call(one.keeper.step());
    EXPECT_TRUE(ids().empty());
    call(switch_entry(one.tasks, schedule.entries().front(), true, now()));
    pass(10s);
    call(one.keeper.step());
    EXPECT_EQ(ids().size(), 1u);
}

TEST_F(ScheduleKeeperTest, WhatIsMissedBeforeALaterBuildTurnsAnEntryOnIsNotCaughtUp) {
    Schedule before;
    before.every("often", 10s, Tidy{}, {.is_on = false});
    schedule.every("often", 10s, Tidy{}, {.catch_up = CatchUp::all});
    {
        Instance old(*this, before);
        call(old.keeper.step());
        pass(15s);
        call(old.keeper.step());
    }
    Instance one(*this);
    call(one.keeper.step());
    pass(15s);
    call(one.keeper.step());
    EXPECT_EQ(ids(), (Texts{"often:2026-11-25T03:00:10Z", "often:2026-11-25T03:00:20Z"}));
}

TEST_F(ScheduleKeeperTest, AFaultyTickIsPassedOverAndWhatStandsBehindItFires) {
    schedule.every("bad", 10s,
                   [](Timestamp tick) -> Tidy {
                       return tick == moment("2026-11-25T03:00:10Z") ? throw std::runtime_error("no such day")
                                                                     : Tidy{};
                   },
                   {.catch_up = CatchUp::all});
    schedule.every("good", 10s, Tidy{}, {.catch_up = CatchUp::all});
    Instance one(*this);
    call(one.keeper.step());
    for (int i = 0; i < 3; ++i) {
        pass(10s);
        call(one.keeper.step());
    }
    EXPECT_TRUE(one.keeper.is_leading());
    EXPECT_EQ(ids(),
              (Texts{"bad:2026-11-25T03:00:00Z", "bad:2026-11-25T03:00:20Z", "good:2026-11-25T03:00:00Z",
                     "good:2026-11-25T03:00:10Z", "good:2026-11-25T03:00:20Z"}));
}

TEST_F(ScheduleKeeperTest, MetricsTellOfTicks) {
    schedule.every("bad", 10s, [](Timestamp) -> Tidy { throw std::runtime_error("no"); });
    schedule.every("good", 10s, Tidy{});
    Instance one(*this);
    call(one.keeper.step());
    pass(11s);
    call(one.keeper.step());
    const auto shown = [&](std::string_view family, std::string_view entry) {
        return metrics::test::value_of(one.registry, family, entry);
    };
    EXPECT_EQ(shown("schedule_firings_total", "good"), 1);
    EXPECT_EQ(shown("schedule_lateness_seconds", "good"), 1);
    EXPECT_EQ(shown("schedule_failures_total", "bad"), 1);
    EXPECT_EQ(shown("schedule_firings_total", "bad"), std::nullopt);
    const auto tick = static_cast<double>(moment("2026-11-25T03:00:00Z").microseconds) / 1e6;
    EXPECT_EQ(shown("schedule_last_tick_timestamp_seconds", "good"), tick);
    EXPECT_EQ(shown("schedule_next_tick_timestamp_seconds", "good"), tick + 10);
    call(switch_entry(one.tasks, schedule.entries().back(), false, now()));
    pass(10s);
    call(one.keeper.step());
    EXPECT_EQ(shown("schedule_next_tick_timestamp_seconds", "good"), 0);
}

TEST_F(ScheduleKeeperTest, RunsNowWithoutATick) {
    schedule.cron("nightly", "0 3 * * *", Tidy{}, {.is_on = false});
    Instance one(*this);
    const auto id = call(run_now(one.tasks, schedule.entries().front(), now()));
    EXPECT_EQ(call(one.broker.status(id)).name, "tidy");
    EXPECT_NE(call(run_now(one.tasks, schedule.entries().front(), now())), id);
}

// Instances that step when they like, stall, die and are away: each tick is one task.
TEST_F(ScheduleKeeperTest, EveryTickFiresOnceWhateverHappens) {
    const auto seed = std::random_device()();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    schedule.every("often", 10s, Tidy{}, {.catch_up = CatchUp::all, .most = 1'000});
    std::vector<std::unique_ptr<Instance>> instances;
    for (int i = 0; i < 4; ++i) {
        instances.push_back(std::make_unique<Instance>(*this));
    }
    call(instances[0]->keeper.step());
    for (int i = 0; i < 2'000; ++i) {
        auto& instance = instances[random() % instances.size()];
        store.is_away = random() % 10 == 0;
        if (random() % 20 == 0) {
            instance = std::make_unique<Instance>(*this);
        }
        try {
            call(instance->keeper.step());
        } catch (const runtime::Unavailable&) {  // tries again
        }
        pass(std::chrono::milliseconds(random() % 4'000));
    }
    store.is_away = false;
    pass(20s);
    call(instances[0]->keeper.step());
    for (int i = 0; i < 4 && !instances[0]->keeper.is_leading(); ++i) {
        pass(16s);
        call(instances[0]->keeper.step());
    }
    const auto ticks = last_ticks(schedule.entries().front().when, begin, now(), 1'000);
    Texts expected;
    for (const Timestamp tick : ticks) {
        expected.push_back(id_of_tick(schedule.entries().front(), tick));
    }
    EXPECT_EQ(ids(), expected);
}

TEST_F(ScheduleKeeperTest, KeepsUntilItIsStopped) {
    schedule.every("often", 1s, Tidy{});
    metrics::Registry registry;
    test::MemoryBroker broker(store);
    Tasks tasks(set, broker, registry);
    ScheduleKeeper keeper(tasks, schedule);
    runtime::Scope scope(loop);
    scope.start(keeper.keep());
    EXPECT_TRUE(runtime::test::turn_until(loop, [&] { return !ids().empty(); }));
    scope.stop(runtime::StopReason::shutdown);
    EXPECT_TRUE(runtime::test::turn_until(loop, [&] { return scope.running() == 0; }));
    test::MemoryBroker others(store);
    EXPECT_TRUE(call(others.lead("schedule", "another", 15s))) << "it was handed over";
}

}  // namespace
}  // namespace brio::tasks
