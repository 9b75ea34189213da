#include <brio/watch/goal_rules.hpp>

#include <algorithm>

namespace brio::watch {

namespace {

const OwnGoal* find(const GoalRules::Own& own, std::string_view name) {
    const auto found = own.find(name);
    return found != own.end() ? &found->second : nullptr;
}

}  // namespace

const GoalRules::Own& GoalRules::own(Scope scope) const noexcept {
    static const Own none;
    switch (scope) {
        case Scope::request: return requests;
        case Scope::query: return queries;
        case Scope::task: return tasks;
        case Scope::resource: break;
    }
    return none;
}

std::chrono::nanoseconds GoalRules::limit_of(Scope scope, std::string_view name) const {
    if (const OwnGoal* its = find(own(scope), name); its != nullptr && its->limit.count() > 0) {
        return its->limit;
    }
    switch (scope) {
        case Scope::request: return goals.api;
        case Scope::query: return goals.query;
        case Scope::task: return goals.task;
        case Scope::resource: break;
    }
    return {};
}

double GoalRules::share_of(Scope scope, std::string_view name) const {
    if (const OwnGoal* its = find(own(scope), name); its != nullptr && its->share > 0) {
        return its->share;
    }
    return scope == Scope::resource ? goals.resource_share : goals.share;
}

std::vector<std::chrono::nanoseconds> GoalRules::edges() const {
    auto edges = goals.edges();
    for (const Scope scope : all_scopes) {
        for (const auto& [name, its] : own(scope)) {
            edges.push_back(limit_of(scope, name));
        }
    }
    std::ranges::sort(edges);
    const auto repeated = std::ranges::unique(edges);
    edges.erase(repeated.begin(), repeated.end());
    return edges;
}

}  // namespace brio::watch
