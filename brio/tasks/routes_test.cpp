#include <brio/tasks/routes.hpp>

#include <gtest/gtest.h>

namespace brio::tasks {
namespace {

TEST(TaskRoutes, TheMostSpecificPatternDecidesInWhateverOrder) {
    const std::vector<TaskRoutes::Rule> guide{{"app.worker.*", "main-queue"},
                                              {"app.worker.high_priority.*", "high-priority-queue"}};
    const std::vector<TaskRoutes::Rule> reversed(guide.rbegin(), guide.rend());
    for (const auto& rules : {guide, reversed}) {
        const TaskRoutes routes(rules);
        EXPECT_EQ(routes.queue_of("app.worker.process_data"), "main-queue");
        EXPECT_EQ(routes.queue_of("app.worker.high_priority.pay"), "high-priority-queue");
        EXPECT_EQ(routes.queue_of("app.other"), "");
        EXPECT_TRUE(routes.warnings().empty());
    }
}

TEST(TaskRoutes, AStarStandsForAnyCharacters) {
    EXPECT_TRUE(matches("*", ""));
    EXPECT_TRUE(matches("*", "anything"));
    EXPECT_TRUE(matches("a*c", "abbbc"));
    EXPECT_TRUE(matches("a*b*c", "a-b-b-c"));
    EXPECT_FALSE(matches("a*b*c", "a-b-b-d"));
    EXPECT_TRUE(matches("exact", "exact"));
    EXPECT_FALSE(matches("exact", "exactly"));
    EXPECT_FALSE(matches("", "a"));
    EXPECT_FALSE(matches("app.worker.*", "app.worker"));
}

TEST(TaskRoutes, ARuleThatNeverDecidesIsSaid) {
    const TaskRoutes routes({{"app.*", "one"}, {"app.*", "two"}});
    ASSERT_EQ(routes.warnings().size(), 1u);
    EXPECT_EQ(routes.warnings().front(),
              "the task route app.* to two never decides: the same pattern goes to one");
    EXPECT_EQ(routes.queue_of("app.x"), "one");
}

}  // namespace
}  // namespace brio::tasks
