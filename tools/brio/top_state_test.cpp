#include "top_state.hpp"

#include <gtest/gtest.h>

#include "top_harness.hpp"

namespace brio::tool {
namespace {

TopState two_processes() {
    TopState state{.at = test::noon,
                   .processes = {test::process("http://web-1:8000"), test::process("http://web-2:8000")}};
    auto& second = state.processes[1];
    second.goals = {test::goal("GET /api/resources", "kept", 3'000, 3'000),
                    test::goal("GET /api/users", "kept", 500, 500)};
    second.work = {test::work("request", "GET /api/resources", 2'000)};
    second.work[0].p99_ms = 90;
    second.work[0].holds = 0.9;
    second.work[0].phases = {{"db", 8}};
    second.instances->instances[0].id = "b";
    second.instances->instances[0].work.count = 2'000;
    second.instances->instances[0].work.p99_ms = 90;
    return state;
}

const GoalAnswer* goal_named(const TopView& view, std::string_view name) {
    const auto found = std::ranges::find(view.goals, name, &GoalAnswer::name);
    return found == view.goals.end() ? nullptr : &*found;
}

TEST(TopView, AGoalStandsAsWhereItStandsWorst) {
    const auto view = view_of(two_processes(), 0);
    ASSERT_EQ(view.goals.front().name, "GET /api/resources");
    EXPECT_EQ(view.goals.front().standing, "missed");
    EXPECT_TRUE(view.goals.front().words.ends_with("(at http://web-1:8000)"));
    EXPECT_EQ(view.goals.front().windows[0].total, 5'000U);
    EXPECT_EQ(goal_named(view, "GET /api/users")->standing, "kept");
    EXPECT_TRUE(view.misses_a_goal());
}

TEST(TopView, WorkIsAddedAndTheSlowestTimesStand) {
    const auto view = view_of(two_processes(), 0);
    const auto& work = view.work.front();
    EXPECT_EQ(work.count, 8'000U);
    EXPECT_NEAR(work.per_second, 8'000 / 60.0, 1e-9);
    EXPECT_EQ(work.p99_ms, 90);
    EXPECT_NEAR(work.holds, 0.975, 1e-9);
    double db = 0;
    double all = 0;
    for (const auto& each : work.phases) {
        db += each.phase == "db" ? each.ms : 0;
        all += each.ms;
    }
    EXPECT_NEAR(db, 0.75 * 1 + 0.25 * 8, 1e-9);
    EXPECT_NEAR(all, 0.75 * 2 + 0.25 * 8, 1e-9);
}

TEST(TopView, WhatProcessesShareCountsOnce) {
    const auto view = view_of(two_processes(), 0);
    EXPECT_EQ(view.tasks.size(), 1U);
    EXPECT_EQ(view.instances.size(), 3U);
    EXPECT_EQ(view.requests.count, 8'060U);
    EXPECT_EQ(view.requests.p99_ms, 90);
    EXPECT_EQ(view.programs, std::vector<std::string>{"shop 1.4"});
}

TEST(TopView, OneProcessAloneIsAsItSays) {
    const auto view = view_of(two_processes(), 2);
    EXPECT_EQ(view.urls, std::vector<std::string>{"http://web-2:8000"});
    EXPECT_FALSE(view.misses_a_goal());
    EXPECT_EQ(view.goals.front().words.find("(at"), std::string::npos);
}

TEST(OtherAdminPorts, AreOfThoseThatAreUpAndHaveOne) {
    auto process = test::process("http://web-1:8000");
    auto other = process.instances->instances[0];
    other.is_self = false;
    other.admin = "http://web-2:8000";
    process.instances->instances.push_back(other);
    other.state = "gone";
    other.admin = "http://web-3:8000";
    process.instances->instances.push_back(other);
    EXPECT_EQ(other_admin_ports(process), std::vector<std::string>{"http://web-2:8000"});
}

}  // namespace
}  // namespace brio::tool
