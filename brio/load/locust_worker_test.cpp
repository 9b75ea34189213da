#include <brio/load/locust_worker.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brio::load::locust {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct LocustWorker : testing::Test {
    std::chrono::nanoseconds now = 100s;
    Worker worker{{"ApiUser", "Admin"}, now};
    double stamp = 1'000;

    Acts order(Order what) { return without_words(worker.ordered(what, now)); }
    Acts spawn(UserCounts users, double stop_timeout_seconds = 0) {
        return order(Spawn{.timestamp = ++stamp,
                           .users = std::move(users),
                           .host = "http://t",
                           .stop_timeout_seconds = stop_timeout_seconds});
    }
    /// All that it does in a time in which nothing happens.
    Acts pass(std::chrono::nanoseconds time) {
        Acts all;
        for (const auto end = now + time; now < end;) {
            now += 250ms;
            for (Act& each : worker.tick(now, {.cpu_percent = 5, .memory_bytes = 7})) {
                all.push_back(std::move(each));
            }
        }
        return all;
    }
    void be_taken() {
        worker.connected(now);
        order(Ack{.index = 0});
    }
    void run_users() {
        be_taken();
        spawn({{"ApiUser", 2}});
        worker.users_run();
    }
    static Acts without_words(Acts acts) {
        std::erase_if(acts, [](const Act& act) { return std::holds_alternative<Say>(act); });
        return acts;
    }
    template <typename Wanted>
    static std::vector<Wanted> told(const Acts& acts) {
        std::vector<Wanted> all;
        for (const Act& act : acts) {
            if (const auto* tell = std::get_if<Tell>(&act)) {
                if (const auto* wanted = std::get_if<Wanted>(&tell->told)) {
                    all.push_back(*wanted);
                }
            }
        }
        return all;
    }
    static std::string words(const Acts& acts) {
        std::string all;
        for (const Act& act : acts) {
            if (const auto* say = std::get_if<Say>(&act)) {
                all += say->words + "\n";
            }
        }
        return all;
    }
};

TEST_F(LocustWorker, SaysThatItIsReadyOnceItIsConnected) {
    EXPECT_THAT(pass(20s), IsEmpty());
    EXPECT_THAT(worker.connected(now), ElementsAre(Tell{Ready()}));
}

TEST_F(LocustWorker, SaysSoEveryFiveSecondsUntilAMasterTakesIt) {
    worker.connected(now);
    const auto acts = pass(11s);
    EXPECT_EQ(told<Ready>(acts).size(), 2u);
    EXPECT_THAT(words(acts), HasSubstr("has not answered"));
    EXPECT_THAT(told<Heartbeat>(acts), IsEmpty());
    order(Ack{.index = 1});
    EXPECT_THAT(told<Ready>(pass(20s)), IsEmpty());
}

TEST_F(LocustWorker, GivesUpAfterFiveMinutesWithoutAMaster) {
    const auto acts = pass(Worker::longest_wait);
    EXPECT_THAT(without_words(acts), ElementsAre(End{.is_well = false}));
    EXPECT_THAT(words(acts), HasSubstr("locust --master"));
    EXPECT_TRUE(worker.is_over());
    EXPECT_THAT(pass(10s), IsEmpty());
}

TEST_F(LocustWorker, BeatsEachSecondWithItsStateAndVitals) {
    be_taken();
    const auto beats = told<Heartbeat>(pass(10s));
    EXPECT_EQ(beats.size(), 11u);  // one at once
    EXPECT_EQ(beats[0], (Heartbeat{.state = State::ready, .cpu_percent = 5, .memory_bytes = 7}));
    spawn({{"ApiUser", 1}});
    EXPECT_EQ(told<Heartbeat>(pass(1s)).at(0).state, State::spawning);
    worker.users_run();
    EXPECT_EQ(told<Heartbeat>(pass(1s)).at(0).state, State::running);
}

TEST_F(LocustWorker, RunsWhatASpawnAsks) {
    be_taken();
    EXPECT_THAT(
        spawn({{"ApiUser", 1}, {"Admin", 1}}),
        ElementsAre(Tell{Spawning()},
                    SetUsers{.users = {{"ApiUser", 1}, {"Admin", 1}}, .host = "http://t", .is_new = true}));
    EXPECT_THAT(worker.users_run(), ElementsAre(Tell{SpawningComplete{{{"ApiUser", 1}, {"Admin", 1}}}}));
    // Further ones are of the same test.
    EXPECT_THAT(
        spawn({{"ApiUser", 5}, {"Admin", 2}}),
        ElementsAre(Tell{Spawning()},
                    SetUsers{.users = {{"ApiUser", 5}, {"Admin", 2}}, .host = "http://t", .is_new = false}));
    EXPECT_THAT(worker.users_run(), ElementsAre(Tell{SpawningComplete{{{"ApiUser", 5}, {"Admin", 2}}}}));
}

