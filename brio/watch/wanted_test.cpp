#include <brio/watch/wanted.hpp>

#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;

Need of_servers(std::size_t count, const ServerLoad& each) {
    return servers_needed(std::vector(count, each), Goals{});
}
Need of_workers(std::size_t count, const WorkerLoad& each, const Waiting& waiting) {
    return workers_needed(std::vector(count, each), waiting, Goals{});
}

TEST(ServersNeeded, AtRestItIsOne) {
    EXPECT_EQ(of_servers(3, {}).count, 1U);
    EXPECT_EQ(of_servers(0, {}).count, 1U);
    EXPECT_EQ(of_servers(1, {.cpu_percent = 3}).words, "the processor is at 3 % of 70 %");
}

TEST(ServersNeeded, ItIsAsManyTimesWhatThereAreAsTheProcessorIsOfItsGoal) {
    EXPECT_EQ(of_servers(2, {.cpu_percent = 88, .cores = 2}).count, 3U);
    EXPECT_EQ(of_servers(4, {.cpu_percent = 35}).count, 2U);
    EXPECT_EQ(of_servers(2, {.cpu_percent = 75}).count, 2U) << "a tenth more or less is borne";
    EXPECT_EQ(of_servers(10, {.cpu_percent = 64}).count, 10U);
}

TEST(ServersNeeded, CoresOfDifferentMachinesWeighAsManyAsThereAre) {
    const std::vector<ServerLoad> servers{{.cpu_percent = 90, .cores = 8}, {.cpu_percent = 10, .cores = 1}};
    EXPECT_EQ(servers_needed(servers, Goals{}).words, "the processor is at 81 % of 70 %");
}

TEST(ServersNeeded, ABoundOfTheirOwnThatIsNearlyFullAsksForMore) {
    const auto need = of_servers(2, {.cpu_percent = 20, .filled = 1});
    EXPECT_EQ(need.count, 3U);
    EXPECT_EQ(need.words, "requests under way take 100 % of 80 % of their limit");
}

TEST(ServersNeeded, WhatIsRefusedAsksForAsManyAsWouldHaveTakenIt) {
    const auto need = of_servers(4, {.cpu_percent = 60, .per_second = 100, .shed_per_second = 50});
    EXPECT_EQ(need.count, 6U);
    EXPECT_EQ(need.words, "33 % of the requests are refused");
    EXPECT_EQ(of_servers(4, {.per_second = 1, .shed_per_second = 500}).count, 8U) << "twice at a time";
    EXPECT_EQ(of_servers(1, {.per_second = 0, .shed_per_second = 5}).count, 2U);
    EXPECT_EQ(of_servers(1, {.per_second = 100, .shed_per_second = 2}).count, 2U);
    EXPECT_EQ(of_servers(1, {.per_second = 1000, .shed_per_second = 2}).count, 1U);
}

TEST(ServersNeeded, WhatCannotBeSaysNothing) {
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(of_servers(2, {.cpu_percent = nan}).count, 1U);
    EXPECT_EQ(of_servers(2, {.cpu_percent = 50, .cores = 0}).count, 1U);
    EXPECT_EQ(of_servers(2, {.cpu_percent = -1e9, .filled = -1e9}).count, 1U);
    EXPECT_GE(of_servers(2, {.cpu_percent = 1e300, .cores = 1e300}).count, 1U);
}

TEST(WorkersNeeded, AtRestItIsOne) {
    EXPECT_EQ(of_workers(3, {.slots = 16}, {}).count, 1U);
    EXPECT_EQ(of_workers(3, {.slots = 16}, {}).words, "0 of 48 slots are taken");
    EXPECT_EQ(of_workers(0, {}, {}).words, "there is none, and nothing waits");
    EXPECT_EQ(of_workers(0, {}, {.ready = 7}).words, "there is none, and 7 tasks wait");
}

