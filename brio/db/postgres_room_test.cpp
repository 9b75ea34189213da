#include <brio/db/postgres_room.hpp>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace brio::db::postgres {

namespace {

using namespace std::chrono_literals;

TEST(ConnectionBound, ItIsTheSettingWhileTheServerHasRoom) {
    ConnectionBound bound({.most = 20});
    EXPECT_EQ(bound.look(1s, {.most = 97, .used = 10, .ours = 10}, {10, 10}), 20U);
    EXPECT_EQ(bound.by(), BoundBy::setting);
}

TEST(ConnectionBound, TheReserveIsLeftToOthers) {
    ConnectionBound bound({.most = 20, .reserve = 5});
    EXPECT_EQ(bound.look(1s, {.most = 30, .used = 20, .ours = 8}, {8, 8}), 13U) << "five of the ten";
    EXPECT_EQ(bound.by(), BoundBy::server);
    EXPECT_EQ(bound.look(2s, {.most = 30, .used = 25, .ours = 13}, {13, 13}), 13U);
    EXPECT_EQ(bound.look(3s, {.most = 30, .used = 12, .ours = 12}, {12, 12}), 20U);
}

TEST(ConnectionBound, WhoHasMoreThanItsPartGivesHalfOfThatBack) {
    ConnectionBound bound({.most = 20, .reserve = 5});
    EXPECT_EQ(bound.look(1s, {.most = 25, .used = 21, .ours = 21, .processes = 2}, {20, 20}), 15U);
    EXPECT_EQ(bound.by(), BoundBy::share);
    EXPECT_EQ(bound.look(2s, {.most = 25, .used = 21, .ours = 21, .processes = 2}, {11, 11}), 10U);
    EXPECT_EQ(bound.look(3s, {.most = 25, .used = 21, .ours = 21, .processes = 2}, {10, 10}), 10U);
}

TEST(ConnectionBound, WhoHasLessGoesIntoTheReserve) {
    ConnectionBound bound({.most = 20, .reserve = 5});
    EXPECT_EQ(bound.look(1s, {.most = 25, .used = 22, .ours = 22, .processes = 2}, {4, 4}), 5U);
    EXPECT_EQ(bound.look(2s, {.most = 25, .used = 25, .ours = 25, .processes = 2}, {6, 6}), 6U)
        << "there is none";
}

TEST(ConnectionBound, NobodyHasFewerThanItCanDoWith) {
    ConnectionBound bound({.least = 4, .most = 20});
    EXPECT_EQ(bound.look(1s, {.most = 10, .used = 10, .ours = 1, .processes = 9}, {1, 1}), 4U);
    EXPECT_EQ(bound.refused(0), 4U);
}

TEST(ConnectionBound, ARefusalEndsTheGrowthUntilALookFindsRoom) {
    ConnectionBound bound({.most = 20});
    EXPECT_EQ(bound.refused(7), 7U);
    EXPECT_EQ(bound.by(), BoundBy::server);
    EXPECT_EQ(bound.look(1s, {.most = 97, .used = 20, .ours = 7}, {7, 7}), 20U);
}

TEST(ConnectionBound, WhatIsNotUsedIsGivenBackWhereNoneIsLeft) {
    ConnectionBound bound({.most = 20, .reserve = 5});
    const Room full{.most = 25, .used = 20, .ours = 20, .processes = 2};
    auto now = 100s;
    for (int i = 0; i < 29; ++i) {
        EXPECT_EQ(bound.look(now += 1s, full, {10, i == 0 ? 10U : 4U}), 10U) << i;
    }
    for (int i = 0; i < 60; ++i) {
        bound.look(now += 1s, full, {10, 4});
    }
    EXPECT_EQ(bound.bound(), 5U);
    const Room room{.most = 25, .used = 10, .ours = 10, .processes = 2};
    EXPECT_EQ(bound.look(now += 1s, room, {5, 4}), 10U) << "where there is room it may have them again";
}

/// Processes on one server, each opening what it wants as far as it may, and looking in turn.
struct Simulation {
    struct Process {
        ConnectionBound bound;
        std::size_t open = 1;
        std::size_t wants = 20;
    };
    std::size_t most;
    std::size_t others = 0;
    std::vector<Process> processes;
    std::chrono::nanoseconds now{0};
    std::size_t refusals = 0;

