#include <brio/app/supervision.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::app {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Action start{.kind = Action::Kind::start};
constexpr Action start_anew{.kind = Action::Kind::start_anew};
constexpr Action become_anew{.kind = Action::Kind::become_anew};
constexpr Action restart_failed{.kind = Action::Kind::restart_failed};
constexpr Action close_listeners{.kind = Action::Kind::close_listeners};
constexpr Action retire(int pid) { return {.kind = Action::Kind::retire, .pid = pid}; }
constexpr Action drain(int pid) { return {.kind = Action::Kind::drain, .pid = pid}; }
constexpr Action kill(int pid) { return {.kind = Action::Kind::kill, .pid = pid}; }
constexpr Action exit_with(int status) { return {.kind = Action::Kind::exit, .status = status}; }
constexpr Ended crashed{.by_signal = true, .code = 11};
constexpr Ended well{};

// Process 1 serves since time 0.
Supervision serving() {
    Supervision supervision;
    supervision.begin();
    supervision.started(1);
    supervision.ready(1, 0s);
    supervision.take_actions();
    return supervision;
}

TEST(Supervision, StartsOneProcess) {
    Supervision supervision;
    supervision.begin();
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start));
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
}

TEST(Supervision, AFirstProcessThatIsNeverReadyEndsTheProgramWithItsStatus) {
    Supervision supervision;
    supervision.begin();
    supervision.started(1);
    supervision.take_actions();
    supervision.ended(1, {.code = 2}, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(2)));
}

TEST(Supervision, AFourthCrashBeforeAnyProcessWasReadyEndsTheProgramWithOne) {
    Supervision supervision;
    supervision.begin();
    for (int pid = 1; pid < 4; ++pid) {
        supervision.started(pid);
        supervision.take_actions();
        supervision.ended(pid, crashed, 0s);
        supervision.tick(1s);
        EXPECT_THAT(supervision.take_actions(), ElementsAre(start));
    }
    supervision.started(4);
    supervision.ended(4, crashed, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(1)));
}

TEST(Supervision, ThatNobodyOfItsProcessesEndedIsSaid) {
    auto supervision = serving();
    EXPECT_FALSE(supervision.ended(99, {.code = 1}, 0s));
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    EXPECT_TRUE(supervision.ended(1, crashed, 0s));
}

TEST(Supervision, ACrashIsAnsweredByAStartAtOnce) {
    auto supervision = serving();
    supervision.ended(1, crashed, 3s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start));
}

TEST(Supervision, AProcessThatEndsUnaskedIsStartedAgainHoweverWell) {
    auto supervision = serving();
    supervision.ended(1, well, 3s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start));
}

TEST(Supervision, RepeatedDeathsWaitTwiceAsLongUpToASecond) {
    auto supervision = serving();
    std::vector<std::chrono::nanoseconds> waits;
    auto now = std::chrono::nanoseconds(0);
    supervision.ended(1, crashed, now);
    supervision.take_actions();
    for (int pid = 2; pid < 10; ++pid) {
        supervision.started(pid);
        supervision.ready(pid, now);
        supervision.ended(pid, crashed, now);
        EXPECT_THAT(supervision.take_actions(), IsEmpty());
        waits.push_back(*supervision.wake_at() - now);
        now = *supervision.wake_at();
        supervision.tick(now - 1ns);
        EXPECT_THAT(supervision.take_actions(), IsEmpty());
        supervision.tick(now);
        EXPECT_THAT(supervision.take_actions(), ElementsAre(start));
    }
    EXPECT_THAT(waits, ElementsAre(50ms, 100ms, 200ms, 400ms, 800ms, 1s, 1s, 1s));
}

TEST(Supervision, TenSecondsOfServiceForgetFormerDeaths) {
    auto supervision = serving();
    supervision.ended(1, crashed, 1s);
    supervision.started(2);
    supervision.ready(2, 1s);
    supervision.take_actions();
    supervision.ended(2, crashed, 11s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start));
}

