#include <brio/base/clock.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <cstring>
#include <ctime>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace brio {

namespace {

/// The kernel takes `tsc` off this list when it finds the counters of two cores apart.
bool kernel_trusts_tsc() noexcept {
    const int file =
        ::open("/sys/devices/system/clocksource/clocksource0/available_clocksource", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    char names[256];
    const ssize_t size = ::read(file, names, sizeof names - 1);
    ::close(file);
    if (size <= 0) {
        return false;
    }
    names[size] = '\0';
    return std::strstr(names, "tsc") != nullptr;
}

/// CPUID 8000_0007h EDX bit 8: the counter runs at one rate in every power state (AMD and Intel manuals).
bool tsc_is_invariant() noexcept {
#if defined(__x86_64__)
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    return __get_cpuid(0x8000'0007u, &eax, &ebx, &ecx, &edx) != 0 && (edx & (1u << 8)) != 0;
#else
    return false;
#endif
}

struct Reading {
    Ticks ticks = 0;
    std::int64_t ns = 0;
};

/// Both clocks at one moment: the attempt of eight that was disturbed least.
Reading read_both() noexcept {
    Reading best;
#if defined(__x86_64__)
    Ticks narrowest = UINT64_MAX;
    for (int attempt = 0; attempt < 8; ++attempt) {
        const Ticks before = __rdtsc();
        const std::int64_t ns = monotonic_now().count();
        const Ticks after = __rdtsc();
        if (after - before < narrowest) {
            narrowest = after - before;
            best = {before + narrowest / 2, ns};
        }
    }
#endif
    return best;
}

std::uint64_t rate_between(Reading from, Reading to) noexcept {
    const auto ns = static_cast<unsigned __int128>(to.ns - from.ns);
    return static_cast<std::uint64_t>((ns << 32) / (to.ticks - from.ticks));
}

constexpr std::uint64_t one_to_one = std::uint64_t{1} << 32;
constexpr std::int64_t first_calibration_ns = 1'000'000;
constexpr std::int64_t least_refinement_ns = 20'000'000;

std::atomic_flag refining;
Reading origin;  // guarded by refining

}  // namespace

namespace detail {

TickSource::TickSource() noexcept : is_tsc(tsc_is_invariant() && kernel_trusts_tsc()), rate(one_to_one) {
    if (!is_tsc) {
        return;
    }
    origin = read_both();
    while (monotonic_now().count() - origin.ns < first_calibration_ns) {
    }
    rate.store(rate_between(origin, read_both()), std::memory_order_relaxed);
}

[[gnu::init_priority(101)]] TickSource tick_source;

}  // namespace detail

std::chrono::nanoseconds monotonic_now() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

WallTime wall_now() noexcept {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void refine_ticks() noexcept {
    if (!detail::tick_source.is_tsc || refining.test_and_set(std::memory_order_acquire)) {
        return;
    }
    const Reading now = read_both();
    if (now.ns - origin.ns >= least_refinement_ns) {
        const std::uint64_t old_rate = detail::tick_source.rate.load(std::memory_order_relaxed);
        const std::uint64_t rate = rate_between(origin, now);
        const std::uint64_t change = rate > old_rate ? rate - old_rate : old_rate - rate;
        if (change < old_rate / 1000) {
            detail::tick_source.rate.store(rate, std::memory_order_relaxed);
        } else {
            origin = now;  // the machine slept, and one of the two clocks with it: measure anew from here
        }
    }
    refining.clear(std::memory_order_release);
}

}  // namespace brio
