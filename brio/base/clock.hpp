// Time: a fast tick counter for measuring, the monotonic and the wall clock, and a clock that tests move by
// hand.
//
// ticks() reads the processor's time stamp counter where it is invariant (counts at one rate through every
// power state) and the kernel has not marked it unstable; elsewhere it is CLOCK_MONOTONIC in nanoseconds.
// Only differences of ticks mean something. Code that decides by time takes `std::chrono::nanoseconds now` as
// an argument instead of reading a clock.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>

namespace brio {

/// A reading of the fast clock, or a difference of two.
using Ticks = std::uint64_t;

/// Microseconds since 1970 in UTC, as Timestamp counts them.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// CLOCK_MONOTONIC. Cost: a vDSO call, 25 ns where ticks() takes 10 (base_bench).
std::chrono::nanoseconds monotonic_now() noexcept;
WallTime wall_now() noexcept;

namespace detail {
struct TickSource {
    TickSource() noexcept;
    bool is_tsc;
    std::atomic<std::uint64_t> rate;  // nanoseconds a tick, fixed point with 32 fractional bits
};
extern TickSource tick_source;  // initialised before any other object that can read a clock
}  // namespace detail

/// Never blocks, callable from any thread. Two cores may disagree by some nanoseconds: clamp differences at
/// zero.
inline Ticks ticks() noexcept {
#if defined(__x86_64__)
    if (detail::tick_source.is_tsc) [[likely]] {
        return __builtin_ia32_rdtsc();
    }
#endif
    return static_cast<Ticks>(monotonic_now().count());
}

/// A difference of ticks in nanoseconds, rounded down. Within 100 ppm of CLOCK_MONOTONIC.
inline std::uint64_t ticks_to_ns(Ticks elapsed) noexcept {
    const auto rate = detail::tick_source.rate.load(std::memory_order_relaxed);
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(elapsed) * rate) >> 32);
}

/// The least number of ticks that ticks_to_ns() makes at least `ns` of.
inline Ticks ns_to_ticks(std::uint64_t ns) noexcept {
    const auto rate = detail::tick_source.rate.load(std::memory_order_relaxed);
    return static_cast<Ticks>(((static_cast<unsigned __int128>(ns) << 32) + rate - 1) / rate);
}

/// Measures the rate of ticks again over the time since the program started, which is more exact the longer
/// it is. A scrape calls it; any thread may. Cost: some clock readings, no waiting.
void refine_ticks() noexcept;

/// A clock for tests: stands still until it is advanced. Not thread-safe.
class ManualClock {
public:
    std::chrono::nanoseconds now() const noexcept { return now_; }
    void advance(std::chrono::nanoseconds by) noexcept { now_ += by; }

private:
    std::chrono::nanoseconds now_{0};
};

}  // namespace brio
