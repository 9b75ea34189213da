// What a program asks of its work: limits, and the share of the work that is to hold them.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <brio/ledger/goals.hpp>
#include <brio/watch/work_reading.hpp>

namespace brio::watch {

struct GoalRules {
    Goals goals;
    /// Of routes with a limit of their own: "GET /api/resources".
    std::map<std::string, std::chrono::nanoseconds, std::less<>> requests;

    /// Of resources there is none: theirs are percents (usage.hpp).
    std::chrono::nanoseconds limit_of(Scope scope, std::string_view name) const;
    double share_of(Scope scope) const noexcept;
    /// Histograms need an edge at each.
    std::vector<std::chrono::nanoseconds> edges() const;
};

}  // namespace brio::watch
