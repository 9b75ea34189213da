// A schedule over two instances, on every broker.
#include <brio/tasks/broker_conformance.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/schedule_keeper.hpp>

namespace brio::tasks::test {
namespace {

using namespace std::chrono_literals;

struct Tidy {
    int days = 7;
    static constexpr Policy policy{.name = "tidy", .queue = "q"};
};
void tidy(Tidy) {}

/// One process' keeper.
struct Instance {
    Instance(const TaskSet& set, const Schedule& schedule, Broker& broker, const ManualClocks& clocks)
        : tasks(set, broker, registry),
          keeper(tasks, schedule, {.lead_lasts = 15s},
                 {.monotonic = monotonic_now, .wall = [&clocks] { return clocks.now(); }}) {}
    metrics::Registry registry;
    Tasks tasks;
    ScheduleKeeper keeper;
};

TEST_P(BrokerConformance, EveryTickOfAScheduleIsOneTaskOverTwoInstances) {
    const TaskSet set{{define(tidy)}, {}};
    Schedule schedule;
    schedule.every("often", 10s, Tidy{}, {.catch_up = CatchUp::all, .most = 100});
    const auto& entry = schedule.entries().front();
    Instance first(set, schedule, one(), under_test->clocks);
    Instance second(set, schedule, other(), under_test->clocks);
    const auto begun = now();
    for (int i = 0; i < 12; ++i) {
        run(first.keeper.step());
        run(second.keeper.step());
        EXPECT_FALSE(first.keeper.is_leading() && second.keeper.is_leading());
        under_test->pass(5s);
    }
    for (int i = 0; i < 12; ++i) {  // the first one is gone
        run(second.keeper.step());
        under_test->pass(5s);
    }
    EXPECT_TRUE(second.keeper.is_leading());
    run(second.keeper.step());
    std::vector<std::string> expected;
    for (const Timestamp tick : last_ticks(entry.when, begun, now(), 100)) {
        expected.push_back(id_of_tick(entry, tick));
    }
    auto found = claimed_ids();
    std::ranges::sort(found);
    EXPECT_EQ(found, expected);
    EXPECT_EQ(run(status_of(first.tasks, entry, now())).last, last_ticks(entry.when, begun, now(), 1).at(0));
}

TEST_P(BrokerConformance, WhoLeadsAScheduleHandsItOver) {
    const TaskSet set{{define(tidy)}, {}};
    Schedule schedule;
    schedule.every("often", 10s, Tidy{});
    Instance first(set, schedule, one(), under_test->clocks);
    Instance second(set, schedule, other(), under_test->clocks);
    run(first.keeper.step());
    run(second.keeper.step());
    ASSERT_TRUE(first.keeper.is_leading());
    run(second.keeper.hand_over());
    run(second.keeper.step());
    EXPECT_FALSE(second.keeper.is_leading()) << "it had nothing to hand over";
    run(first.keeper.hand_over());
    EXPECT_FALSE(first.keeper.is_leading());
    run(second.keeper.step());
    EXPECT_TRUE(second.keeper.is_leading());
    run(first.keeper.step());
    EXPECT_FALSE(first.keeper.is_leading());
}

}  // namespace
}  // namespace brio::tasks::test
