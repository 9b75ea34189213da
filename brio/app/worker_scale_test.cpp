#include <brio/app/worker_scale.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace brio::app {
namespace {

using namespace std::chrono_literals;

/// Worker processes of 4 slots and a core each, looked at once a second; tasks are to wait 5 s at most.
struct Program {
    WorkerScale scale{{.least = 1, .most = 8, .goal = 5s}};
    std::chrono::nanoseconds now{100s};

    std::size_t look(WorkerReport seen) {
        now += 1s;
        seen.at = now;
        seen.most = std::max<std::uint64_t>(seen.most, 4);
        seen.slots = std::max<std::uint64_t>(seen.slots, 4);
        return scale.decide(now, std::vector(scale.wanted(), seen));
    }
    std::size_t looks(int count, const WorkerReport& seen) {
        for (int i = 0; i < count; ++i) {
            look(seen);
        }
        return scale.wanted();
    }
};

constexpr WorkerReport pressed{.wait = 8s, .ready = 90, .taken = 4, .cores_used = 0.1, .free_cores = 3};
constexpr WorkerReport idle{.taken = 0, .cores_used = 0.01, .free_cores = 4};

TEST(WorkerScale, ItBeginsWithTheLeastAndStaysThereWhileNothingWaitsForLong) {
    Program program;
    EXPECT_EQ(program.looks(100, {.wait = 4s, .ready = 9, .taken = 4, .free_cores = 3}), 1U);
    EXPECT_EQ(program.looks(1000, idle), 1U);
}

TEST(WorkerScale, OneMoreComesWhenTasksHaveWaitedTooLongForSomeTime) {
    Program program;
    program.looks(10, idle);
    EXPECT_EQ(program.looks(2, pressed), 1U) << "a wait that passes brings nobody";
    EXPECT_EQ(program.look(pressed), 2U);
    EXPECT_EQ(program.looks(4, pressed), 2U) << "it has not had time to help";
    EXPECT_EQ(program.look(pressed), 3U);
}

TEST(WorkerScale, HalfAsManyAgainComeAtATimeUpToTheMost) {
    Program program;
    std::vector<std::size_t> counts{1};
    for (int i = 0; i < 60; ++i) {
        if (const auto count = program.look(pressed); count != counts.back()) {
            counts.push_back(count);
        }
    }
    EXPECT_EQ(counts, (std::vector<std::size_t>{1, 2, 3, 4, 6, 8}));
    EXPECT_EQ(program.scale.hindrance(), "the most there may be");
}

TEST(WorkerScale, NobodyComesWhileThePresentOnesCanTakeMore) {
    Program program;
    auto growing = pressed;
    growing.most = 16;  // it has 4 slots yet
    EXPECT_EQ(program.looks(30, growing), 1U);
    EXPECT_EQ(program.scale.hindrance(), "the present ones can take more");
    auto paused = pressed;
    paused.taken = 1;
    EXPECT_EQ(program.looks(30, paused), 1U);
    growing.cores_used = 0.95;  // more at a time would only share it
    EXPECT_EQ(program.looks(5, growing), 2U);
}

TEST(WorkerScale, SlotsThatAreKeptForOneQueueDoNotKeepOthersWaiting) {
    Program program;
    auto kept = pressed;
    kept.taken = 3;
    kept.kept = 1;
    EXPECT_EQ(program.looks(5, kept), 2U);
}

TEST(WorkerScale, NobodyComesWhereNoProcessorIsLeft) {
    Program program;
    auto full = pressed;
    full.cores_used = 0.95;
    full.free_cores = 0.1;
    EXPECT_EQ(program.looks(60, full), 1U);
    EXPECT_EQ(program.scale.hindrance(), "no processor left");
    full.free_cores = 8;
    program.looks(60, full);
    EXPECT_EQ(program.scale.wanted(), 8U);
}

TEST(WorkerScale, TasksThatOnlyWaitNeedNoProcessor) {
    Program program;
    auto waiting = pressed;
    waiting.cores_used = 0.02;
    waiting.free_cores = 0;
    EXPECT_EQ(program.looks(5, waiting), 2U);
}

TEST(WorkerScale, NoMoreComeThanWhatIsLeftOfTheProcessorFeeds) {
    Program program;
    ASSERT_EQ(program.looks(14, pressed), 4U);
    auto full = pressed;
    full.cores_used = 1;
    full.free_cores = 1.2;
    EXPECT_EQ(program.looks(5, full), 5U) << "of the two that half as many again would be";
}

TEST(WorkerScale, OneGoesAfterACalmAndTheNextSoonAfter) {
    Program program;
    program.looks(60, pressed);
    ASSERT_EQ(program.scale.wanted(), 8U);
    EXPECT_EQ(program.looks(59, idle), 8U);
    EXPECT_EQ(program.looks(2, idle), 7U);
    EXPECT_EQ(program.looks(13, idle), 7U);
    EXPECT_EQ(program.looks(2, idle), 6U);
    EXPECT_EQ(program.looks(200, idle), 1U);
    EXPECT_EQ(program.looks(1000, idle), 1U);
}

TEST(WorkerScale, NobodyGoesWhoseWorkTheOthersCouldNotDo) {
    Program program;
    program.looks(9, pressed);
    ASSERT_EQ(program.scale.wanted(), 3U);
    EXPECT_EQ(program.looks(500, {.taken = 3, .cores_used = 0.1, .free_cores = 3}), 3U) << "9 of 8 slots";
    EXPECT_EQ(program.looks(500, {.taken = 1, .cores_used = 0.6, .free_cores = 1}), 3U) << "1.8 of 2 cores";
    EXPECT_EQ(program.looks(500, {.wait = 3s, .taken = 1, .free_cores = 3}), 3U) << "tasks wait";
    EXPECT_EQ(program.looks(62, {.taken = 2, .cores_used = 0.1, .free_cores = 3}), 2U) << "6 of 8 slots";
}

TEST(WorkerScale, OneBusyLookBeginsTheCalmAnew) {
    Program program;
    program.looks(9, pressed);
    ASSERT_EQ(program.scale.wanted(), 3U);
    for (int i = 0; i < 20; ++i) {
        program.looks(50, idle);
        EXPECT_EQ(program.look({.taken = 4, .free_cores = 3}), 3U);
    }
}

TEST(WorkerScale, SilenceChangesNothing) {
    Program program;
    program.looks(9, pressed);
    ASSERT_EQ(program.scale.wanted(), 3U);
    for (int i = 0; i < 500; ++i) {
        program.now += 1s;
        auto old = pressed;
        old.at = program.now - 10s;
        EXPECT_EQ(program.scale.decide(program.now, std::vector{old, old}), 3U);
    }
    // One that is silent keeps the others from going, not from getting help.
    for (int i = 0; i < 500; ++i) {
        program.now += 1s;
        auto quiet = idle;
        quiet.at = program.now;
        quiet.slots = quiet.most = 4;
        EXPECT_EQ(program.scale.decide(program.now, std::vector{quiet, quiet}), 3U);
    }
}

/// Tasks that come at a rate and take a time each, in processes of 4 slots; what comes of them by Little's
/// law, second by second.
struct Simulation {
    WorkerScale scale;
    std::chrono::nanoseconds now{0};
    double waiting = 0;
    int changes = 0;
    double longest_wait = 0;
    double processes = 0;  // in all seconds

