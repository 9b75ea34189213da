// Where the time of some work went in the last hour: of all of it, and of that which missed its goal.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include <brio/watch/blame.hpp>

namespace brio::watch {

class RecentPhases {
public:
    static constexpr std::chrono::seconds kept{3600};

    void add(std::chrono::seconds now, const PhaseSums& all, const PhaseSums& over) noexcept;
    /// Of the last hour, to a twelfth of it.
    std::vector<Blame> blame(std::chrono::seconds now) const;

private:
    static constexpr std::int64_t slots = 12;
    static constexpr std::int64_t seconds_of_slot = kept.count() / slots;
    struct Slot {
        std::int64_t number = -1;
        PhaseSums all;
        PhaseSums over;
    };
    std::array<Slot, slots> slots_{};
};

}  // namespace brio::watch
