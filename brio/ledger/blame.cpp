#include <brio/ledger/blame.hpp>

#include <algorithm>

namespace brio::ledger {

PhaseSums PhaseSums::operator-(const PhaseSums& before) const noexcept {
    PhaseSums difference{.count = count - std::min(count, before.count)};
    for (std::size_t i = 0; i < ns.size(); ++i) {
        difference.ns[i] = ns[i] - std::min(ns[i], before.ns[i]);
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
    for (std::size_t i = 0; i < phase_count; ++i) {
        Blame one{.phase = static_cast<Phase>(i),
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

std::string_view in_words(Phase phase) noexcept {
    using enum Phase;
    switch (phase) {
        case read: return "reading the request";
        case queue: return "waiting for its turn";
        case cache: return "waiting for the cache";
        case pool: return "waiting for a connection of the database";
        case db: return "statements";
        case offload: return "the offload threads";
        case enqueue: return "giving tasks to the broker";
        case outbound: return "requests to others";
        case handler: return "the handler itself";
        case write: return "writing the answer";
        case wait: return "waiting for a worker";
        case run: return "the task itself";
        default: return name(phase);
    }
}

}  // namespace brio::ledger
