// Which phases made work miss its goal: what they took more of in work over the goal than in work inside it.
// Pure.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <brio/ledger/phase.hpp>

namespace brio::ledger {

/// Sums of phases over some work.
struct PhaseSums {
    std::array<std::uint64_t, phase_count> ns{};
    std::uint64_t count = 0;  // of the work

    /// Not below 0: sums that are read one after the other may miss what the later ones already have.
    PhaseSums operator-(const PhaseSums& before) const noexcept;
    PhaseSums& operator+=(const PhaseSums& other) noexcept;
};

struct Blame {
    Phase phase = Phase::read;
    double share = 0;      // of the overrun
    double over_ms = 0;    // its average in work over the goal
    double inside_ms = 0;  // and inside it
};

/// Of `all` work and those `over` the goal: the phases with their share of the overrun, the largest first;
/// none when nothing was over. Shares add up to 1. Where no work was inside, the phases' whole time counts.
std::vector<Blame> blame(const PhaseSums& all, const PhaseSums& over);

/// What the time of a phase is: "waiting for a connection of the database".
std::string_view in_words(Phase phase) noexcept;

}  // namespace brio::ledger
