// Where the wall time of one unit of work went: a counter for each phase, one of them current, always on.
//
// The phases add up exactly to the total, because time is only ever charged from the last switch to the next.
// Of concurrent children the phase awaited is charged. One thread at a time; a unit of work that moves takes
// its ledger along.
#pragma once
#include <brio/base/clock.hpp>
#include <brio/ledger/phase.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <type_traits>

namespace brio::ledger {

/// Nanoseconds a phase.
using PhaseTimes = std::array<std::uint64_t, phase_count>;

class Ledger {
public:
    /// Begins at `now`, with everything else forgotten.
    void start(Phase phase, Ticks now = ticks()) noexcept {
        *this = Ledger{};
        begun_ = since_ = now;
        current_ = phase;
    }
    /// Charges the time since the last switch to the current phase, makes `phase` current, returns the one
    /// before. Cost: one reading of the tick counter. A clock that went back charges nothing.
    Phase enter(Phase phase, Ticks now = ticks()) noexcept {
        if (now > since_) [[likely]] {
            charged_[static_cast<std::size_t>(current_)] += now - since_;
            since_ = now;
        }
        const Phase before = current_;
        current_ = phase;
        return before;
    }
    /// Charges what is left. The ledger may be read from then on, or entered again and finished later.
    void finish(Ticks now = ticks()) noexcept { enter(current_, now); }
    /// Moves `amount` from one phase to another, at most what it has: for time that is only known afterwards
    /// to be another's, as when an offloaded call reports how long its statements took. The total stays.
    void move(Phase from, Phase to, Ticks amount) noexcept;
    /// Begins earlier: charges `amount` before the beginning to `phase`, as for a task's wait.
    void add_before(Phase phase, Ticks amount) noexcept {
        begun_ -= amount;
        charged_[static_cast<std::size_t>(phase)] += amount;
    }

    Phase current() const noexcept { return current_; }
    Ticks begun() const noexcept { return begun_; }
    Ticks ticks_of(Phase phase) const noexcept { return charged_[static_cast<std::size_t>(phase)]; }
    /// Up to the last switch; the sum of ticks_of() all phases.
    Ticks total_ticks() const noexcept { return since_ - begun_; }
    /// In nanoseconds, rounded down.
    std::uint64_t of(Phase phase) const noexcept { return ticks_to_ns(ticks_of(phase)); }
    /// The exact sum of times().
    std::uint64_t total() const noexcept;
    PhaseTimes times() const noexcept;

    // Counts beside the times.
    std::uint32_t statements = 0;
    std::uint64_t rows = 0;

private:
    std::array<Ticks, phase_count> charged_{};
    Ticks begun_ = 0;
    Ticks since_ = 0;
    Phase current_ = Phase::read;
};
static_assert(std::is_trivially_copyable_v<Ledger>);
static_assert(sizeof(Ledger) <= 256);

/// The same for a ledger that may be absent, as in work that nobody measures.
inline Phase enter(Ledger* ledger, Phase phase) noexcept {
    return ledger != nullptr ? ledger->enter(phase) : phase;
}
inline void count_statement(Ledger* ledger, std::uint64_t rows = 0) noexcept {
    if (ledger != nullptr) {
        ++ledger->statements;
        ledger->rows += rows;
    }
}

/// In `phase` from here to the end of the scope, then in the one before. Does nothing without a ledger.
class PhaseScope {
public:
    PhaseScope(Ledger* ledger, Phase phase) noexcept : ledger_(ledger), before_(enter(ledger, phase)) {}
    ~PhaseScope() { enter(ledger_, before_); }
    PhaseScope(const PhaseScope&) = delete;
    PhaseScope& operator=(const PhaseScope&) = delete;

private:
    Ledger* ledger_;
    Phase before_;
};

}  // namespace brio::ledger
