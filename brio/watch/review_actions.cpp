#include <brio/watch/review_actions.hpp>

#include <algorithm>
#include <array>
#include <tuple>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>
#include <brio/watch/review_rules.hpp>
#include <brio/watch/verdict.hpp>
#include <brio/watch/work_reading.hpp>

namespace brio::watch {

namespace {

constexpr std::array urgencies{urgent, important, useful};
constexpr double part_that_counts = 0.1;  // of a goal

}  // namespace

void ReviewRules::add(ReviewAction action) {
    if (std::ranges::find(actions, action.what, &ReviewAction::what) == actions.end()) {
        actions.push_back(std::move(action));
    }
}

bool ReviewRules::explains(std::string_view name) const {
    return std::ranges::any_of(
        actions, [&](const ReviewAction& each) { return each.about == name && each.urgency != useful; });
}

const ReviewGoal* ReviewRules::missed(std::string_view endpoint) const {
    const auto found = std::ranges::find_if(review.goals, [&](const ReviewGoal& goal) {
        const bool is_request = goal.scope == name_of(Scope::request);
        return goal.verdict == name_of(Standing::missed) &&
               (is_request || goal.scope == name_of(Scope::task)) &&
               phases_name(is_request ? Scope::request : Scope::task, goal.name) == endpoint;
    });
    return found == review.goals.end() ? nullptr : &*found;
}

std::string ReviewRules::urgency_of(std::string_view endpoint, double ms) const {
    const ReviewGoal* goal = missed(endpoint);
    if (goal == nullptr || ms < goal->limit_ms * part_that_counts) {
        return std::string(useful);
    }
    return std::string(goal->alarm == name_of(Alarm::fast) ? urgent : important);
}

std::string ReviewRules::miss_words(std::string_view endpoint) const {
    const ReviewGoal* goal = missed(endpoint);
    return goal == nullptr
               ? ""
               : concat({". ", goal->name, " misses its goal: ", percent_text(goal->figures.holds),
                         " within ", review_time(goal->limit_ms / 1000)});
}

std::string review_time(double seconds) {
    return duration_text(std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)));
}

std::string sentence(std::string_view words) {
    return concat({words, words.empty() || words.ends_with('.') ? "" : "."});
}

std::vector<ReviewAction> actions_of(const Review& review, const std::vector<db::StatementLine>& statements) {
    ReviewRules rules(review, statements);
    mend_statements(rules);
    mend_work(rules);
    mend_resources(rules);
    auto actions = std::move(rules.actions);
    std::ranges::sort(actions, {}, [](const ReviewAction& each) {
        return std::tuple(std::ranges::find(urgencies, each.urgency) - urgencies.begin(), -each.gain_seconds,
                          each.what);
    });
    actions.resize(std::min(actions.size(), most_actions));
    return actions;
}

}  // namespace brio::watch
