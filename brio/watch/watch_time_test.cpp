#include <brio/watch/watch_time.hpp>

#include <gtest/gtest.h>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;

TEST(WatchTime, GoesOnAsTheMonotonicClockWhateverTheWallClockSays) {
    std::chrono::nanoseconds passed = 7h;
    std::chrono::seconds wall = 1'790'000'001s;
    const WatchTime time({.monotonic = [&] { return passed; }, .wall = [&] { return wall; }});
    passed += 12s;
    wall = 0s;
    EXPECT_EQ(time.now(), 1'790'000'013s);
}

TEST(WatchTime, TheNextLookIsInTheMiddleOfTheNextStep) {
    std::chrono::nanoseconds passed = 7h;
    const WatchTime time({.monotonic = [&] { return passed; }, .wall = [] { return 1'790'000'001s; }});
    EXPECT_EQ(time.until_next(5s), 6500ms);  // at ..07.5
    passed += 6500ms;
    EXPECT_EQ(time.until_next(5s), 5s);
    passed += 2s;
    EXPECT_EQ(time.until_next(5s), 3s);
    passed += 1s;
    EXPECT_EQ(time.until_next(5s), 7s);
}

}  // namespace
}  // namespace brio::watch
