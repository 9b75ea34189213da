// Samples where processor time goes, by unit of work: a timer of each thread counts the processor time that
// it uses and interrupts it so many times a second; the handler notes which functions are on the stack, which
// coroutines wait for the one that runs, and for whom.
//
// The handler takes no lock and no memory: it writes to a ring of the thread's own, in memory that a
// program's processes share (SampleRings), so that the server process can read what its workers do. Names are
// found by who reads. Stacks are walked by the unwinder of libgcc, which finds a module's tables without a
// lock from glibc 2.35 on; it needs no frame pointers, which Debian's libraries do not have. A thread that is
// interrupted in the unwinder itself, by a throw, is seen there without those that called it. Measured: 4 µs
// a sample of 25 frames (docs/decisions/profiling.md). A thread that waits costs nothing.
#pragma once
#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include <brio/base/fixed_text.hpp>
#include <brio/base/shared_slot.hpp>
#include <brio/ledger/black_box.hpp>
#include <brio/metrics/registry.hpp>

namespace brio::runtime {

/// One look at a thread. Copied as bytes.
struct Sample {
    static constexpr std::size_t most_frames = 36;
    static constexpr std::size_t most_callers = 12;
    static constexpr std::uint8_t no_phase = 0xff;

    std::uint64_t at_ns = 0;                          // monotonic
    std::uint64_t cpu_ns = 0;                         // processor time of the thread since its last sample
    std::uint64_t unit = 0;                           // Running::unit(); 0: it ran for nobody
    std::array<std::uint64_t, most_frames> frames{};  // addresses, the innermost function first
    std::array<std::uint64_t, most_callers>
        callers{};                 // coroutines that wait for the innermost one, it first
    FixedText<93> name;            // of the unit of work, or of the thread
    std::uint8_t frame_count = 0;  // of a unit of work those within it
    std::uint8_t caller_count = 0;
    std::uint8_t phase = no_phase;  // ledger::Phase, of the unit of work
    std::array<std::uint8_t, 7> padding{};

    bool is_of_work() const noexcept { return unit != 0; }
};

/// One thread's, written by it alone, in a signal handler.
struct SampleRing {
    static constexpr std::size_t most = 192;  // of a busy thread at 99 a second the last two seconds

    std::atomic<pid_t> process{0};  // whose thread has it; 0: nobody's
    std::atomic<std::uint64_t> written{0};
    std::atomic<std::uint64_t> handler_ns{0};  // what sampling has cost
    std::array<SharedSlot<Sample>, most> slots{};
};

/// Of all threads of a program's processes. All zero is an empty one.
struct SampleRings {
    static constexpr std::size_t most_threads = 96;

    std::atomic<std::uint32_t> rate{0};  // samples a second of processor time
    std::atomic<std::uint64_t> without_ring{0};
    std::array<SampleRing, most_threads> rings{};
};

/// Of a process, one at a time; made before the threads that it samples, and ends after them.
class Sampler {
public:
    /// Timers run out with the kernel's tick: more than it has (250 or 1000 a second) are not had.
    static constexpr std::uint32_t most_rate = 999;

    /// `rate` is that of all processes from now on. The rings and the registry outlive it. Metrics:
    /// profile_samples_total, profile_sampling_seconds_total, profile_threads_left_out_total, of all that
    /// share the rings.
    Sampler(SampleRings& rings, std::uint32_t rate, metrics::Registry& registry);
    ~Sampler();
    Sampler(const Sampler&) = delete;
    Sampler& operator=(const Sampler&) = delete;

    /// Each thread follows at its next sample. Any thread.
    void set_rate(std::uint32_t rate) noexcept;
    std::uint32_t rate() const noexcept { return rings_.rate.load(std::memory_order_relaxed); }
    /// The processor time that the handlers took, of all processes.
    std::uint64_t spent_ns() const noexcept;

    /// Adds to `work`, the most frequent first, where this process was seen for `unit` since `since`.
    void add_stacks(ledger::SlowWork& work, const void* unit, std::chrono::nanoseconds since) const;

    /// Reads each sample once, of all processes.
    class Reader {
    public:
        /// From now on.
        explicit Reader(const SampleRings& rings);
        /// Gives how many were overwritten before they could be read.
        std::uint64_t read(const std::function<void(const Sample&, pid_t process)>& visit);

    private:
        const SampleRings& rings_;
        std::array<std::uint64_t, SampleRings::most_threads> seen_{};
    };
    Reader reader() const { return Reader(rings_); }

    static Sampler* here() noexcept { return installed_.load(std::memory_order_acquire); }

private:
    friend class SampledThread;
    static constinit std::atomic<Sampler*> installed_;
    SampleRings& rings_;
    std::vector<metrics::Callback> shown_;
};

/// The calling thread is sampled while this lives there, if its process has a Sampler. Lets the signal
/// (SIGPROF) through.
class SampledThread {
public:
    /// `name` is what it does when it works for nobody: "api", "offload".
    explicit SampledThread(std::string_view name) noexcept;
    ~SampledThread();
    SampledThread(const SampledThread&) = delete;
    SampledThread& operator=(const SampledThread&) = delete;

private:
    friend struct Handling;
    void set_timer(std::uint32_t rate) noexcept;

    SampleRings* rings_ = nullptr;
    SampleRing* ring_ = nullptr;  // null: it is not sampled
    void* timer_ = nullptr;
    std::uint32_t rate_ = 0;
    std::uint64_t cpu_before_ns_ = 0;
    FixedText<31> name_;
};

}  // namespace brio::runtime
