#include <brio/base/steady_wall.hpp>

#include <gtest/gtest.h>

namespace brio {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

struct Fixture {
    SteadyWall clock;
    WallTime wall = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26);
    std::chrono::nanoseconds elapsed = 5h;
    WallTime last = clock.next(wall, elapsed);

    /// What has passed on the clock meanwhile; asked every 10 ms, or as long as that is.
    microseconds pass(microseconds time, microseconds step = 10ms) {
        auto const before = last;
        for (auto left = time; left > 0us; left -= step) {
            wall += step;
            elapsed += step;
            auto const now = clock.next(wall, elapsed);
            EXPECT_GE(now, last) << "it goes back";
            last = now;
        }
        return last - before;
    }
};

TEST(SteadyWall, IsTheWallClockWhereThatGoesOn) {
    Fixture of;
    EXPECT_EQ(of.pass(10s), 10s);
    of.wall += 300ms;  // a correction
    of.pass(10ms);
    EXPECT_EQ(of.last, of.wall);
    of.pass(30h, 3h);
    EXPECT_EQ(of.last, of.wall);
}

TEST(SteadyWall, AnHourForwardIsReachedInTwoAndASecondTakesTwoThirds) {
    Fixture of;
    of.wall += 1h;
    EXPECT_EQ(of.pass(10s), 15s);
    of.pass(7200s - 10s - 3s, 1s);
    EXPECT_LT(of.last, of.wall);
    of.pass(3s);
    EXPECT_EQ(of.last, of.wall);
}

TEST(SteadyWall, AnHourBackIsReachedInTwoAndASecondTakesTwo) {
    Fixture of;
    of.wall -= 1h;
    EXPECT_EQ(of.pass(10s), 5s);
    of.pass(7200s - 10s - 3s, 1s);
    EXPECT_GT(of.last, of.wall);
    of.pass(3s);
    EXPECT_EQ(of.last, of.wall);
}

TEST(SteadyWall, ItGoesOnHoweverOftenItIsAsked) {
    Fixture of;
    of.wall += 1h;
    auto const first = of.last;
    for (int i = 0; i < 20'000; ++i) {
        of.elapsed += 500ns;
        of.wall += i % 2 * 1us;
        of.last = of.clock.next(of.wall, of.elapsed);
    }
    EXPECT_EQ(of.last - first, 15ms);
}

TEST(SteadyWall, AJumpThereAndBackLeavesNothing) {
    Fixture of;
    of.wall += 1h;
    of.pass(1s);
    of.wall -= 1h;
    EXPECT_EQ(of.pass(1s), 500ms);
    EXPECT_EQ(of.last, of.wall);
}

TEST(SteadyWall, TheTimeThatAMachineSleptCounts) {
    Fixture of;
    EXPECT_EQ(of.pass(90min, 90min), 90min);
}

TEST(SteadyWall, AnotherDayIsBelieved) {
    Fixture of;
    of.wall += 24h;
    of.pass(10ms);
    EXPECT_EQ(of.last, of.wall);
    of.wall -= 48h;
    of.elapsed += 10ms;
    EXPECT_EQ(of.clock.next(of.wall, of.elapsed), of.wall);
}

TEST(SteadyWall, OfTheProcessIsNearTheWallClock) {
    EXPECT_LT(std::chrono::abs(steady_wall_now() - wall_now()), 1s);
}

}  // namespace
}  // namespace brio
