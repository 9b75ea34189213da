#include <brio/app/worker_slots.hpp>

#include <gtest/gtest.h>

namespace brio::app {
namespace {

using namespace std::chrono_literals;
using enum Action::Kind;

constexpr Ended crashed{.by_signal = true, .code = 11};
constexpr Ended left{.by_signal = false, .code = 0};

std::vector<Action> of(Action::Kind kind, std::initializer_list<int> pids) {
    std::vector<Action> actions;
    for (int const pid : pids) {
        actions.push_back({.kind = kind, .pid = pid});
    }
    return actions;
}

TEST(WorkerSlots, SoManyAreStarted) {
    WorkerSlots slots(2);
    slots.begin(0s);
    EXPECT_EQ(slots.take_actions(), of(start, {0, 0}));
    slots.started(1, 0s);
    slots.started(2, 0s);
    EXPECT_FALSE(slots.wake_at());
    EXPECT_FALSE(slots.are_gone());
}

TEST(WorkerSlots, OneThatDiesComesAgainAtOnceThenLaterAndLaterButWithinASecond) {
    WorkerSlots slots(1);
    slots.begin(0s);
    WorkerSlots::Time now = 0s;
    std::vector<WorkerSlots::Time> delays;
    for (int pid = 1; pid < 9; ++pid) {
        slots.take_actions();
        slots.started(pid, now);
        EXPECT_TRUE(slots.ended(pid, crashed, now));
        auto const at = slots.wake_at().value_or(now);
        delays.push_back(at - now);
        now = at;
        slots.tick(now);
    }
    EXPECT_EQ(delays, (std::vector<WorkerSlots::Time>{0s, 50ms, 100ms, 200ms, 400ms, 800ms, 1s, 1s}));
}

TEST(WorkerSlots, OneThatLeavesByItselfComesAgainAtOnce) {
    WorkerSlots slots(1);
    slots.begin(0s);
    slots.take_actions();
    for (int pid = 1; pid < 9; ++pid) {
        slots.started(pid, 0s);
        slots.ended(pid, left, 0s);
        EXPECT_EQ(slots.take_actions(), of(start, {0}));
    }
}

TEST(WorkerSlots, AStopDrainsAndASecondKills) {
    WorkerSlots slots(2);
    slots.begin(0s);
    slots.started(1, 0s);
    slots.started(2, 0s);
    slots.take_actions();
    slots.asked_to_stop();
    EXPECT_EQ(slots.take_actions(), of(drain, {1, 2}));
    slots.ended(1, left, 0s);
    slots.asked_to_stop();
    EXPECT_EQ(slots.take_actions(), of(kill, {2}));
    EXPECT_FALSE(slots.are_gone());
    slots.ended(2, crashed, 0s);
    EXPECT_TRUE(slots.are_gone());
    EXPECT_FALSE(slots.wake_at());
}

TEST(WorkerSlots, ARestartDrainsEachAndOthersFollow) {
    WorkerSlots slots(1);
    slots.begin(0s);
    slots.started(1, 0s);
    slots.take_actions();
    slots.asked_to_restart();
    EXPECT_EQ(slots.take_actions(), of(drain, {1}));
    slots.ended(1, left, 0s);
    EXPECT_EQ(slots.take_actions(), of(start, {0}));
}

TEST(WorkerSlots, OneThatDrainsIsNotToldAgain) {
    WorkerSlots slots(2);
    slots.begin(0s);
    slots.started(1, 0s);
    slots.take_actions();
    slots.asked_to_restart();
    EXPECT_EQ(slots.take_actions(), of(drain, {1}));
    slots.started(2, 0s);
    slots.asked_to_restart();
    EXPECT_EQ(slots.take_actions(), of(drain, {2}));
    slots.ended(1, left, 0s);
    slots.take_actions();
    slots.started(3, 0s);
    slots.asked_to_stop();
    EXPECT_EQ(slots.take_actions(), of(drain, {3}));
    slots.asked_to_restart();
    EXPECT_EQ(slots.take_actions(), of(drain, {}));
    slots.asked_to_stop();
    EXPECT_EQ(slots.take_actions(), of(kill, {3, 2}));
}

TEST(WorkerSlots, TheNextOneHasThePlaceOfThatWhichEnded) {
    WorkerSlots slots(3);
    slots.begin(0s);
    for (int pid = 1; pid <= 3; ++pid) {
        EXPECT_EQ(slots.starting(), static_cast<std::size_t>(pid - 1));
        slots.started(pid, 0s);
    }
    slots.ended(2, {.by_signal = true, .code = 9}, 5s);
    EXPECT_EQ(slots.starting(), 1U);
}

TEST(WorkerSlots, OneThatIsRecycledHasNotDied) {
    WorkerSlots slots(1);
    slots.begin(0s);
    slots.take_actions();
    for (int pid = 1; pid < 4; ++pid) {
        slots.started(pid, 0s);
        slots.ended(pid, {.by_signal = false, .code = status_of_recycled}, 0s);
        EXPECT_EQ(slots.take_actions(), of(start, {0})) << pid;
    }
}

TEST(WorkerSlots, OneThatCannotBeMadeIsTriedAgainAsOneThatDied) {
    WorkerSlots slots(1);
    slots.begin(0s);
    slots.take_actions();
    slots.could_not_start(0s);
    EXPECT_EQ(slots.take_actions(), of(start, {0}));
    slots.could_not_start(0s);
    EXPECT_EQ(slots.take_actions(), of(start, {}));
    EXPECT_EQ(slots.wake_at(), 50ms);
    slots.tick(50ms);
    EXPECT_EQ(slots.take_actions(), of(start, {0}));
    slots.asked_to_stop();
    slots.could_not_start(50ms);
    EXPECT_TRUE(slots.are_gone());
    EXPECT_EQ(slots.wake_at(), std::nullopt);
}

TEST(WorkerSlots, GoOnWithTheProcessesOfTheirPredecessor) {
    WorkerSlots before(3);
    before.begin(0s);
    before.take_actions();
    before.started(1, 0s);
    before.started(2, 0s);
    before.started(3, 0s);
    before.ended(2, {.by_signal = true, .code = 9}, 1s);
    before.take_actions();
    WorkerSlots slots(3);
    slots.go_on(before.kept(), 2s);
    EXPECT_EQ(slots.there(), 2U);
    EXPECT_EQ(slots.take_actions(), of(start, {0}));
    EXPECT_EQ(slots.starting(), 1U);
    slots.started(4, 2s);
    slots.asked_to_restart();
    EXPECT_EQ(slots.take_actions(), of(drain, {1, 4, 3}));
}

TEST(WorkerSlots, PlacesThatThereAreNoMoreOfAreNotFilledAgain) {
    WorkerSlots before(2);
    before.begin(0s);
    before.take_actions();
    before.started(1, 0s);
    before.started(2, 0s);
    WorkerSlots slots(1);
    slots.go_on(before.kept(), 1s);
    EXPECT_EQ(slots.take_actions(), of(drain, {2}));
    EXPECT_TRUE(slots.ended(2, left, 2s));
    EXPECT_EQ(slots.take_actions(), of(start, {}));
    EXPECT_EQ(slots.there(), 1U);
}

TEST(WorkerSlots, PlacesThatAreMoreByNowAreFilled) {
    WorkerSlots slots(2);
    slots.go_on({{.pid = 7}}, 1s);
    EXPECT_EQ(slots.take_actions(), of(start, {0}));
    EXPECT_EQ(slots.starting(), 1U);
}

TEST(WorkerSlots, AsManyAsThereWereGoOn) {
    WorkerSlots slots({.least = 1, .most = 4});
    slots.go_on({{.pid = 7},
                 {.pid = 0, .is_wanted = false},
                 {.pid = 8},
                 {.pid = 9, .is_wanted = false, .is_draining = true},
                 {.pid = 10}},
                1s);
    EXPECT_EQ(slots.wanted(), 2U);
    EXPECT_EQ(slots.take_actions(), of(drain, {10}));
    EXPECT_TRUE(slots.ended(9, left, 2s));
    EXPECT_EQ(slots.take_actions(), of(start, {}));
    slots.want(3, 3s);
    EXPECT_EQ(slots.take_actions(), of(start, {0}));
    EXPECT_EQ(slots.starting(), 1U);
}

TEST(WorkerSlots, WhoDrainsIsFollowedAndWhoRetiresIsNotByTheSuccessorToo) {
    WorkerSlots before({.least = 1, .most = 3});
    before.begin(0s);
    before.take_actions();
    before.started(1, 0s);
    before.want(3, 0s);
    before.take_actions();
    before.started(2, 0s);
    before.started(3, 0s);
    before.want(2, 1s);
    before.asked_to_restart();
    EXPECT_EQ(before.take_actions().size(), 3U);
    WorkerSlots slots({.least = 1, .most = 3});
    slots.go_on(before.kept(), 2s);
    EXPECT_EQ(slots.wanted(), 2U);
    slots.asked_to_restart();
    EXPECT_EQ(slots.take_actions(), of(drain, {})) << "each was told once";
    EXPECT_TRUE(slots.ended(3, left, 3s));
    EXPECT_EQ(slots.take_actions(), of(start, {}));
    EXPECT_TRUE(slots.ended(1, left, 3s));
    EXPECT_TRUE(slots.ended(2, left, 3s));
    EXPECT_EQ(slots.take_actions(), of(start, {0, 0}));
}

TEST(WorkerSlots, MoreComeInTheFreePlacesAndTheLastOneRetires) {
    WorkerSlots slots({.least = 1, .most = 3});
    slots.begin(0s);
    EXPECT_EQ(slots.take_actions(), of(start, {0}));
    slots.started(1, 0s);
    slots.want(3, 1s);
    EXPECT_EQ(slots.take_actions(), of(start, {0, 0}));
    slots.started(2, 1s);
    slots.started(3, 1s);
    EXPECT_EQ(slots.present().size(), 3U);
    slots.want(2, 2s);
    EXPECT_EQ(slots.take_actions(), of(retire, {3}));
    EXPECT_EQ(slots.present().size(), 2U);
    slots.want(9, 3s);
    EXPECT_EQ(slots.wanted(), 3U) << "there may be no more";
    EXPECT_EQ(slots.take_actions(), of(start, {})) << "its place is not free yet";
    EXPECT_TRUE(slots.ended(3, left, 4s));
    EXPECT_EQ(slots.take_actions(), of(start, {0}));
}

TEST(WorkerSlots, NobodyFollowsOneThatRetires) {
    WorkerSlots slots({.least = 1, .most = 2});
    slots.begin(0s);
    slots.started(1, 0s);
    slots.want(2, 0s);
    slots.want(1, 0s);
    slots.take_actions();
    slots.started(2, 0s);
    EXPECT_EQ(slots.take_actions(), of(retire, {2})) << "it was on its way";
    slots.asked_to_restart();
    EXPECT_EQ(slots.take_actions(), of(drain, {1})) << "who retires ends what it has begun";
    EXPECT_TRUE(slots.ended(2, crashed, 1s));
    EXPECT_EQ(slots.take_actions(), of(start, {}));
    EXPECT_FALSE(slots.wake_at());
}

TEST(WorkerSlots, AStopDrainsThoseThatRetireToo) {
    WorkerSlots slots({.least = 1, .most = 2});
    slots.begin(0s);
    slots.started(1, 0s);
    slots.want(2, 0s);
    slots.started(2, 0s);
    slots.want(1, 0s);
    slots.take_actions();
    slots.asked_to_stop();
    EXPECT_EQ(slots.take_actions(), of(drain, {1, 2}));
    slots.want(2, 1s);
    EXPECT_EQ(slots.take_actions(), of(start, {}));
}

TEST(WorkerSlots, OthersAreNotTheirs) {
    WorkerSlots slots(1);
    EXPECT_FALSE(slots.ended(7, left, 0s));
    EXPECT_TRUE(WorkerSlots(0).are_gone());
}

}  // namespace
}  // namespace brio::app
