#include <brio/watch/goal_watch.hpp>

#include <algorithm>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>

namespace brio::watch {

namespace {

/// A family of the program's metrics that goals are judged by.
struct Source {
    std::string_view family;
    Scope scope;
    std::string_view label;  // that names the work
};
constexpr Source durations[] = {{"http_request_duration_seconds", Scope::request, "endpoint"},
                                {"db_query_duration_seconds", Scope::query, "query_type"},
                                {"task_duration_seconds", Scope::task, "task_type"}};
constexpr Source all_phases[] = {{"http_request_phase_seconds", Scope::request, "endpoint"},
                                 {"task_phase_seconds", Scope::task, "task_type"}};
constexpr Source over_phases[] = {{"http_request_overrun_seconds", Scope::request, "endpoint"},
                                  {"task_overrun_seconds", Scope::task, "task_type"}};

constexpr std::string_view unmatched = "unmatched";  // of requests that no route answers

const Source* source_of(std::span<const Source> sources, std::string_view family) noexcept {
    const auto found = std::ranges::find(sources, family, &Source::family);
    return found != sources.end() ? &*found : nullptr;
}

std::string_view value_of(const metrics::FamilyView& family, const metrics::SeriesView& series,
                          std::string_view label) noexcept {
    const auto at = std::ranges::find(family.spec.labels, label) - family.spec.labels.begin();
    return at < static_cast<std::ptrdiff_t>(series.values.size())
               ? std::string_view(series.values[static_cast<std::size_t>(at)])
               : std::string_view();
}

std::uint64_t within(const metrics::FamilyView& family, const metrics::SeriesView& series,
                     std::chrono::nanoseconds limit) noexcept {
    const auto last = family.edges.bucket(static_cast<std::uint64_t>(limit.count()));
    std::uint64_t good = 0;
    for (std::size_t i = 0; i <= last && i < series.buckets.size(); ++i) {
        good += series.buckets[i];
    }
    return good;
}

/// Requests' phases are kept by route, for all its methods.
std::string_view phases_name(Scope scope, std::string_view name) noexcept {
    return scope == Scope::request ? name.substr(std::min(name.find(' ') + 1, name.size())) : name;
}

}  // namespace

std::string_view name_of(Scope scope) noexcept {
    static constexpr std::string_view names[] = {"request", "query", "task"};
    return names[static_cast<std::size_t>(scope)];
}

std::chrono::nanoseconds GoalRules::limit_of(Scope scope, std::string_view name) const {
    switch (scope) {
        case Scope::request: {
            const auto own = requests.find(name);
            return own != requests.end() ? own->second : goals.api;
        }
        case Scope::query: return goals.query;
        case Scope::task: return goals.task;
    }
    return goals.api;
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

GoalWatch::Clocks GoalWatch::Clocks::real() {
    return {
        .monotonic = [] { return monotonic_now(); },
        .wall =
            [] { return std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()); }};
}

GoalWatch::GoalWatch(metrics::Registry& registry, GoalRules rules, Clocks clocks)
    : registry_(registry),
      rules_(std::move(rules)),
      clocks_(std::move(clocks)),
      begun_(clocks_.monotonic()),
      begun_wall_(clocks_.wall()),
      limits_(registry.gauge({.name = "goal_limit",
                              .help = "Seconds that work of this kind may take.",
                              .labels = {"scope", "goal"}})),
      ratios_(registry.gauge({.name = "goal_good_ratio",
                              .help = "The share within the goal, in the shortest window that can tell.",
                              .labels = {"scope", "goal"}})),
      burns_(registry.gauge({.name = "goal_burn_rate",
                             .help = "Misses of the window, of those that the goal allows in it.",
                             .labels = {"scope", "goal", "window"},
                             .most_series = 4 * most_goals})) {}

std::chrono::seconds GoalWatch::now() const {
    return begun_wall_ + std::chrono::duration_cast<std::chrono::seconds>(clocks_.monotonic() - begun_);
}

GoalWatch::Reading GoalWatch::read() const {
    Reading reading;
    registry_.visit([&](const metrics::FamilyView& family) {
        if (const Source* source = source_of(durations, family.spec.name)) {
            for (const metrics::SeriesView& series : family.series) {
                auto name = std::string(value_of(family, series, source->label));
                if (name == unmatched) {
                    continue;
                }
                if (source->scope == Scope::request) {
                    name = concat({value_of(family, series, "method"), " ", name});
                }
                const bool has_failed = value_of(family, series, "status").starts_with('5');
                const auto good =
                    has_failed ? 0 : within(family, series, rules_.limit_of(source->scope, name));
                reading.counted[{source->scope, std::move(name)}] += {.good = good, .total = series.count};
            }
            return;
        }
        const Source* all = source_of(all_phases, family.spec.name);
        const Source* over = source_of(over_phases, family.spec.name);
        const Source* source = all != nullptr ? all : over;
        if (source == nullptr) {
            return;
        }
        for (const metrics::SeriesView& series : family.series) {
            const auto phase = std::ranges::find(ledger::phase_names, value_of(family, series, "phase"));
            if (phase == ledger::phase_names.end()) {
                continue;
            }
            if (source->scope == Scope::task && *phase == ledger::name(ledger::Phase::wait)) {
                continue;  // the goal is of the try
            }
            auto& sums =
                (all != nullptr
                     ? reading.all
                     : reading.over)[{source->scope, std::string(value_of(family, series, source->label))}];
            sums.ns[static_cast<std::size_t>(phase - ledger::phase_names.begin())] += series.sum_ns;
            sums.count = std::max(sums.count, series.count);  // every phase is at most once in each
        }
    });
    return reading;
}

GoalWatch::Goal* GoalWatch::goal_of(const Key& key) {
    const auto found = goals_.find(key);
    if (found != goals_.end()) {
        return &found->second;
    }
    if (goals_.size() >= most_goals) {
        return nullptr;
    }
    Goal& goal = goals_[key];
    goal.limit = rules_.limit_of(key.scope, key.name);
    const auto scope = name_of(key.scope);
    limits_.with({scope, key.name}).set(std::chrono::duration<double>(goal.limit).count());
    goal.good_ratio = ratios_.with({scope, key.name});
    for (const Window window : all_windows) {
        goal.burn[static_cast<std::size_t>(window)] = burns_.with({scope, key.name, watch::name_of(window)});
    }
    return &goal;
}

void GoalWatch::look() {
    const auto reading = read();
    const auto at = now();
    for (const auto& [key, counted] : reading.counted) {
        if (Goal* goal = goal_of(key)) {
            goal->counts.add(
                at, {.good = counted.good - goal->seen.good, .total = counted.total - goal->seen.total});
            goal->seen = counted;
        }
    }
    for (const auto& [key, all] : reading.all) {
        if (!phases_.contains(key) && phases_.size() >= most_goals) {
            continue;
        }
        Phases& phases = phases_[key];
        const auto over = reading.over.find(key);
        const PhaseSums over_now = over != reading.over.end() ? over->second : PhaseSums{};
        phases.recent.add(at, all - phases.all, over_now - phases.over);
        phases.all = all;
        phases.over = over_now;
    }
    for (auto& [key, goal] : goals_) {
        show(key, goal);
    }
}

Judged GoalWatch::judged(const Key& key, const Goal& goal) const {
    Judged judged{.scope = name_of(key.scope),
                  .name = key.name,
                  .limit = goal.limit,
                  .share = rules_.goals.share,
                  .verdict = judge(goal.counts, rules_.goals.share, now())};
    const auto phases = phases_.find({key.scope, std::string(phases_name(key.scope, key.name))});
    if (phases != phases_.end()) {
        judged.blame = phases->second.recent.blame(now());
    }
    return judged;
}

void GoalWatch::show(const Key& key, Goal& goal) {
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
        for (const Scope scope : {Scope::request, Scope::query, Scope::task}) {
            if (each.scope == name_of(scope)) {
                if (Goal* goal = goal_of({scope, each.name})) {
                    goal->counts = each.counts;
                    goal->counts.forget_later_than(now());
                }
            }
        }
    }
}

std::vector<KeptGoal> GoalWatch::kept() const {
    std::vector<KeptGoal> kept;
    for (const auto& [key, goal] : goals_) {
        if (goal.counts.within(Window::three_days, now()).total == 0) {
            continue;
        }
        kept.push_back({.scope = std::string(name_of(key.scope)), .name = key.name, .counts = goal.counts});
    }
    return kept;
}

}  // namespace brio::watch
