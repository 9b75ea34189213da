// Of what one unit of work has run, the statements that took most time.
#pragma once
#include <brio/ledger/statement_tally.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <span>

namespace brio::ledger {

using StatementOrder = std::array<const StatementTally::Entry*, StatementTally::most>;

/// The entries by the time that they took, in `space`.
inline std::span<const StatementTally::Entry* const> longest_first(const StatementTally& tally,
                                                                   StatementOrder& space) noexcept {
    std::size_t used = 0;
    for (const auto& entry : tally) {
        space[used++] = &entry;
    }
    const std::span order(space.data(), used);
    std::ranges::sort(order, std::ranges::greater(), [](const auto* each) { return each->ns; });
    return order;
}

}  // namespace brio::ledger
