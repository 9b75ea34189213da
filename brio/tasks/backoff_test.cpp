#include <brio/tasks/backoff.hpp>

#include <gtest/gtest.h>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, TheFirstFailureWaitsOneSecondTheThirdFour) {
    const auto backoff = exponential(1s);
    EXPECT_EQ(next_delay(backoff, 1, 0.5), 1s);
    EXPECT_EQ(next_delay(backoff, 2, 0.5), 2s);
    EXPECT_EQ(next_delay(backoff, 3, 0.5), 4s);
}

TEST(Backoff, IsSpreadByAFifthBothWays) {
    const auto backoff = exponential(10s);
    EXPECT_EQ(next_delay(backoff, 1, 0.0), 8s);
    EXPECT_EQ(next_delay(backoff, 1, 0.75), 11s);
}

TEST(Backoff, IsBounded) {
    EXPECT_EQ(next_delay(exponential(1s, 60s), 1'000'000, 0.5), 60s);
    EXPECT_EQ(next_delay(exponential(1s, 60s), 7, 0.5), 60s);
    EXPECT_EQ(next_delay(constant(3s), 9, 0.5), 3s);
}

}  // namespace
}  // namespace brio::tasks
