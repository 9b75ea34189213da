// Where the time of some work went in the last hour: of all of it, and of that which missed its goal.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include <brio/ledger/blame.hpp>

namespace brio::watch {

class RecentPhases {
public:
    static constexpr std::chrono::seconds kept{3600};

    void add(std::chrono::seconds now, const ledger::PhaseSums& all, const ledger::PhaseSums& over) noexcept;
    /// Of the last hour, to a twelfth of it.
    std::vector<ledger::Blame> blame(std::chrono::seconds now) const;

private:
    static constexpr std::int64_t slots = 12;
    static constexpr std::int64_t seconds_of_slot = kept.count() / slots;
    struct Slot {
        std::int64_t number = -1;
        ledger::PhaseSums all;
        ledger::PhaseSums over;
    };
    std::array<Slot, slots> slots_{};
};

}  // namespace brio::watch
