// Of a runner with so many slots that two claims are under way.
#include <brio/tasks/runner_harness.hpp>

namespace brio::tasks::test {
namespace {

TEST_F(RunnerTest, AllOfManySlotsAreTakenByClaimsThatEachTakeAPart) {
    push_many(1000);
    state.takes = 100ms;
    start({.concurrency = 200});
    EXPECT_EQ(runner->running(), 200u);
    for (int i = 0; i < 10; ++i) {
        advance(100ms);
    }
    EXPECT_EQ(state.ended.size(), 1000u);
    EXPECT_EQ(state.most_at_once, 200u);
    EXPECT_EQ(running.size(), 0u);
    push(1000);
    advance(100ms);
    EXPECT_EQ(state.ended.size(), 1001u);
}

TEST_F(RunnerTest, ASuspectAmongManyRunsAloneAndThenManyRunAgain) {
    push_many(300);
    push_suspect(1000);
    push_many(300);
    state.takes = 100ms;
    start({.concurrency = 200});
    for (int i = 0; i < 30; ++i) {
        advance(100ms);
    }
    EXPECT_EQ(state.ended.size(), 601u);
    EXPECT_EQ(state.most_at_once, 200u);
    EXPECT_EQ(running.size(), 0u);
}

TEST_F(RunnerTest, ADrainWhileTwoClaimsAreUnderWayBeginsNothingMore) {
    push_many(1000);
    state.takes = 100ms;
    start({.concurrency = 200});
    drain();
    EXPECT_EQ(state.ended.size(), state.begun.size());
    EXPECT_LE(state.begun.size(), 200u);
    EXPECT_TRUE(call(broker.held_by("w1")).empty());
}

}  // namespace
}  // namespace brio::tasks::test
