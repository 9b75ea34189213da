// When requests are meant to begin in the open models: pure, from a plan and a seed.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>

#include <brio/base/random.hpp>
#include <brio/load/plan.hpp>

namespace brio::load {

/// The arrivals of one of `of` threads, in order. Evenly spaced ones are dealt out in turn; of a Poisson
/// process each thread has its own with its share of the rate, which together are one again. Where the level
/// changes, arrivals come as dense as the level is at that moment (the inverse of the plan's integral).
class Arrivals {
public:
    struct Thread {
        std::size_t number = 0;
        std::size_t of = 1;
    };
    /// The plan outlives it.
    Arrivals(const Plan& plan, Thread thread);

    /// The next one's time since the first stage's begin, negative in the warm-up; nothing once all stages
    /// are over.
    std::optional<std::chrono::nanoseconds> next();

private:
    std::optional<double> time_of(double arrival) const;

    const Plan& plan_;
    Random random_;
    double step_;
    double arrival_;  // as a count: the integral of the level up to it
};

}  // namespace brio::load
