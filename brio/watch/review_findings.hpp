// What the facts of a program say, part by part. Pure.
#pragma once
#include <vector>

#include <brio/watch/review_facts.hpp>
#include <brio/watch/review_steps.hpp>

namespace brio::watch {

/// At most so many lines of each part are told of: those that matter most.
inline constexpr std::size_t most_told = 20;

/// All of it.
Review review_of(const ReviewFacts& facts);

/// The missed first, then the kept, those with too little to judge; more work before less.
std::vector<ReviewGoal> goals_of(const ReviewFacts& facts, const ReviewRanges& ranges);
/// Worse or better than before by more than chance makes it: of the share within the goal by three standard
/// errors of two proportions, of the p95 by a fifth.
void compare(ReviewGoal& goal);
std::vector<ReviewCause> causes_of(const ReviewFacts& facts, StepRange now);
std::vector<ReviewCached> cached_of(const ReviewFacts& facts, const ReviewRanges& ranges);
std::vector<ReviewQueue> queues_of(const ReviewFacts& facts, StepRange now);
std::vector<ReviewDead> dead_of(const ReviewFacts& facts);
std::vector<ReviewHeadroom> headrooms_of(const ReviewFacts& facts);

}  // namespace brio::watch
