#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/scope.hpp>

#include <gtest/gtest.h>

#include <string>

namespace brio::runtime {
namespace {

using namespace std::chrono_literals;

// Runs one Async under a unit of work of its own and remembers whether it has ended.
template <class T>
struct Started {
    Started(Loop& loop, Async<T> async) : run(std::move(async)) {
        work.loop = &loop;
        run.start(work, [](void*) {}, nullptr);
    }
    Work work;
    Async<T> run;
};

Async<int> answer() { co_return 42; }
Async<int> twice() { co_return co_await answer() + co_await answer(); }
Async<int> failing() {
    throw std::runtime_error("on purpose");
    co_return 0;
}
Async<int> sleeping(Nanoseconds time, int value) {
    co_await sleep_for(time);
    co_return value;
}

TEST(Async, DoesNothingUntilItIsStarted) {
    bool ran = false;
    auto make = [](bool& flag) -> Async<void> {
        flag = true;
        co_return;
    };
    {
        auto unused = make(ran);
    }
    EXPECT_FALSE(ran);
}

TEST(Async, GivesTheValueOfWhatItAwaited) {
    Loop loop(Loop::Time::manual);
    Started started(loop, twice());
    ASSERT_TRUE(started.run.has_ended());
    EXPECT_EQ(started.run.result(), 84);
}

TEST(Async, ThrowsWhatItsBodyThrew) {
    Loop loop(Loop::Time::manual);
    auto caller = []() -> Async<std::string> {
        try {
            co_await failing();
        } catch (const std::runtime_error& error) {
            co_return error.what();
        }
        co_return "nothing was thrown";
    };
    Started started(loop, caller());
    EXPECT_EQ(started.run.result(), "on purpose");
}

TEST(Async, AMillionAwaitsInARowNeedNoStack) {
    Loop loop(Loop::Time::manual);
    auto many = []() -> Async<int> {
        int sum = 0;
        for (int i = 0; i < 1'000'000; ++i) {
            sum += co_await answer() - 41;
        }
        co_return sum;
    };
    Started started(loop, many());
    EXPECT_EQ(started.run.result(), 1'000'000);
}

TEST(FramePool, GivesAFreedFrameToTheNextCoroutineOfItsSize) {
    auto* first = allocate_frame(200);
    free_frame(first, 200);
    auto const kept = kept_frame_bytes();
    auto* second = allocate_frame(220);
    EXPECT_EQ(first, second);
    EXPECT_LT(kept_frame_bytes(), kept);
    free_frame(second, 220);
}

TEST(Sleep, EndsWhenTheClockReachesItsTimeAndNotBefore) {
    Loop loop(Loop::Time::manual);
    Started started(loop, sleeping(100ms, 7));
    loop.advance(99ms);
    EXPECT_FALSE(started.run.has_ended());
    loop.advance(1ms);
    ASSERT_TRUE(started.run.has_ended());
    EXPECT_EQ(started.run.result(), 7);
}

TEST(Sleep, AStoppedUnitOfWorkEndsItWithCancelled) {
    Loop loop(Loop::Time::manual);
    Started started(loop, sleeping(1h, 7));
    started.work.stop(StopReason::deadline);
    ASSERT_TRUE(started.run.has_ended());
    EXPECT_THROW(started.run.result(), Cancelled);
    EXPECT_EQ(loop.timer_count(), 0U);
}

TEST(Sleep, DestroyingTheSleeperDisarmsItsTimer) {
    Loop loop(Loop::Time::manual);
    {
        Started started(loop, sleeping(1h, 7));
        EXPECT_EQ(loop.timer_count(), 1U);
    }
    EXPECT_EQ(loop.timer_count(), 0U);
}

TEST(WaitList, WakesFirstComeFirstServed) {
    Loop loop(Loop::Time::manual);
    WaitList list;
    std::string order;
    auto waiter = [](WaitList& on, std::string& log, char name) -> Async<void> {
        co_await on.wait();
        log.push_back(name);
    };
    Started a(loop, waiter(list, order, 'a'));
    Started b(loop, waiter(list, order, 'b'));
    Started c(loop, waiter(list, order, 'c'));
    b.work.stop(StopReason::deadline);
    EXPECT_EQ(list.size(), 2U);
    list.notify_all();
    EXPECT_EQ(order, "ac");
}

TEST(Scope, JoinWaitsForEveryChild) {
    Loop loop(Loop::Time::manual);
    auto parent = []() -> Async<int> {
        int ended = 0;
        auto child = [](int& count, Nanoseconds time) -> Async<void> {
            co_await sleep_for(time);
            ++count;
        };
        Scope scope(co_await current_work);
        scope.start(child(ended, 1s));
        scope.start(child(ended, 2s));
        co_await scope.join();
        co_return ended;
    };
    Started started(loop, parent());
    loop.advance(1500ms);
    EXPECT_FALSE(started.run.has_ended());
    loop.advance(500ms);
    EXPECT_EQ(started.run.result(), 2);
}

TEST(Scope, TheFirstFailureStopsTheSiblingsAndIsThrown) {
    Loop loop(Loop::Time::manual);
    auto parent = [](bool& stopped) -> Async<void> {
        auto sleeper = [](bool& flag) -> Async<void> {
            try {
                co_await sleep_for(1h);
            } catch (const Cancelled& cancelled) {
                flag = cancelled.reason() == StopReason::sibling_failed;
                throw;
            }
        };
        auto fails = []() -> Async<void> {
            co_await sleep_for(1s);
            throw std::runtime_error("on purpose");
        };
        Scope scope(co_await current_work);
        scope.start(sleeper(stopped));
        scope.start(fails());
        co_await scope.join();
    };
    bool sibling_stopped = false;
    Started started(loop, parent(sibling_stopped));
    loop.advance(1s);
    ASSERT_TRUE(started.run.has_ended());
    EXPECT_THROW(started.run.result(), std::runtime_error);
    EXPECT_TRUE(sibling_stopped);
}

TEST(Scope, AStopOfTheOpenerReachesTheChildren) {
    Loop loop(Loop::Time::manual);
    auto parent = []() -> Async<void> {
        Scope scope(co_await current_work);
        auto child = []() -> Async<void> { co_await sleep_for(1h); };
        scope.start(child());
        co_await scope.join();
    };
    Started started(loop, parent());
    started.work.stop(StopReason::disconnected);
    ASSERT_TRUE(started.run.has_ended());
    EXPECT_THROW(started.run.result(), Cancelled);
}

TEST(Scope, AStopThatEndsEveryChildMayEndTheOpenerAndItsWork) {
    Loop loop(Loop::Time::manual);
    auto parent = []() -> Async<void> {
        Scope scope(co_await current_work);
        auto child = []() -> Async<void> { co_await sleep_for(1h); };
        scope.start(child());
        scope.start(child());
        co_await scope.join();
    };
    // The unit of work is destroyed by the end of what it runs, as a connection's may be, while its stop() is
    // under way.
    struct Owner {
        explicit Owner(Loop& on, Async<void> async) : run(std::move(async)) {
            work.loop = &on;
            run.start(work, [](void* self) { static_cast<Owner*>(self)->end(); }, this);
        }
        void end() {
            EXPECT_THROW(run.result(), Cancelled);
            *ended = true;
            delete this;
        }
        Work work;
        Async<void> run;
        bool* ended = nullptr;
    };
    bool ended = false;
    auto* owner = new Owner(loop, parent());
    owner->ended = &ended;
    owner->work.stop(StopReason::deadline);
    EXPECT_TRUE(ended);
    EXPECT_EQ(loop.timer_count(), 0U);
}

TEST(WhenAll, RunsBothAtOnceAndGivesBothResults) {
    Loop loop(Loop::Time::manual);
    auto both = []() -> Async<int> {
        auto [a, b] = co_await when_all(sleeping(1s, 3), sleeping(1s, 4));
        co_return a* b;
    };
    Started started(loop, both());
    loop.advance(1s);
    ASSERT_TRUE(started.run.has_ended());
    EXPECT_EQ(started.run.result(), 12);
}

TEST(Offload, RunsOnAnotherThreadAndGoesOnOnTheLoop) {
    Loop loop;
    OffloadPool pool({.threads = 1});
    auto work = [](OffloadPool& on, Loop& here) -> Async<bool> {
        auto const loop_thread = std::this_thread::get_id();
        auto const other = co_await offload(on, [] { return std::this_thread::get_id(); });
        here.stop();
        co_return other != loop_thread&& std::this_thread::get_id() == loop_thread;
    };
    Started started(loop, work(pool, loop));
    loop.run();
    ASSERT_TRUE(started.run.has_ended());
    EXPECT_TRUE(started.run.result());
}

TEST(Offload, AFullQueueThrowsOverloaded) {
    Loop loop;
    OffloadPool pool({.threads = 0, .queue = 1});  // no thread: what is queued stays
    auto work = [](OffloadPool& on) -> Async<void> { co_await offload(on, [] {}); };
    Started first(loop, work(pool));
    Started second(loop, work(pool));
    ASSERT_TRUE(second.run.has_ended());
    EXPECT_THROW(second.run.result(), Overloaded);
    EXPECT_EQ(pool.queue_limit().refused(), 1U);
    first.work.stop(StopReason::deadline);  // not begun: leaves the queue at once
    ASSERT_TRUE(first.run.has_ended());
    EXPECT_THROW(first.run.result(), Cancelled);
    EXPECT_EQ(pool.queue_limit().used(), 0U);
}

TEST(Offload, ThrowsWhatTheFunctionThrew) {
    Loop loop;
    OffloadPool pool({.threads = 1});
    auto work = [](OffloadPool& on, Loop& here) -> Async<std::string> {
        std::string what;
        try {
            co_await offload(on, [] { throw std::runtime_error("on purpose"); });
        } catch (const std::runtime_error& error) {
            what = error.what();
        }
        here.stop();
        co_return what;
    };
    Started started(loop, work(pool, loop));
    loop.run();
    EXPECT_EQ(started.run.result(), "on purpose");
}

}  // namespace
}  // namespace brio::runtime
