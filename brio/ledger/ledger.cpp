#include <brio/ledger/ledger.hpp>

#include <algorithm>

namespace brio::ledger {

void Ledger::move(Phase from, Phase to, Ticks amount) noexcept {
    Ticks& source = charged_[static_cast<std::size_t>(from)];
    const Ticks moved = std::min(amount, source);
    source -= moved;
    charged_[static_cast<std::size_t>(to)] += moved;
}

PhaseTimes Ledger::times() const noexcept {
    PhaseTimes times;
    for (std::size_t i = 0; i < phase_count; ++i) {
        times[i] = charged_[i] == 0 ? 0 : ticks_to_ns(charged_[i]);
    }
    return times;
}

std::uint64_t Ledger::total() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t time : times()) {
        sum += time;
    }
    return sum;
}

}  // namespace brio::ledger
