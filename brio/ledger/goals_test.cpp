#include <brio/ledger/goals.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cmath>

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

namespace brio {

TEST(Goals, DeadlinesAreTenTimesTheGoals) {
    const Goals goals;
    EXPECT_EQ(goals.request_deadline(), 2s);
    EXPECT_EQ(goals.query_deadline(), 1s);
    EXPECT_EQ(goals.task_soft_deadline(), 50s);
    EXPECT_EQ(goals.task_hard_deadline(), 60s);
}

TEST(Goals, DeadlinesFollowTheFactor) {
    const Goals goals{.api = 50ms, .deadline_factor = 3};
    EXPECT_EQ(goals.request_deadline(), 150ms);
}

TEST(Goals, TheDefaultsAreSound) { EXPECT_THAT(problems(Goals{}), IsEmpty()); }

TEST(Goals, EachProblemNamesGoalValueAndRange) {
    const Goals goals{
        .api = 0ns, .query = 25h, .cpu_percent = 0, .memory_percent = 101, .share = 1, .deadline_factor = 0};
    EXPECT_THAT(
        problems(goals),
        ElementsAre(
            "the goal api is 0ns; it must be between 1us and one day",
            "the goal query is 90000s; it must be between 1us and one day",
            "the goal cpu_percent is 0; it must be between 1 and 100",
            "the goal memory_percent is 101; it must be between 1 and 100",
            "the goal share is 1; it must be more than 0 and less than 1, as 0.99",
            "deadline_factor is 0; it must be between 1 and 1000",
            "the goal query is 90000s, longer than the goal api of 0ns; a request waits for its queries, so "
            "it must not be longer"));
}

TEST(Goals, AShareThatIsNoNumberIsAProblem) {
    EXPECT_THAT(problems(Goals{.share = std::nan("")}),
                ElementsAre("the goal share is NaN; it must be more than 0 and less than 1, as 0.99"));
}

}  // namespace brio
