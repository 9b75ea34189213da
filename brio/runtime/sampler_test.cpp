#include <brio/base/shared_memory.hpp>
#include <brio/base/symbols.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/sampler.hpp>

#include <gtest/gtest.h>

#include <alloca.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <thread>

namespace brio::runtime {

// Names that the test looks for.
[[gnu::noinline]] std::uint64_t burn_for_sampler(std::chrono::milliseconds cpu) {
    const auto used = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    const auto end = used() + cpu;
    std::uint64_t sum = 0;
    while (used() < end) {
        for (std::uint64_t i = 0; i < 1000; ++i) {
            sum += i * i;
            asm volatile("" : "+r"(sum));
        }
    }
    return sum;
}
/// Its frame is found by a register, as one whose size only the run tells.
[[gnu::noinline]] void throw_through_a_frame(std::size_t size) {
    auto* const bytes = static_cast<volatile char*>(alloca(size));
    bytes[0] = 1;
    if (size == 1) {
        throw std::runtime_error("on purpose");
    }
    throw_through_a_frame(size - 1);
    bytes[0] = 2;
}
Async<int> inner_for_sampler(std::chrono::milliseconds cpu) {
    co_await sleep_for(std::chrono::milliseconds(1));  // so that it goes on from the loop
    burn_for_sampler(cpu);
    co_return 1;
}
Async<int> outer_for_sampler(std::chrono::milliseconds cpu) { co_return co_await inner_for_sampler(cpu) + 1; }

namespace {

using namespace std::chrono_literals;

#if defined(__has_feature) && __has_feature(thread_sanitizer)
constexpr bool is_told_at_once = false;  // signals are held back: by then the stack is another
#else
constexpr bool is_told_at_once = true;
#endif

class Samples : public testing::Test {
protected:
    struct Seen {
        int count = 0;
        std::uint64_t cpu_ns = 0;
        std::string frames;  // of one sample, innermost first
        std::string callers;
        std::uint8_t phase = 0;
    };
    Seen seen_of(std::string_view name) {
        Seen seen;
        Symbols symbols;
        lost = reader.read([&](const Sample& sample, pid_t) {
            if (sample.name.view() != name) {
                return;
            }
            ++seen.count;
            seen.cpu_ns += sample.cpu_ns;
            seen.phase = sample.phase;
            seen.frames.clear();
            seen.callers.clear();
            for (std::size_t i = 0; i < sample.frame_count; ++i) {
                seen.frames.append(symbols.name_of(sample.frames[i])).append("; ");
            }
            for (std::size_t i = 0; i < sample.caller_count; ++i) {
                seen.callers.append(symbols.name_of(sample.callers[i])).append("; ");
            }
        });
        return seen;
    }
    void run_as(std::string_view name, Async<int> call) {
        work.loop = &loop;
        work.ledger = &ledger;
        work.name = name;
        ledger.start(ledger::Phase::handler);
        call.start(work, [](void*) {}, nullptr);
        while (!call.has_ended()) {
            loop.turn(1s);
        }
        call.result();
    }

