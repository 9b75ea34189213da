#include <brio/watch/blame.hpp>

#include <algorithm>

namespace brio::watch {

PhaseSums PhaseSums::operator-(const PhaseSums& before) const noexcept {
    PhaseSums difference{.count = count - before.count};
    for (std::size_t i = 0; i < ns.size(); ++i) {
        difference.ns[i] = ns[i] - before.ns[i];
    }
    return difference;
}

PhaseSums& PhaseSums::operator+=(const PhaseSums& other) noexcept {
    for (std::size_t i = 0; i < ns.size(); ++i) {
        ns[i] += other.ns[i];
    }
    count += other.count;
    return *this;
}

std::vector<Blame> blame(const PhaseSums& all, const PhaseSums& over) {
    std::vector<Blame> all_blame;
    if (over.count == 0) {
        return all_blame;
    }
    const PhaseSums inside = all - over;
    const auto average_ms = [](const PhaseSums& sums, std::size_t phase) {
        return sums.count == 0 ? 0
                               : static_cast<double>(sums.ns[phase]) / static_cast<double>(sums.count) / 1e6;
    };
    double overrun = 0;
    for (std::size_t i = 0; i < ledger::phase_count; ++i) {
        Blame one{.phase = static_cast<ledger::Phase>(i),
                  .over_ms = average_ms(over, i),
                  .inside_ms = average_ms(inside, i)};
        one.share = std::max(0.0, one.over_ms - one.inside_ms);
        if (one.share > 0) {
            overrun += one.share;
            all_blame.push_back(one);
        }
    }
    for (Blame& each : all_blame) {
        each.share /= overrun;
    }
    std::ranges::sort(all_blame, std::greater(),
                      [](const Blame& each) { return std::pair(each.share, -static_cast<int>(each.phase)); });
    return all_blame;
}

}  // namespace brio::watch