TEST(Supervision, ADeathBeforeReadyCountsAfterAFirstSuccess) {
    auto supervision = serving();
    supervision.ended(1, crashed, 1s);
    supervision.started(2);
    supervision.take_actions();
    supervision.ended(2, {.code = 1}, 1s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    EXPECT_EQ(supervision.wake_at(), 1s + 50ms);
}

TEST(Supervision, ARestartDrainsTheOldOnlyWhenTheNewIsReady) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start_anew));
    supervision.started(2);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    supervision.ready(2, 5s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(retire(1), become_anew));
    supervision.ended(1, well, 6s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
}

TEST(Supervision, ASecondRestartWhileOneIsUnderWayIsTheSame) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    supervision.asked_to_restart(0s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start_anew));
    supervision.started(2);
    supervision.asked_to_restart(0s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
}

TEST(Supervision, ARestartAskedForWhileOneStartsFollowsWhenItIsReady) {
    Supervision supervision;
    supervision.begin();
    supervision.take_actions();
    supervision.started(1);
    supervision.asked_to_restart(0s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    supervision.ready(1, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start_anew));
    supervision.started(2);
    supervision.ready(2, 2s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(retire(1), become_anew));
}

TEST(Supervision, ANewProcessThatIsNoGoodLeavesTheOldOneServing) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    supervision.started(2);
    supervision.take_actions();
    supervision.ended(2, {.code = 2}, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(restart_failed));
    EXPECT_EQ(supervision.wake_at(), std::nullopt);
    EXPECT_TRUE(supervision.is_serving(1));
}

TEST(Supervision, TheOldOneThatDiesDuringARestartIsNotStartedTwice) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    supervision.started(2);
    supervision.take_actions();
    supervision.ended(1, crashed, 1s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    supervision.ready(2, 2s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(become_anew));
}

TEST(Supervision, WithoutAnyThatServesAFailedRestartFallsBackToTheProgramThatRuns) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    supervision.started(2);
    supervision.take_actions();
    supervision.ended(1, crashed, 1s);
    supervision.ended(2, {.code = 1}, 2s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(restart_failed, start));
}

TEST(Supervision, ARestartThatDoesNotAnswerInTimeIsGivenUp) {
    auto supervision = serving();
    supervision.asked_to_restart(1s);
    supervision.started(2);
    supervision.take_actions();
    EXPECT_EQ(supervision.wake_at(), 61s);
    supervision.tick(61s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(kill(2)));
    supervision.ended(2, {.by_signal = true, .code = 9}, 61s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(restart_failed));
    EXPECT_EQ(supervision.wake_at(), std::nullopt);
}

TEST(Supervision, ARestartAskedForDuringOneThatFailsIsTriedAtOnce) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    supervision.started(2);
    supervision.asked_to_restart(1s);
    supervision.take_actions();
    supervision.ended(2, {.code = 2}, 2s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(restart_failed, start_anew));
}

TEST(Supervision, ARestartDoesNotWaitForTheDelayAfterDeaths) {
    auto supervision = serving();
    supervision.ended(1, crashed, 0s);
    supervision.started(2);
    supervision.ended(2, crashed, 0s);
    supervision.take_actions();
    supervision.asked_to_restart(0s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start_anew));
    EXPECT_EQ(supervision.wake_at(), std::nullopt);
}

TEST(Supervision, ANewProcessThatEndsBeforeItIsFollowedIsStartedAgainAsTheProgramBefore) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    supervision.started(2);
    supervision.take_actions();
    supervision.ready(2, 1s);
    supervision.ended(2, crashed, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(retire(1), restart_failed, start));
}

TEST(Supervision, WhoeverCannotBecomeTheNewProgramDoesWhatWasAskedMeanwhile) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    supervision.started(2);
    supervision.asked_to_restart(1s);
    supervision.ready(2, 2s);
    supervision.take_actions();
    supervision.stayed(2s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start_anew));
}

