// What a program asks of its work: limits, and the share of the work that is to hold them.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <brio/ledger/goals.hpp>
#include <brio/ledger/own_goal.hpp>
#include <brio/watch/work_reading.hpp>

namespace brio::watch {

struct GoalRules {
    using Own = std::map<std::string, OwnGoal, std::less<>>;

    Goals goals;
    Own requests = {};  // of routes with a goal of their own: "GET /api/resources"
    Own queries = {};   // of statements: "resources by id"
    Own tasks = {};     // of kinds of tasks: "app.worker.process_data"

    /// Of resources there is none: theirs are percents (usage.hpp).
    std::chrono::nanoseconds limit_of(Scope scope, std::string_view name) const;
    double share_of(Scope scope, std::string_view name) const;
    /// Of resources there are none.
    const Own& own(Scope scope) const noexcept;
    /// Histograms need an edge at each.
    std::vector<std::chrono::nanoseconds> edges() const;
};

}  // namespace brio::watch
