#include <brio/watch/goal_rules.hpp>

#include <algorithm>

namespace brio::watch {

std::chrono::nanoseconds GoalRules::limit_of(Scope scope, std::string_view name) const {
    switch (scope) {
        case Scope::request: {
            const auto own = requests.find(name);
            return own != requests.end() ? own->second : goals.api;
        }
        case Scope::query: return goals.query;
        case Scope::task: return goals.task;
        case Scope::resource: break;
    }
    return {};
}

double GoalRules::share_of(Scope scope) const noexcept {
    return scope == Scope::resource ? goals.resource_share : goals.share;
}

std::vector<std::chrono::nanoseconds> GoalRules::edges() const {
    auto edges = goals.edges();
    for (const auto& [name, limit] : requests) {
        edges.push_back(limit);
    }
    std::ranges::sort(edges);
    const auto repeated = std::ranges::unique(edges);
    edges.erase(repeated.begin(), repeated.end());
    return edges;
}

}  // namespace brio::watch