TEST_F(LocustWorker, ASpawnOfBeforeIsDropped) {
    be_taken();
    spawn({{"ApiUser", 5}});
    EXPECT_THAT(order(Spawn{.timestamp = stamp - 1, .users = {{"ApiUser", 1}}, .host = {}}), IsEmpty());
    EXPECT_THAT(order(Spawn{.timestamp = stamp, .users = {{"ApiUser", 1}}, .host = {}}), IsEmpty());
}

TEST_F(LocustWorker, AUserClassThatItDoesNotHaveIsToldToTheMasterOnce) {
    be_taken();
    const auto acts = spawn({{"ApiUser", 1}, {"Python", 1}});
    ASSERT_EQ(told<Exception>(acts).size(), 1u);
    EXPECT_THAT(told<Exception>(acts)[0].text, HasSubstr("no user class Python: it has Admin, ApiUser"));
    EXPECT_EQ(std::get<SetUsers>(acts.back()).users, (UserCounts{{"ApiUser", 1}}));
    EXPECT_THAT(told<Exception>(spawn({{"ApiUser", 2}, {"Python", 2}})), IsEmpty());
}

TEST_F(LocustWorker, WithoutClassesOfItsOwnItTakesAnyForThem) {
    worker = Worker({}, now);
    be_taken();
    EXPECT_EQ(std::get<SetUsers>(spawn({{"Python", 3}}).back()).users, (UserCounts{{"Python", 3}}));
}

TEST_F(LocustWorker, UsersThatCannotRunAreToldToTheMasterAndTriedAgainAtItsNextOrder) {
    be_taken();
    spawn({{"ApiUser", 1}});
    EXPECT_THAT(
        without_words(worker.users_failed("nobody is there")),
        ElementsAre(Tell{SpawningComplete()}, Tell{Exception{.text = "nobody is there", .traceback = {}}}));
    EXPECT_EQ(std::get<SetUsers>(spawn({{"ApiUser", 2}}).back()).users, (UserCounts{{"ApiUser", 2}}));
    EXPECT_THAT(worker.users_run(), ElementsAre(Tell{SpawningComplete{{{"ApiUser", 2}}}}));
}

TEST_F(LocustWorker, ReportsEveryThreeSecondsWhileUsersRun) {
    be_taken();
    EXPECT_EQ(std::ranges::count(pass(10s), Act(Report())), 0);
    spawn({{"ApiUser", 2}});
    worker.users_run();
    EXPECT_EQ(std::ranges::count(pass(10s), Act(Report{{{"ApiUser", 2}}})), 3);
}

TEST_F(LocustWorker, AfterAStopItTellsTheRestAndIsReadyAgain) {
    be_taken();
    spawn({{"ApiUser", 2}}, 2.5);
    worker.users_run();
    EXPECT_THAT(order(Stop()), ElementsAre(Halt{2500ms}));
    EXPECT_THAT(order(Stop()), IsEmpty());
    EXPECT_THAT(worker.users_ended(now), ElementsAre(Report(), Tell{Stopped()}, Tell{Ready()}));
    order(Ack{.index = 0});
    EXPECT_TRUE(std::get<SetUsers>(spawn({{"ApiUser", 1}}).back()).is_new);
}

TEST_F(LocustWorker, WithoutAStopTimeoutUsersHaveTwoSecondsAtAStop) {
    run_users();
    EXPECT_THAT(order(Stop()), ElementsAre(Halt{2s}));
}

TEST_F(LocustWorker, ASpawnWhileUsersEndWaitsUntilTheyHave) {
    run_users();
    order(Stop());
    EXPECT_THAT(spawn({{"ApiUser", 7}}), IsEmpty());
    EXPECT_THAT(worker.users_ended(now),
                ElementsAre(Report(), Tell{Stopped()}, Tell{Ready()}, Tell{Spawning()},
                            SetUsers{.users = {{"ApiUser", 7}}, .host = "http://t", .is_new = true}));
}

TEST_F(LocustWorker, AtAQuitItTellsAllAndLeaves) {
    run_users();
    EXPECT_THAT(order(Quit()), ElementsAre(Report{{{"ApiUser", 2}}}, Halt{Worker::patience_at_end}));
    EXPECT_THAT(worker.users_ended(now), ElementsAre(Report(), Tell{Leaving()}, End{.is_well = true}));
    EXPECT_TRUE(worker.is_over());
    EXPECT_THAT(spawn({{"ApiUser", 7}}), IsEmpty());
}

