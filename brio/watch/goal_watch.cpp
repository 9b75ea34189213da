#include <brio/watch/goal_watch.hpp>

#include <utility>

namespace brio::watch {

GoalWatch::GoalWatch(metrics::Registry& registry, GoalRules rules, Clocks clocks)
    : registry_(registry),
      rules_(std::move(rules)),
      time_(std::move(clocks)),
      limits_(registry.gauge({.name = "goal_limit",
                              .help = "Seconds that work of this kind may take; percent of a resource.",
                              .labels = {"scope", "goal"}})),
      ratios_(registry.gauge({.name = "goal_good_ratio",
                              .help = "The share within the goal, in the shortest window that can tell.",
                              .labels = {"scope", "goal"}})),
      burns_(registry.gauge({.name = "goal_burn_rate",
                             .help = "Misses of the window, of those that the goal allows in it.",
                             .labels = {"scope", "goal", "window"},
                             .most_series = 4 * most_goals})) {
    // A name that no statement has shows as a goal that is idle.
    for (const auto& [name, own] : rules_.queries) {
        goal_of({Scope::query, name});
    }
}

GoalWatch::Goal* GoalWatch::goal_of(const WorkKey& key) {
    const auto found = goals_.find(key);
    if (found != goals_.end()) {
        return &found->second;
    }
    if (goals_.size() >= most_goals) {
        return nullptr;
    }
    Goal& goal = goals_[key];
    goal.limit = rules_.limit_of(key.scope, key.name);
    goal.share = rules_.share_of(key.scope, key.name);
    const auto scope = name_of(key.scope);
    limits_.with({scope, key.name}).set(std::chrono::duration<double>(goal.limit).count());
    goal.good_ratio = ratios_.with({scope, key.name});
    for (const Window window : all_windows) {
        goal.burn[static_cast<std::size_t>(window)] = burns_.with({scope, key.name, watch::name_of(window)});
    }
    return &goal;
}

void GoalWatch::look() { look(read_work(registry_)); }

void GoalWatch::count_resources(const std::vector<ResourceUse>& uses) {
    for (const ResourceUse& use : uses) {
        if (Goal* goal = goal_of({Scope::resource, use.name})) {
            const bool is_good = use.percent <= use.limit;
            goal->counts.add(time_.now(), {.good = is_good ? 1u : 0u, .total = 1});
            goal->limit_percent = use.limit;
            goal->now = use.words;
            limits_.with({name_of(Scope::resource), use.name}).set(use.limit);
        }
    }
}

void GoalWatch::look(const WorkReading& reading, const std::vector<ResourceUse>& uses) {
    count_resources(uses);
    const auto at = time_.now();
    for (const auto& [key, counts] : reading.counts) {
        if (Goal* goal = goal_of(key)) {
            const Counted counted{.good = counts.within(registry_.edges(), goal->limit),
                                  .total = counts.total()};
            goal->counts.add(
                at, {.good = counted.good - goal->seen.good, .total = counted.total - goal->seen.total});
            goal->seen = counted;
        }
    }
    for (const auto& [key, all] : reading.phases) {
        if (!phases_.contains(key) && phases_.size() >= most_goals) {
            continue;
        }
        Phases& phases = phases_[key];
        const auto over = reading.overrun_phases.find(key);
        const ledger::PhaseSums over_now =
            over != reading.overrun_phases.end() ? over->second : ledger::PhaseSums{};
        phases.recent.add(at, all - phases.all, over_now - phases.over);
        phases.all = all;
        phases.over = over_now;
    }
    for (auto& [key, goal] : goals_) {
        show(key, goal);
    }
}

Judged GoalWatch::judged(const WorkKey& key, const Goal& goal) const {
    Judged judged{.scope = name_of(key.scope),
                  .name = key.name,
                  .limit = goal.limit,
                  .share = goal.share,
                  .verdict = judge(goal.counts, goal.share, time_.now()),
                  .limit_percent = goal.limit_percent,
                  .now = goal.now};
    const auto phases = phases_.find({key.scope, std::string(phases_name(key.scope, key.name))});
    if (phases != phases_.end()) {
        judged.blame = phases->second.recent.blame(time_.now());
    }
    if (pool_words_ && !judged.blame.empty()) {
        judged.pool = pool_words_();
    }
    return judged;
}

void GoalWatch::show(const WorkKey& key, Goal& goal) {
    const Judged its = judged(key, goal);
    goal.good_ratio.set(its.verdict.now().holds);
    for (const WindowVerdict& each : its.verdict.windows) {
        goal.burn[static_cast<std::size_t>(each.window)].set(each.burn);
    }
    if (std::exchange(goal.alarm, its.verdict.alarm) != its.verdict.alarm && on_alarm_) {
        on_alarm_(report_of(its));
    }
}

std::vector<GoalReport> GoalWatch::report() const {
    std::vector<GoalReport> reports;
    for (const auto& [key, goal] : goals_) {
        reports.push_back(report_of(judged(key, goal)));
    }
    sort_by_need(reports);
    return reports;
}

void GoalWatch::restore(const std::vector<KeptGoal>& kept) {
    for (const KeptGoal& each : kept) {
        for (const Scope scope : all_scopes) {
            if (each.scope == name_of(scope)) {
                if (Goal* goal = goal_of({scope, each.name})) {
                    goal->counts = each.counts;
                    goal->counts.forget_later_than(time_.now());
                }
            }
        }
    }
}

std::vector<KeptGoal> GoalWatch::kept() const {
    std::vector<KeptGoal> kept;
    for (const auto& [key, goal] : goals_) {
        if (goal.counts.within(Window::three_days, time_.now()).total == 0) {
            continue;
        }
        kept.push_back({.scope = std::string(name_of(key.scope)), .name = key.name, .counts = goal.counts});
    }
    return kept;
}

}  // namespace brio::watch