    SharedMemory<SampleRings> rings;
    metrics::Registry registry;
    Sampler sampler{*rings, 200, registry};
    Sampler::Reader reader = sampler.reader();
    std::uint64_t lost = 0;
    Loop loop;
    Work work;
    ledger::Ledger ledger;
};

TEST_F(Samples, AThreadThatWorksForNobodyIsSeenUnderItsName) {
    const SampledThread sampled("test");
    burn_for_sampler(200ms);
    const auto seen = seen_of("test");
    EXPECT_GE(seen.count, 5);
    if (is_told_at_once) {
        EXPECT_NE(seen.frames.find("brio::runtime::burn_for_sampler("), std::string::npos) << seen.frames;
        EXPECT_NE(seen.frames.find("main"), std::string::npos) << seen.frames;
    }
    EXPECT_GE(seen.cpu_ns, 100'000'000U);
    EXPECT_GT(sampler.spent_ns(), 0U);
}

TEST_F(Samples, ACoroutineIsSeenForItsUnitOfWorkWithThoseThatWaitForIt) {
    const SampledThread sampled("test");
    run_as("/burn", outer_for_sampler(200ms));
    const auto seen = seen_of("/burn");
    EXPECT_GE(seen.count, 5);
    EXPECT_EQ(seen.phase, static_cast<std::uint8_t>(ledger::Phase::handler));
    if (is_told_at_once) {
        EXPECT_NE(seen.frames.find("burn_for_sampler("), std::string::npos) << seen.frames;
        EXPECT_NE(seen.frames.find("inner_for_sampler("), std::string::npos) << seen.frames;
    }
#if !(defined(__has_feature) && __has_feature(address_sanitizer))
    EXPECT_EQ(seen.frames.find("Loop::turn"), std::string::npos) << seen.frames;
#endif
    EXPECT_NE(seen.callers.find("outer_for_sampler("), std::string::npos) << seen.callers;
}

TEST_F(Samples, AnOffloadedFunctionIsSeenForTheWorkThatWaitsForIt) {
    OffloadPool pool({.threads = 1});
    run_as("/offload", [](OffloadPool& its_pool) -> Async<int> {
        co_await offload(its_pool, [] { burn_for_sampler(200ms); });
        co_return 1;
    }(pool));
    const auto seen = seen_of("/offload");
    EXPECT_GE(seen.count, 5);
    EXPECT_EQ(seen.phase, static_cast<std::uint8_t>(ledger::Phase::offload));
}

TEST_F(Samples, SlowWorkGetsTheStacksThatWereSeenForIt) {
    const SampledThread sampled("test");
    const auto begun = monotonic_now();
    run_as("/slow", outer_for_sampler(200ms));
    ledger::SlowWork slow;
    sampler.add_stacks(slow, &work, begun);
    ASSERT_GE(slow.stack_count, 1);
    EXPECT_GE(slow.stacks[0].seen, slow.stacks[slow.stack_count - 1].seen);
    sampler.add_stacks(slow, &loop, begun);
    EXPECT_EQ(slow.stack_count, 0);
    sampler.add_stacks(slow, &work, monotonic_now());
    EXPECT_EQ(slow.stack_count, 0);
}

TEST_F(Samples, APlaceThatAKilledProcessLeftHalfWrittenHidesNoOthers) {
    const SampledThread sampled("test");
    const auto begun = monotonic_now();
    run_as("/slow", outer_for_sampler(200ms));
    SampleRing& ring = rings->rings[0];
    ASSERT_EQ(ring.process.load(), ::getpid());
    const std::uint64_t half_written = 1;
    std::memcpy(&ring.slots[(ring.written.load() - 1) % SampleRing::most], &half_written, 8);
    ledger::SlowWork slow;
    sampler.add_stacks(slow, &work, begun);
    EXPECT_GE(slow.stack_count, 1);
}

// The unwinder's own frames are as the thrown exception leaves them: nobody may walk on from there.
TEST_F(Samples, AThreadThatThrowsIsSampledUnharmed) {
    const SampledThread sampled("test");
    std::atomic<bool> ends{false};
    std::thread interrupts([&ends, thread = ::pthread_self()] {
        while (!ends) {
            ::pthread_kill(thread, SIGPROF);
            std::this_thread::sleep_for(20us);
        }
    });
    int thrown = 0;
    for (const auto end = monotonic_now() + 500ms; monotonic_now() < end; ++thrown) {
        EXPECT_THROW(throw_through_a_frame(16), std::runtime_error);
    }
    ends = true;
    interrupts.join();
    EXPECT_GT(thrown, 0);
    EXPECT_GT(seen_of("test").count, 0);
}

TEST_F(Samples, AThreadFollowsANewRate) {
    const SampledThread sampled("test");
    sampler.set_rate(20);
    burn_for_sampler(100ms);
    static_cast<void>(seen_of("test"));
    burn_for_sampler(400ms);
    EXPECT_LE(seen_of("test").count, 12);
}

TEST_F(Samples, AThreadsRingIsAnothersWhenItHasEnded) {
    for (std::size_t i = 0; i < 2 * SampleRings::most_threads; ++i) {
        const SampledThread sampled("one after the other");
    }
    EXPECT_EQ(rings->without_ring.load(), 0U);
}

}  // namespace
}  // namespace brio::runtime