TEST_F(LocustWorker, AQuitWhileUsersAreEndingIsObeyedToo) {
    run_users();
    order(Stop());
    order(Quit());
    EXPECT_THAT(worker.users_ended(now), ElementsAre(Report(), Tell{Leaving()}, End{.is_well = true}));
}

TEST_F(LocustWorker, APersonMayEndIt) {
    run_users();
    EXPECT_THAT(worker.interrupted(), ElementsAre(Report{{{"ApiUser", 2}}}, Halt{Worker::patience_at_end}));
    EXPECT_THAT(worker.interrupted(), IsEmpty());
    EXPECT_THAT(worker.users_ended(now), ElementsAre(Report(), Tell{Leaving()}, End{.is_well = true}));
}

TEST_F(LocustWorker, AReconnectOpensTheConnectionAnew) {
    run_users();
    EXPECT_THAT(order(Reconnect()), ElementsAre(Reopen()));
    worker.disconnected(now);
    EXPECT_THAT(worker.connected(now), IsEmpty());  // the master knows it
}

// Whether it is the same master cannot be seen; the same asks for the users again.
TEST_F(LocustWorker, UsersGoOnOverAShortLossOfTheConnectionWhenTheMasterAsksForThem) {
    run_users();
    worker.disconnected(now);
    pass(500ms);
    EXPECT_THAT(worker.connected(now), ElementsAre(Tell{Ready()}));
    EXPECT_THAT(told<Heartbeat>(pass(500ms)), IsEmpty());  // one that does not know it would not bear it
    order(Ack{.index = 0});
    EXPECT_FALSE(std::get<SetUsers>(spawn({{"ApiUser", 2}}).back()).is_new);
    worker.users_run();
    EXPECT_EQ(worker.state(), State::running);
    EXPECT_EQ(std::ranges::count(pass(5s), Act(Halt{Worker::patience_at_end})), 0);
}

TEST_F(LocustWorker, UsersAreStoppedWhenAnotherMasterComesAtOnce) {
    run_users();
    worker.disconnected(now);
    pass(500ms);
    worker.connected(now);
    order(Ack{.index = 0});
    const auto acts = pass(2s);
    EXPECT_EQ(std::ranges::count(acts, Act(Halt{Worker::patience_at_end})), 1);
    worker.users_ended(now);
    EXPECT_EQ(worker.state(), State::ready);
    stamp = 5;  // the clock of another master
    EXPECT_TRUE(std::get<SetUsers>(spawn({{"ApiUser", 1}}).back()).is_new);
}

TEST_F(LocustWorker, AnIdleOneIsReadyForAMasterThatComesAtOnce) {
    be_taken();
    worker.disconnected(now);
    pass(500ms);
    EXPECT_THAT(worker.connected(now), ElementsAre(Tell{Ready()}));
    order(Ack{.index = 0});
    EXPECT_THAT(words(pass(5s)), IsEmpty());
}

TEST_F(LocustWorker, UsersAreStoppedWhenTheMasterIsGone) {
    run_users();
    worker.disconnected(now);
    const auto acts = pass(2s);
    EXPECT_EQ(std::ranges::count(acts, Act(Halt{Worker::patience_at_end})), 1);
    EXPECT_THAT(words(acts), HasSubstr("the master is gone"));
    EXPECT_THAT(worker.users_ended(now), IsEmpty());
    EXPECT_EQ(worker.state(), State::ready);
    now += 60s;
    EXPECT_THAT(worker.connected(now), ElementsAre(Tell{Ready()}));
    order(Ack{.index = 0});
    stamp = 5;  // the clock of another master
    EXPECT_TRUE(std::get<SetUsers>(spawn({{"ApiUser", 1}}).back()).is_new);
}

TEST_F(LocustWorker, AnIdleOneIsReadyForTheNextMaster) {
    be_taken();
    worker.disconnected(now);
    EXPECT_THAT(without_words(pass(10s)), testing::Each(testing::Not(Act(Tell{Ready()}))));
    EXPECT_THAT(worker.connected(now), ElementsAre(Tell{Ready()}));
}

TEST_F(LocustWorker, WhatItDoesNotKnowIsSaid) {
    be_taken();
    EXPECT_THAT(words(worker.ordered(Other{"mine"}, now)), HasSubstr("mine"));
}

}  // namespace
}  // namespace brio::load::locust