TEST(WorkersNeeded, WhatIsBusyIsKept) {
    EXPECT_EQ(of_workers(4, {.running = 16, .slots = 16}, {}).count, 4U);
    EXPECT_EQ(of_workers(4, {.running = 6, .slots = 16}, {}).count, 2U);
    EXPECT_EQ(of_workers(4, {.cpu_percent = 95, .running = 2, .slots = 16}, {}).count, 4U);
}

TEST(WorkersNeeded, AWaitOverTheGoalAsksForMoreWhereTheyAreBusy) {
    const WorkerLoad busy{.per_second = 1, .running = 16, .slots = 16};
    EXPECT_EQ(of_workers(2, busy, {.ready = 5, .oldest = 7s}).count, 3U);
    EXPECT_EQ(of_workers(2, busy, {.ready = 5, .oldest = 7s}).words, "tasks wait for 7 s of 5 s");
    EXPECT_EQ(of_workers(2, busy, {.ready = 5, .oldest = 4s}).count, 2U);
    EXPECT_EQ(of_workers(2, busy, {.ready = 60, .oldest = 1s}).count, 4U) << "the last one would wait 30 s";
    const WorkerLoad free{.running = 1, .slots = 16};
    EXPECT_EQ(of_workers(2, free, {.ready = 5, .oldest = 60s}).count, 1U) << "nobody serves that queue";
}

TEST(Wanted, ItGrowsWhenThreeLooksAskForIt) {
    Wanted wanted;
    EXPECT_EQ(wanted.look(0s, 1, 1), 1U);
    EXPECT_EQ(wanted.look(5s, 1, 4), 1U);
    EXPECT_EQ(wanted.look(10s, 1, 3), 1U);
    EXPECT_EQ(wanted.look(15s, 1, 4), 3U);
}

TEST(Wanted, ItShrinksWhenNothingHasAskedForAsManyInFiveMinutes) {
    Wanted wanted;
    std::chrono::nanoseconds now{0};
    const auto looks = [&](int count, std::size_t needed) {
        while (count-- > 0) {
            wanted.look(now += 5s, wanted.count(), needed);
        }
        return wanted.count();
    };
    looks(70, 1);
    EXPECT_EQ(looks(3, 4), 4U);
    EXPECT_EQ(looks(59, 1), 4U);
    EXPECT_EQ(looks(1, 2), 4U);
    EXPECT_EQ(looks(3, 1), 2U);
    EXPECT_EQ(looks(70, 1), 1U);
}

TEST(Wanted, ANewProcessTakesWhatThereAreForWhatIsWanted) {
    Wanted wanted;
    EXPECT_EQ(wanted.look(0s, 1, 1), 1U);
    EXPECT_EQ(wanted.look(5s, 3, 1), 3U) << "it has heard of the others";
    EXPECT_EQ(wanted.look(200s, 3, 1), 3U);
    EXPECT_EQ(wanted.look(301s, 3, 1), 1U);
}

TEST(Wanted, ALoadThatSwingsKeepsTheHigherCount) {
    Wanted wanted;
    int changes = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto before = wanted.count();
        changes += wanted.look(i * 5s, before, i % 20 < 10 ? 3 : 1) != before ? 1 : 0;
    }
    EXPECT_EQ(changes, 1);
}

TEST(NeedNow, SaysWhatIsWaitedFor) {
    const auto words = [](std::size_t needed, std::size_t wanted) {
        return describe_need("servers", {needed, "the processor is at 88 % of 70 %"}, wanted, 2).words;
    };
    EXPECT_EQ(words(3, 3), "needs 3: the processor is at 88 % of 70 %");
    EXPECT_EQ(
        words(1, 3),
        "needs 1: the processor is at 88 % of 70 % (asked for: 3, until that has lasted for 5 minutes)");
    EXPECT_EQ(words(4, 3), "needs 4: the processor is at 88 % of 70 % (asked for: 3, until that has lasted)");
}

}  // namespace
}  // namespace brio::watch
