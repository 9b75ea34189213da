#include <brio/watch/usage.hpp>

#include <gtest/gtest.h>

namespace brio::watch {
namespace {

TEST(Usage, IsComparedWithTheGoalsInWords) {
    const Usage usage{.cpu = {.percent = 83.4, .cores = 2},
                      .memory = {.bytes = 460'000'000, .limit_bytes = 1'000'000'000},
                      .connections = ConnectionUse{.in_use = 9, .waiting = 4, .most = 10, .is_judged = true}};
    const auto uses = compare(usage, Goals{});
    ASSERT_EQ(uses.size(), 3u);
    EXPECT_EQ(uses[0].name, "cpu");
    EXPECT_EQ(uses[0].limit, 70);
    EXPECT_EQ(uses[0].words, "83 % of 2 cores");
    EXPECT_EQ(uses[1].percent, 46);
    EXPECT_EQ(uses[1].limit, 80);
    EXPECT_EQ(uses[1].words, "46 %, 460 MB of 1 GB");
    EXPECT_EQ(uses[2].percent, 90);
    EXPECT_EQ(uses[2].words, "9 of 10 in use, 4 wait for one");
}

TEST(Usage, WhatIsNotKnownIsNotCompared) {
    EXPECT_TRUE(compare({}, Goals{}).empty());
    EXPECT_TRUE(compare({.memory = {.bytes = 1, .limit_bytes = 0}}, Goals{}).empty());
    EXPECT_TRUE(compare({.connections = ConnectionUse{.in_use = 3, .most = 3}}, Goals{}).empty());
    const ConnectionUse bounded{.in_use = 4, .most = 4, .is_judged = true, .bound = 6, .configured = 10};
    EXPECT_EQ(compare({.connections = bounded}, Goals{}).at(0).words,
              "4 of 4 in use (the pool has 6 of 10: PostgreSQL has no more)");
}

TEST(Usage, HalfACoreIsSaidSo) {
    EXPECT_EQ(compare({.cpu = {.percent = 12, .cores = 0.5}}, Goals{})[0].words, "12 % of 0.5 cores");
    EXPECT_EQ(compare({.cpu = {.percent = 12, .cores = 1}}, Goals{})[0].words, "12 % of 1 core");
}

}  // namespace
}  // namespace brio::watch
