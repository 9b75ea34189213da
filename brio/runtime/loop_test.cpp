#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/runtime/signals.hpp>
#include <brio/runtime/socket.hpp>

#include <gtest/gtest.h>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <random>
#include <string>
#include <system_error>
#include <thread>

namespace brio::runtime {
namespace {

using namespace std::chrono_literals;

struct Recording : Timer {
    Recording(std::string& to, char letter)
        : Timer([](Timer& timer) {
              auto& self = static_cast<Recording&>(timer);
              self.log.push_back(self.name);
          }),
          log(to),
          name(letter) {}
    std::string& log;
    char name;
};

TEST(TimerQueue, FiresWhatIsDueEarliestFirst) {
    TimerQueue queue;
    std::string log;
    Recording a(log, 'a');
    Recording b(log, 'b');
    Recording c(log, 'c');
    queue.arm(a, 30ms);
    queue.arm(b, 10ms);
    queue.arm(c, 20ms);
    EXPECT_EQ(queue.fire(20ms), 2U);
    EXPECT_EQ(log, "bc");
    EXPECT_EQ(queue.next_due(), Nanoseconds(30ms));
}

TEST(TimerQueue, ReArmingMovesATimer) {
    TimerQueue queue;
    std::string log;
    Recording a(log, 'a');
    Recording b(log, 'b');
    queue.arm(a, 10ms);
    queue.arm(b, 20ms);
    queue.arm(a, 30ms);
    queue.fire(25ms);
    EXPECT_EQ(log, "b");
    a.cancel();
    EXPECT_EQ(queue.size(), 0U);
}

TEST(TimerQueue, ManyRandomTimersFireInOrder) {
    constexpr unsigned seed = 20261123;
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    TimerQueue queue;
    struct Ordered : Timer {
        explicit Ordered(std::vector<Nanoseconds>& to)
            : Timer([](Timer& timer) { static_cast<Ordered&>(timer).fired.push_back(timer.due()); }),
              fired(to) {}
        std::vector<Nanoseconds>& fired;
    };
    std::vector<Nanoseconds> fired;
    std::vector<std::unique_ptr<Ordered>> timers;
    for (int i = 0; i < 1000; ++i) {
        queue.arm(*timers.emplace_back(std::make_unique<Ordered>(fired)), Nanoseconds(random() % 10'000));
    }
    for (int i = 0; i < 300; ++i) {
        queue.arm(*timers[random() % 1000], Nanoseconds(random() % 10'000));
        timers[random() % 1000]->cancel();
    }
    auto const armed = queue.size();
    queue.fire(10'000ns);
    EXPECT_EQ(fired.size(), armed);
    EXPECT_TRUE(std::ranges::is_sorted(fired));
}

struct Reading : Watch {
    explicit Reading(std::string& to)
        : Watch([](Watch& watch, std::uint32_t) {
              auto& self = static_cast<Reading&>(watch);
              char bytes[64];
              auto const size = ::read(self.fd, bytes, sizeof bytes);
              self.got.append(bytes, static_cast<std::size_t>(size));
          }),
          got(to) {}
    std::string& got;
    int fd = -1;
};

TEST(Loop, HowBusyItIsFollowsTheLastTenthOfASecond) {
    using namespace std::chrono_literals;
    EXPECT_DOUBLE_EQ(next_busy(0, 50ms, 100ms), 0.5);
    EXPECT_NEAR(next_busy(1, 1ms, 10s), 0.0001, 1e-9);   // an idle loop forgets at once
    EXPECT_DOUBLE_EQ(next_busy(0.5, 10ms, 10ms), 0.55);  // a tenth of the window
    EXPECT_DOUBLE_EQ(next_busy(0.5, 0ms, 0ms), 0.5);     // no time has passed
    double busy = 0;
    for (int i = 0; i < 1000; ++i) {
        busy = next_busy(busy, 80us, 100us);
    }
    EXPECT_NEAR(busy, 0.8 * (1 - std::exp(-1)), 0.01);  // after one window
}

TEST(Loop, KeepsItsLongestTurnUntilItIsTaken) {
    struct Work : Posted {
        Work(Loop& its_loop, Nanoseconds time)
            : Posted([](Posted& posted) {
                  auto& self = static_cast<Work&>(posted);
                  self.loop.advance(self.takes);
              }),
              loop(its_loop),
              takes(time) {}
        Loop& loop;
        Nanoseconds takes;
    };
    Loop loop(Loop::Time::manual);
    for (auto const time : {2ms, 30ms, 1ms}) {
        Work work(loop, time);
        loop.post(work);
        loop.turn(0ms);
    }
    EXPECT_EQ(loop.last_turn_time(), 1ms);
    EXPECT_EQ(loop.worst_turn(), 30ms);
    EXPECT_EQ(loop.take_worst_turn(), 30ms);
    EXPECT_EQ(loop.worst_turn(), 0ms);
}

TEST(Loop, CallsAWatchWhenItsDescriptorIsReadable) {
    Loop loop;
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    File const a(ends[0]);
    File const b(ends[1]);
    std::string got;
    Reading reading(got);
    reading.fd = a.fd();
    loop.add(reading, a.fd(), EPOLLIN);
    ASSERT_EQ(::write(b.fd(), "hello", 5), 5);
    loop.turn(1s);
    EXPECT_EQ(got, "hello");
    loop.remove(reading);
}

TEST(Loop, AWatchRemovedInTheSameTurnIsNotCalled) {
    Loop loop;
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    File const a(ends[0]);
    File const b(ends[1]);
    struct Removing : Watch {
        Removing()
            : Watch([](Watch& watch, std::uint32_t) {
                  auto& self = static_cast<Removing&>(watch);
                  ++*self.calls;
                  self.loop->remove(*self.other);
              }) {}
        Loop* loop = nullptr;
        Watch* other = nullptr;
        int* calls = nullptr;
    };
    int calls = 0;
    Removing first;
    Removing second;
    first.loop = second.loop = &loop;
    first.other = &second;
    second.other = &first;
    first.calls = second.calls = &calls;
    loop.add(first, a.fd(), EPOLLIN);
    loop.add(second, b.fd(), EPOLLIN);
    ASSERT_EQ(::write(a.fd(), "x", 1), 1);
    ASSERT_EQ(::write(b.fd(), "x", 1), 1);
    loop.turn(1s);
    EXPECT_EQ(calls, 1);
    loop.remove(first);
    loop.remove(second);
}

TEST(Loop, RunsWhatAnotherThreadPostedInOrder) {
    Loop loop;
    struct Numbered : Posted {
        Numbered(std::vector<int>& to, int its_number)
            : Posted([](Posted& posted) {
                  auto& self = static_cast<Numbered&>(posted);
                  self.log.push_back(self.number);
              }),
              log(to),
              number(its_number) {}
        std::vector<int>& log;
        int number;
    };
    std::vector<int> log;
    std::vector<std::unique_ptr<Numbered>> posted;
    for (int i = 0; i < 1000; ++i) {
        posted.push_back(std::make_unique<Numbered>(log, i));
    }
    std::thread poster([&] {
        for (auto& each : posted) {
            loop.post(*each);
        }
        loop.stop();
    });
    loop.run();
    poster.join();
    ASSERT_EQ(log.size(), 1000U);
    EXPECT_TRUE(std::ranges::is_sorted(log));
}

TEST(Loop, AHookRunsOnceATurnHoweverOftenItIsAskedFor) {
    Loop loop;
    struct Counting : TurnHook {
        Counting() : TurnHook([](TurnHook& hook) { ++static_cast<Counting&>(hook).runs; }) {}
        int runs = 0;
    } hook;
    loop.at_turn_end(hook);
    loop.at_turn_end(hook);
    loop.turn(0ns);
    loop.turn(0ns);
    EXPECT_EQ(hook.runs, 1);
}

TEST(Loop, AHookThatAsksForItselfLeavesTheLoopToOthers) {
    struct Endless : TurnHook {
        explicit Endless(Loop& its_loop)
            : TurnHook([](TurnHook& hook) {
                  auto& self = static_cast<Endless&>(hook);
                  ++self.runs;
                  self.loop.at_turn_end(self);
              }),
              loop(its_loop) {}
        Loop& loop;
        int runs = 0;
    };
    Loop loop;
    {
        Endless hook(loop);
        loop.at_turn_end(hook);
        loop.turn(1h);
        auto const before = hook.runs;
        loop.turn(1h);  // does not wait: there is a hook
        EXPECT_GT(hook.runs, before);
    }
    loop.turn(0ns);  // nor does it call one that is gone
}

TEST(Signals, AreDeliveredToTheLoop) {
    Loop loop;
    int received = 0;
    Signals const signals(loop, {SIGUSR1}, [&](int signal) { received = signal; });
    ::kill(::getpid(), SIGUSR1);
    loop.turn(1s);
    EXPECT_EQ(received, SIGUSR1);
}

TEST(Socket, TwoListenersShareAPort) {
    auto const first = listen_on({"127.0.0.1", 0});
    auto const second = listen_on({"127.0.0.1", port_of(first)});
    EXPECT_EQ(port_of(first), port_of(second));
    EXPECT_FALSE(accept_from(first.fd()));
}

TEST(Socket, ANameInsteadOfAnAddressIsRefusedWithTheReason) {
    try {
        listen_on({"no-address", 0});
        FAIL() << "it listened";
    } catch (const std::system_error& error) {
        EXPECT_NE(std::string(error.what()).find("give a numeric address"), std::string::npos);
    }
}

TEST(Limit, RefusesWhatDoesNotFitAndCountsIt) {
    Limit limit("test", 2);
    EXPECT_TRUE(limit.try_take(2));
    EXPECT_FALSE(limit.try_take());
    limit.give_back();
    EXPECT_TRUE(limit.try_take());
    EXPECT_EQ(limit.used(), 2U);
    EXPECT_EQ(limit.refused(), 1U);
}

TEST(Limit, WhatIsInAlreadyIsCountedThoughItDoesNotFit) {
    Limit limit("test", 1);
    limit.take(2);
    EXPECT_EQ(limit.used(), 2U);
    EXPECT_FALSE(limit.try_take());
    limit.give_back(2);
    EXPECT_EQ(limit.used(), 0U);
    EXPECT_TRUE(limit.try_take());
}

}  // namespace
}  // namespace brio::runtime
