// How long a failed task waits before it is tried again. Pure.
#pragma once
#include <algorithm>
#include <chrono>

namespace brio::tasks {

struct Backoff {
    std::chrono::milliseconds first{1000};    // after the first failure
    double factor = 2;                        // of each delay to the one before
    std::chrono::milliseconds most{600'000};  // no delay is longer
    double jitter = 0.2;  // both ways, so that what failed together does not come together
};

/// 1, 2, 4, … times `first`, ± 20 %.
constexpr Backoff exponential(std::chrono::milliseconds first,
                              std::chrono::milliseconds most = std::chrono::minutes(10)) noexcept {
    return {.first = first, .most = most};
}
constexpr Backoff constant(std::chrono::milliseconds delay) noexcept {
    return {.first = delay, .factor = 1, .most = delay};
}

/// After `failures` failures, at least 1. `chance` is random in [0, 1).
constexpr std::chrono::milliseconds next_delay(const Backoff& backoff, int failures, double chance) noexcept {
    const auto most = static_cast<double>(backoff.most.count());
    auto delay = static_cast<double>(backoff.first.count());
    for (int i = 1; i < failures && delay < most; ++i) {
        delay *= backoff.factor;
    }
    delay = std::min(delay, most) * (1 + backoff.jitter * (2 * chance - 1));
    return std::chrono::milliseconds(static_cast<std::int64_t>(delay));
}

}  // namespace brio::tasks
