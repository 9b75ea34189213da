#include <brio/tasks/autoscale.hpp>

#include <gtest/gtest.h>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;

/// A worker with 2 to 16 slots whose tasks are to wait 5 s at most, looked at once a second.
struct Worker {
    Autoscale autoscale{{.least = 2, .most = 16, .goal = 5s, .idle = 30s}};
    std::chrono::nanoseconds now{0};
    std::uint64_t begun = 0;

    std::size_t look(Autoscale::Look seen) {
        now += 1s;
        seen.now = now;
        seen.begun = begun;
        seen.running = std::max<std::uint64_t>(seen.running, seen.taken);
        return autoscale.decide(seen);
    }
    std::size_t all_taken(Autoscale::Look seen) {
        seen.taken = autoscale.slots();
        return look(seen);
    }
    std::size_t grown() {
        for (int i = 0; i < 5; ++i) {
            all_taken({.oldest = 6s, .ready = 100});
        }
        return autoscale.slots();
    }
};

TEST(Autoscale, ItBeginsWithTheLeastAndStaysThereWhileNothingWaitsForLong) {
    Worker worker;
    EXPECT_EQ(worker.autoscale.slots(), 2U);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(worker.all_taken({.oldest = 4s, .ready = 3}), 2U);
    }
}

TEST(Autoscale, ItDoublesUpToTheMostWhileATaskWaitsTooLong) {
    Worker worker;
    std::size_t expected = 2;
    for (int i = 0; i < 5; ++i) {
        expected = std::min<std::size_t>(expected * 2, 16);
        EXPECT_EQ(worker.all_taken({.oldest = 6s, .ready = 1}), expected);
    }
}

TEST(Autoscale, SlotsThatAreKeptForOneQueueDoNotKeepOthersWaiting) {
    Autoscale autoscale({.least = 2, .most = 16, .kept = 1, .goal = 5s, .idle = 30s});
    const auto slots = autoscale.decide({.now = 1s, .oldest = 6s, .ready = 100, .running = 1, .taken = 1});
    EXPECT_EQ(slots, 4U);
}

TEST(Autoscale, ItGrowsBeforeTheOldestHasWaitedTooLongWhenTheYoungestWill) {
    Worker worker;
    worker.look({});
    worker.begun = 10;  // 10 in the first second: smoothed 3 a second
    EXPECT_EQ(worker.all_taken({.oldest = 1s, .ready = 12}), 2U);
    EXPECT_EQ(worker.autoscale.wait(), 4s);
    worker.begun = 13;
    EXPECT_EQ(worker.all_taken({.oldest = 1s, .ready = 60}), 4U);
    EXPECT_EQ(worker.autoscale.wait(), 20s);
}

TEST(Autoscale, OtherWorkersTakeTheirPartOfWhatWaits) {
    Worker worker;
    worker.look({});
    worker.begun = 10;
    EXPECT_EQ(worker.all_taken({.ready = 12, .running = 8}), 2U);  // two of eight here
    EXPECT_EQ(worker.autoscale.wait(), 1s);
}

TEST(Autoscale, ItDoesNotGrowWithSlotsToSpareOrWithoutTimeOfTheProcessor) {
    Worker worker;
    EXPECT_EQ(worker.look({.oldest = 60s, .ready = 9, .taken = 1}), 2U);  // its queue may be paused
    EXPECT_EQ(worker.all_taken({.oldest = 60s, .ready = 9, .processor_share = 0.95}), 2U);
    EXPECT_EQ(worker.all_taken({.oldest = 60s, .ready = 9, .processor_share = 0.5}), 4U);
}

TEST(Autoscale, SlotsThatWereNotUsedGoAfterSomeTime) {
    Worker worker;
    ASSERT_EQ(worker.grown(), 16U);
    for (int i = 0; i < 29; ++i) {
        EXPECT_EQ(worker.look({.taken = 1}), 16U) << i;
    }
    EXPECT_EQ(worker.look({.taken = 1}), 8U);
    for (int i = 0; i < 90; ++i) {
        worker.look({.taken = 1});
    }
    EXPECT_EQ(worker.autoscale.slots(), 2U);
}

TEST(Autoscale, ItKeepsWhatWasUsed) {
    Worker worker;
    ASSERT_EQ(worker.grown(), 16U);
    for (int i = 0; i < 30; ++i) {
        worker.look({.taken = i == 7 ? 12U : 1U});
    }
    EXPECT_EQ(worker.autoscale.slots(), 12U);
}

TEST(Autoscale, AWaitThatIsTooLongKeepsTheSlots) {
    Worker worker;
    ASSERT_EQ(worker.grown(), 16U);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(worker.look({.oldest = i % 20 == 0 ? 6s : 0s, .taken = 1}), 16U) << i;
    }
}

}  // namespace
}  // namespace brio::tasks
