// What to do first, from what a review found: rules that each look at one kind of finding. Pure.
//
// What comes first: what turns work away or fails now, what meets its limit within days, what makes a goal
// missed; then what will; then what only saves something. Within each what may save most time. A gain is of
// the same length of time as its evidence, and at most so much: what else would stand in the way is not
// known.
#pragma once
#include <vector>

#include <brio/db/report.hpp>
#include <brio/watch/review.hpp>

namespace brio::watch {

inline constexpr std::size_t most_actions = 15;

/// `statements` are of the process that the review tells of. An action's `what` is told once.
std::vector<ReviewAction> actions_of(const Review& review, const std::vector<db::StatementLine>& statements);

}  // namespace brio::watch
