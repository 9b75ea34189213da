// The rules by which a review says what to do, and what they share. Pure; internal to review_actions.cpp.
#pragma once
#include <string_view>
#include <vector>

#include <brio/watch/review_actions.hpp>

namespace brio::watch {

inline constexpr std::string_view urgent = "now";
inline constexpr std::string_view important = "soon";
inline constexpr std::string_view useful = "later";

/// What the rules look at, and what they have come to.
class ReviewRules {
public:
    ReviewRules(const Review& its_review, const std::vector<db::StatementLine>& its_statements)
        : review(its_review),
          statements(its_statements) {}

    const Review& review;
    const std::vector<db::StatementLine>& statements;
    std::vector<ReviewAction> actions = {};

    /// Once for each `what`.
    void add(ReviewAction action);
    /// One that is more than useful: it explains why a goal is missed.
    bool explains(std::string_view name) const;

    /// The goal of a route (with any method) or kind of tasks that is missed; null: none.
    const ReviewGoal* missed(std::string_view endpoint) const;
    /// How urgent it is to mend what costs each such request or task so many milliseconds: as its goal is if
    /// it is missed and this is a part of it that counts.
    std::string urgency_of(std::string_view endpoint, double ms) const;
    /// ". GET /feed misses its goal: 93.1 % within 40.0ms"; empty when it does not.
    std::string miss_words(std::string_view endpoint) const;
};

/// Statements: repeated, slow, missing and unused indexes, budgets.
void mend_statements(ReviewRules& rules);
/// Phases of what misses its goal, what fails, what became slower.
void mend_work(ReviewRules& rules);
/// Resources, limits, queues, dead tasks, the cache.
void mend_resources(ReviewRules& rules);

/// For people: "1.20s".
std::string review_time(double seconds);
/// With a full stop at its end.
std::string sentence(std::string_view words);

}  // namespace brio::watch
