// How long requests of one kind took, in figures.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include <brio/ledger/phase.hpp>

namespace brio::bench {

struct Figures {
    std::uint64_t requests = 0;
    double p50_ms = 0;
    double p95_ms = 0;
    double p99_ms = 0;
    double max_ms = 0;
    double within = 1;  // the share of them that took no longer than the goal
};

/// Of nanoseconds; at least one.
Figures figures_of(std::span<const std::uint32_t> times_ns, std::chrono::nanoseconds goal);

/// Of one request on average, in nanoseconds, by ledger::Phase.
using Phases = std::array<double, ledger::request_phase_count>;

/// Of some rounds, at least one: the average of the quietest half, since a thread that was interrupted
/// charges that to the phase that it was in.
Phases quiet_phases(std::vector<Phases> rounds);

}  // namespace brio::bench
