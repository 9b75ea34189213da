#include <brio/watch/recent_phases.hpp>

namespace brio::watch {

void RecentPhases::add(std::chrono::seconds now, const ledger::PhaseSums& all,
                       const ledger::PhaseSums& over) noexcept {
    const auto number = now.count() / seconds_of_slot;
    Slot& slot = slots_[static_cast<std::size_t>(number % slots)];
    if (slot.number != number) {
        slot = {.number = number, .all = {}, .over = {}};
    }
    slot.all += all;
    slot.over += over;
}

std::vector<ledger::Blame> RecentPhases::blame(std::chrono::seconds now) const {
    const auto number = now.count() / seconds_of_slot;
    ledger::PhaseSums all;
    ledger::PhaseSums over;
    for (const Slot& slot : slots_) {
        if (slot.number > number - slots && slot.number <= number) {
            all += slot.all;
            over += slot.over;
        }
    }
    return ledger::blame(all, over);
}

}  // namespace brio::watch
