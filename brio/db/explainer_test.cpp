#include <brio/db/explainer.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace brio::db {
namespace {

using namespace std::chrono_literals;

/// Fails `failures` times.
class Failing {
public:
    explicit Failing(int failures) : failures_(failures) {}

    Explainer::Work work() {
        return [this] { return run(this); };
    }
    int wait_for_tries(int wanted) {
        for (int tries = tries_; tries < wanted; tries = tries_) {
            tries_.wait(tries);
        }
        return tries_;
    }

private:
    static Async<void> run(Failing* self) {
        const int tries = ++self->tries_;
        self->tries_.notify_all();
        if (tries <= self->failures_) {
            throw std::runtime_error("too much to do");
        }
        co_return;
    }
    const int failures_;
    std::atomic<int> tries_{0};
};

void wait_for_none(Explainer& explainer) {
    while (explainer.queue_limit().used() != 0) {
        std::this_thread::yield();
    }
}

TEST(Explainer, WorkThatFailsIsDoneAgain) {
    Failing failing(Explainer::most_tries - 1);
    Explainer explainer(1, 1ms);
    ASSERT_TRUE(explainer.submit(failing.work()));
    EXPECT_EQ(failing.wait_for_tries(Explainer::most_tries), Explainer::most_tries);
    wait_for_none(explainer);
}

TEST(Explainer, WorkThatAlwaysFailsIsGivenUpAndSaid) {
    Failing failing(1000);
    Explainer explainer(1, 1ms);
    testing::internal::CaptureStderr();
    ASSERT_TRUE(explainer.submit(failing.work()));
    wait_for_none(explainer);
    EXPECT_EQ(failing.wait_for_tries(1), Explainer::most_tries);
    EXPECT_TRUE(testing::internal::GetCapturedStderr().contains("too much to do"));
}

TEST(Explainer, WhatWaitsToBeDoneAgainHoldsNobodyUp) {
    Failing failing(1);
    Failing other(0);
    Explainer explainer(2, 1h);
    ASSERT_TRUE(explainer.submit(failing.work()));
    failing.wait_for_tries(1);
    ASSERT_TRUE(explainer.submit(other.work()));
    EXPECT_EQ(other.wait_for_tries(1), 1);
    explainer.stop();
    EXPECT_EQ(explainer.queue_limit().used(), 0U);
}

}  // namespace
}  // namespace brio::db
