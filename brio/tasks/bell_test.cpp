#include <brio/tasks/bell.hpp>

#include <thread>

#include <gtest/gtest.h>

#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;

class BellTest : public testing::Test {
protected:
    runtime::Loop loop;
    Bell bell;
};

TEST_F(BellTest, WakesAWaiterFromAnotherThread) {
    bell.look(loop);
    std::thread ringer([this] {
        while (bell.waiting() == 0) {
            std::this_thread::yield();
        }
        bell.ring();
    });
    runtime::run(loop, bell.wait(1h));
    ringer.join();
}

TEST_F(BellTest, WhatRangSinceTheLastLookEndsAWaitAtOnce) {
    bell.look(loop);
    bell.ring();
    runtime::run(loop, bell.wait(1h));
    runtime::run(loop, bell.wait(1h));
    bell.look(loop);
    bool ended = false;
    runtime::Scope scope(loop);
    scope.start([](Bell* waited, bool* end) -> Async<void> {
        co_await waited->wait(1h);
        *end = true;
    }(&bell, &ended));
    loop.turn(0ns);
    EXPECT_FALSE(ended);
    bell.ring();
    loop.turn(1s);
    EXPECT_TRUE(ended);
    runtime::run(loop, scope.join());
}

TEST_F(BellTest, AWaitEndsAtItsTime) {
    bell.look(loop);
    runtime::run(loop, bell.wait(1ms));
    EXPECT_EQ(bell.waiting(), 0u);
}

TEST_F(BellTest, AStoppedWaiterLeaves) {
    bell.look(loop);
    runtime::Work work;
    work.loop = &loop;
    auto call = bell.wait(1h);
    call.start(work, [](void*) {}, nullptr);
    work.stop(runtime::StopReason::shutdown);
    EXPECT_THROW(call.result(), runtime::Cancelled);
    EXPECT_EQ(bell.waiting(), 0u);
}

TEST_F(BellTest, ALoopThatHasEndedHearsNothing) {
    {
        runtime::Loop other;
        bell.look(other);
        bell.ring();
    }
    bell.ring();
    runtime::run(loop, bell.wait(1h));
}

}  // namespace
}  // namespace brio::tasks