    void add(RoomOptions options) { processes.push_back({ConnectionBound(options)}); }
    std::size_t used() const {
        return std::accumulate(processes.begin(), processes.end(), others,
                               [](std::size_t sum, const Process& each) { return sum + each.open; });
    }
    void look() {
        now += 1s;
        for (Process& each : processes) {
            const Room room{most, used(), used() - others, processes.size()};
            each.bound.look(now, room, {each.open, std::min(each.open, each.wants)});
            each.open = std::min(each.open, each.bound.bound());
            while (each.open < std::min(each.wants, each.bound.bound())) {
                if (used() >= most) {
                    ++refusals;
                    each.bound.refused(each.open);
                    break;
                }
                ++each.open;
            }
        }
    }
    void looks(int count) {
        while (count-- > 0) {
            look();
        }
    }
};

TEST(ConnectionBound, ProcessesComeToTheSameWithinSomeLooks) {
    Simulation simulation{.most = 37};
    for (int i = 0; i < 2; ++i) {
        simulation.add({.most = 20, .reserve = 5});
    }
    simulation.looks(10);
    EXPECT_EQ(simulation.used(), 32U);
    for (int i = 0; i < 2; ++i) {
        simulation.add({.most = 20, .reserve = 5});
    }
    simulation.looks(8);
    for (const auto& each : simulation.processes) {
        EXPECT_NEAR(static_cast<double>(each.open), 8, 1);
    }
    EXPECT_LE(simulation.used(), 36U);
    EXPECT_EQ(simulation.refusals, 0U);
    simulation.processes.pop_back();
    simulation.processes.pop_back();
    simulation.looks(10);
    EXPECT_EQ(simulation.used(), 32U) << "those that stay have what the others had";
}

TEST(ConnectionBound, WhatOneDoesNotUseOthersGet) {
    Simulation simulation{.most = 37};
    for (int i = 0; i < 2; ++i) {
        simulation.add({.most = 30, .reserve = 5});
    }
    simulation.processes.back().wants = 30;
    simulation.looks(10);
    simulation.processes.front().wants = 5;
    simulation.looks(120);
    EXPECT_LE(simulation.processes.front().open, 7U);
    EXPECT_GE(simulation.processes.back().open, 24U);
    simulation.processes.front().wants = 30;
    simulation.looks(12);
    EXPECT_NEAR(static_cast<double>(simulation.processes.front().open), 16, 1);
}

TEST(ConnectionBound, ItDoesNotSwing) {
    Simulation simulation{.most = 60};
    for (int i = 0; i < 5; ++i) {
        simulation.add({.most = 20, .reserve = 5});
    }
    simulation.looks(30);
    std::vector<std::size_t> before;
    for (const auto& each : simulation.processes) {
        before.push_back(each.open);
    }
    for (int i = 0; i < 200; ++i) {
        simulation.look();
        for (std::size_t one = 0; one < before.size(); ++one) {
            EXPECT_EQ(simulation.processes[one].open, before[one]) << "look " << i;
        }
    }
}

TEST(ConnectionBound, WhateverOthersDoItStaysWithinItsBounds) {
    std::mt19937 random(4711);
    const auto upto = [&](std::size_t most) {
        return std::uniform_int_distribution<std::size_t>(0, most)(random);
    };
    ConnectionBound bound({.least = 4, .most = 12, .reserve = 5});
    std::chrono::nanoseconds now{0};
    for (int i = 0; i < 20'000; ++i) {
        now += std::chrono::milliseconds(upto(3000));
        const auto made = bound.look(now, {upto(40), upto(50), upto(50), upto(6)}, {upto(14), upto(14)});
        ASSERT_GE(made, 4U);
        ASSERT_LE(made, 12U);
        ASSERT_GE(bound.refused(upto(20)), 4U);
    }
}

}  // namespace

}  // namespace brio::db::postgres