    explicit Simulation(std::size_t most) : scale({.least = 1, .most = most, .goal = 5s}) {}

    void second(double rate, double takes) {
        now += 1s;
        const auto count = static_cast<double>(scale.wanted());
        const double served_most = 4 * count / takes;
        waiting = std::max(0.0, waiting + rate - served_most);
        const double served = std::min(served_most, waiting + rate);
        const double wait = waiting / served_most;
        longest_wait = std::max(longest_wait, wait);
        processes += count;
        std::vector<WorkerReport> reports(
            scale.wanted(), {.at = now,
                             .wait = std::chrono::nanoseconds(static_cast<std::int64_t>(wait * 1e9)),
                             .ready = static_cast<std::uint64_t>(waiting),
                             .slots = 4,
                             .most = 4,
                             .cores_used = 0.02,
                             .free_cores = 2});
        for (int taken = static_cast<int>(std::ceil(served * takes - 1e-9)); taken > 0; --taken) {
            ++reports[static_cast<std::size_t>(taken) % reports.size()].taken;
        }
        const auto before = scale.wanted();
        changes += scale.decide(now, reports) != before ? 1 : 0;
    }
};

TEST(WorkerScale, ASteadyLoadSettlesAndStays) {
    Simulation simulation(16);
    for (int i = 0; i < 600; ++i) {
        simulation.second(10, 1.9);  // needs 19 slots: five processes
    }
    const auto settled = simulation.scale.wanted();
    EXPECT_GE(settled, 5U);
    EXPECT_LE(settled, 9U);
    const auto before = simulation.changes;
    for (int i = 0; i < 3600; ++i) {
        simulation.second(10, 1.9);
    }
    EXPECT_LE(simulation.changes - before, 3) << "it may have come to a few too many";
    EXPECT_GE(simulation.scale.wanted(), 5U);
    EXPECT_LE(simulation.scale.wanted(), 7U);
}

TEST(WorkerScale, ALoadThatComesAndGoesDoesNotTakeTheProcessesWithIt) {
    Simulation simulation(16);
    for (int i = 0; i < 4 * 3600; ++i) {  // 90 s of much, 90 s of little
        simulation.second(i % 180 < 90 ? 10 : 1, 1.9);
    }
    // Without the longer calm it is 80 times more and 80 times fewer.
    EXPECT_LE(simulation.changes, 40);
}

TEST(WorkerScale, ABurstIsMetAndForgotten) {
    Simulation simulation(16);
    for (int i = 0; i < 60; ++i) {
        simulation.second(0.5, 2);
    }
    EXPECT_EQ(simulation.scale.wanted(), 1U);
    for (int i = 0; i < 120; ++i) {
        simulation.second(16, 2);  // 32 slots: eight processes
    }
    EXPECT_GE(simulation.scale.wanted(), 8U);
    EXPECT_LE(simulation.longest_wait, 60);
    for (int i = 0; i < 600; ++i) {
        simulation.second(0.5, 2);
    }
    EXPECT_EQ(simulation.scale.wanted(), 1U);
}

TEST(WorkerScale, WhateverIsReportedItStaysWithinItsBounds) {
    std::mt19937 random(4711);
    const auto upto = [&](int most) { return std::uniform_int_distribution(0, most)(random); };
    WorkerScale scale({.least = 2, .most = 5});
    std::chrono::nanoseconds now{0};
    for (int i = 0; i < 20'000; ++i) {
        now += std::chrono::milliseconds(upto(3000));
        std::vector<WorkerReport> reports(static_cast<std::size_t>(upto(6)));
        for (auto& each : reports) {
            each = {.at = now - std::chrono::seconds(upto(5)),
                    .wait = std::chrono::seconds(upto(20)),
                    .taken = static_cast<std::uint64_t>(upto(9)),
                    .slots = static_cast<std::uint64_t>(upto(9)),
                    .most = static_cast<std::uint64_t>(upto(9)),
                    .cores_used = upto(4) / 4.0,
                    .cores = upto(2) / 1.0,
                    .free_cores = upto(3) / 1.0};
        }
        const auto wanted = scale.decide(now, reports);
        ASSERT_GE(wanted, 2U);
        ASSERT_LE(wanted, 5U);
    }
}

}  // namespace
}  // namespace brio::app
