#include <brio/app/supervision.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::app {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Action start{.kind = Action::Kind::start};
constexpr Action close_listeners{.kind = Action::Kind::close_listeners};
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
    supervision.asked_to_restart();
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start));
    supervision.started(2);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    supervision.ready(2, 5s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(drain(1)));
    supervision.ended(1, well, 6s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
}

TEST(Supervision, ASecondRestartWhileOneIsUnderWayIsTheSame) {
    auto supervision = serving();
    supervision.asked_to_restart();
    supervision.asked_to_restart();
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start));
    supervision.started(2);
    supervision.asked_to_restart();
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
}

TEST(Supervision, ARestartAskedForWhileOneStartsFollowsWhenItIsReady) {
    Supervision supervision;
    supervision.begin();
    supervision.take_actions();
    supervision.started(1);
    supervision.asked_to_restart();
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    supervision.ready(1, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(start));
    supervision.started(2);
    supervision.ready(2, 2s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(drain(1)));
}

TEST(Supervision, ANewProcessThatIsNoGoodLeavesTheOldOneServing) {
    auto supervision = serving();
    supervision.asked_to_restart();
    supervision.started(2);
    supervision.take_actions();
    supervision.ended(2, {.code = 2}, 1s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    EXPECT_EQ(supervision.wake_at(), std::nullopt);
}

TEST(Supervision, TheOldOneThatDiesDuringARestartIsNotStartedTwice) {
    auto supervision = serving();
    supervision.asked_to_restart();
    supervision.started(2);
    supervision.take_actions();
    supervision.ended(1, crashed, 1s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    supervision.ready(2, 2s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
}

TEST(Supervision, AStopDrainsAndEndsWithZero) {
    auto supervision = serving();
    supervision.asked_to_stop();
    EXPECT_THAT(supervision.take_actions(), ElementsAre(close_listeners, drain(1)));
    supervision.ended(1, well, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(0)));
}

TEST(Supervision, ADrainThatCrashesEndsWithOne) {
    auto supervision = serving();
    supervision.asked_to_stop();
    supervision.take_actions();
    supervision.ended(1, crashed, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(1)));
}

TEST(Supervision, ASecondStopKills) {
    auto supervision = serving();
    supervision.asked_to_stop();
    supervision.take_actions();
    supervision.asked_to_stop();
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
    supervision.asked_to_stop();
    EXPECT_THAT(supervision.take_actions(), ElementsAre(close_listeners, exit_with(0)));
    supervision.tick(10s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
}

TEST(Supervision, AStopDuringARestartWaitsForBoth) {
    auto supervision = serving();
    supervision.asked_to_restart();
    supervision.started(2);
    supervision.take_actions();
    supervision.asked_to_stop();
    EXPECT_THAT(supervision.take_actions(), ElementsAre(close_listeners, drain(1), drain(2)));
    supervision.ended(1, well, 1s);
    EXPECT_THAT(supervision.take_actions(), IsEmpty());
    supervision.ended(2, well, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(0)));
}

TEST(Supervision, AProcessStartedAfterTheStopIsDrainedToo) {
    auto supervision = serving();
    supervision.asked_to_restart();
    supervision.asked_to_stop();
    supervision.take_actions();
    supervision.started(2);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(drain(2)));
    supervision.ended(1, well, 1s);
    supervision.ended(2, well, 1s);
    EXPECT_THAT(supervision.take_actions(), ElementsAre(exit_with(0)));
}

}  // namespace
}  // namespace brio::app