TEST(Supervision, GoesOnWithTheProcessesOfItsPredecessor) {
    auto before = serving();
    before.asked_to_restart(0s);
    before.started(2);
    before.ready(2, 5s);
    Supervision supervision;
    supervision.go_on(before.kept(), 6s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    EXPECT_TRUE(supervision.is_serving(2));
    EXPECT_FALSE(supervision.is_serving(1));
    supervision.ended(1, well, 6s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    supervision.ended(2, crashed, 7s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start));
}

TEST(Supervision, GoesOnWithTheRestartThatItsPredecessorWasAskedFor) {
    auto before = serving();
    before.asked_to_restart(0s);
    before.started(2);
    before.asked_to_restart(1s);
    before.ready(2, 5s);
    Supervision supervision;
    supervision.go_on(before.kept(), 6s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start_anew));
}

TEST(Supervision, AStopDrainsAndEndsWithZero) {
    auto supervision = serving();
    supervision.asked_to_stop(0s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(close_listeners, drain(1)));
    supervision.ended(1, well, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(0)));
}

TEST(Supervision, ADrainThatCrashesEndsWithOne) {
    auto supervision = serving();
    supervision.asked_to_stop(0s);
    supervision.take_actions();
    supervision.ended(1, crashed, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(1)));
}

TEST(Supervision, AStopWithAWaitClosesTheListenersAfterIt) {
    Supervision supervision({.stop_wait = 5s});
    supervision.begin();
    supervision.started(1);
    supervision.ready(1, 0s);
    supervision.take_actions();
    supervision.asked_to_stop(10s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(drain(1)));
    EXPECT_EQ(supervision.wake_at(), 15s);
    supervision.tick(15s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(close_listeners));
    EXPECT_EQ(supervision.wake_at(), std::nullopt);
}

TEST(Supervision, AProcessThatEndsWithinTheWaitOfAStopEndsTheWait) {
    Supervision supervision({.stop_wait = 5s});
    supervision.begin();
    supervision.started(1);
    supervision.ready(1, 0s);
    supervision.asked_to_stop(10s);
    supervision.take_actions();
    supervision.ended(1, well, 11s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(close_listeners, exit_with(0)));
}

TEST(Supervision, ASecondStopKills) {
    auto supervision = serving();
    supervision.asked_to_stop(0s);
    supervision.take_actions();
    supervision.asked_to_stop(0s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(kill(1)));
    supervision.ended(1, {.by_signal = true, .code = 9}, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(1)));
}

TEST(Supervision, AStopWhileWaitingToStartAgainEndsAtOnce) {
    auto supervision = serving();
    supervision.ended(1, crashed, 0s);
    supervision.started(2);
    supervision.ended(2, crashed, 0s);
    supervision.take_actions();
    supervision.asked_to_stop(0s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(close_listeners, exit_with(0)));
    supervision.tick(10s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
}

TEST(Supervision, AStopDuringARestartWaitsForBoth) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    supervision.started(2);
    supervision.take_actions();
    supervision.asked_to_stop(0s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(close_listeners, drain(1), drain(2)));
    supervision.ended(1, well, 1s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    supervision.ended(2, well, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(0)));
}

TEST(Supervision, AStopDuringARestartThatHangsWaitsForItsTimeAndIsNoFailure) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    supervision.started(2);
    supervision.asked_to_stop(1s);
    supervision.ended(1, well, 2s);
    supervision.take_actions();
    supervision.tick(60s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(kill(2)));
    supervision.ended(2, {.by_signal = true, .code = 9}, 60s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(0)));
}

TEST(Supervision, AProcessStartedAfterTheStopIsDrainedToo) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    supervision.asked_to_stop(0s);
    supervision.take_actions();
    supervision.started(2);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(drain(2)));
    supervision.ended(1, well, 1s);
    supervision.ended(2, well, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(0)));
}

TEST(Supervision, AProcessThatCannotBeMadeAfterTheStopGetsNoSignal) {
    auto supervision = serving();
    supervision.asked_to_restart(0s);
    supervision.asked_to_stop(0s);
    supervision.take_actions();
    supervision.started(-1);  // a signal to -1 would be one to all
    supervision.ended(-1, {.code = 1}, 0s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
}

}  // namespace
}  // namespace brio::app
