// Watches over the goals of a program: what its metrics counted of requests, statements and tasks, against
// the limits, over windows of five minutes to three days.
//
// A request is good when it was answered within its goal and not with 5xx; statements and tries of tasks when
// they took no longer than theirs. Metrics: goal_limit{scope,goal} in seconds, goal_good_ratio{scope,goal} of
// the decisive window, goal_burn_rate{scope,goal,window}.
//
// For one thread. Time goes on as the monotonic clock does and begins at the wall clock's, so that it means
// the same after a restart, and a clock that is set changes nothing.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <brio/ledger/goals.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/watch/goal_history.hpp>
#include <brio/watch/goal_report.hpp>
#include <brio/watch/recent_phases.hpp>

namespace brio::watch {

enum class Scope : std::uint8_t { request, query, task };
std::string_view name_of(Scope scope) noexcept;

/// What is asked.
struct GoalRules {
    Goals goals;
    /// Of routes with a limit of their own: "GET /api/resources".
    std::map<std::string, std::chrono::nanoseconds, std::less<>> requests;

    std::chrono::nanoseconds limit_of(Scope scope, std::string_view name) const;
    /// Histograms need an edge at each.
    std::vector<std::chrono::nanoseconds> edges() const;
};

class GoalWatch {
public:
    struct Clocks {
        std::function<std::chrono::nanoseconds()> monotonic;
        std::function<std::chrono::seconds()> wall;
        static Clocks real();
    };
    /// An alarm has begun, has changed or is over.
    using OnAlarm = std::function<void(const GoalReport&)>;

    GoalWatch(metrics::Registry& registry, GoalRules rules, Clocks clocks = Clocks::real());
    GoalWatch(const GoalWatch&) = delete;
    GoalWatch& operator=(const GoalWatch&) = delete;

    /// Counts what has been done since the last look. To be called every few seconds; the first one takes
    /// what is there as done just now.
    void look();
    /// Of every goal whose work has been seen, as of now; the most urgent first.
    std::vector<GoalReport> report() const;
    void on_alarm(OnAlarm on_alarm) { on_alarm_ = std::move(on_alarm); }

    /// The counts of an earlier process are added to.
    void restore(const std::vector<KeptGoal>& kept);
    std::vector<KeptGoal> kept() const;

private:
    struct Key {
        Scope scope;
        std::string name;
        auto operator<=>(const Key&) const = default;
    };
    struct Goal {
        std::chrono::nanoseconds limit;
        Counted seen;  // in the metrics, at the last look
        WindowCounts counts;
        Alarm alarm = Alarm::none;
        metrics::Gauge good_ratio;
        std::array<metrics::Gauge, all_windows.size()> burn;
    };
    struct Phases {
        PhaseSums all;   // in the metrics, at the last look
        PhaseSums over;  // the same
        RecentPhases recent;
    };
    /// What the metrics say now.
    struct Reading {
        std::map<Key, Counted> counted;
        std::map<Key, PhaseSums> all;
        std::map<Key, PhaseSums> over;
    };
    Reading read() const;
    Goal* goal_of(const Key& key);
    Judged judged(const Key& key, const Goal& goal) const;
    void show(const Key& key, Goal& goal);
    std::chrono::seconds now() const;

    metrics::Registry& registry_;
    const GoalRules rules_;
    const Clocks clocks_;
    const std::chrono::nanoseconds begun_;
    const std::chrono::seconds begun_wall_;
    metrics::Family<metrics::Gauge> limits_;
    metrics::Family<metrics::Gauge> ratios_;
    metrics::Family<metrics::Gauge> burns_;
    std::map<Key, Goal> goals_;     // at most most_goals
    std::map<Key, Phases> phases_;  // of a route or a kind of tasks; at most most_goals
    OnAlarm on_alarm_;
};

}  // namespace brio::watch
