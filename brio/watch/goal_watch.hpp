// Watches over the goals of a program: what its metrics counted of requests, statements and tasks, against
// the limits, over windows of five minutes to three days.
//
// A request is good when it was answered within its goal and not with 5xx; statements and tries of tasks when
// they took no longer than theirs; a reading of a resource when no more of it was used than its goal allows.
// Metrics: goal_limit{scope,goal} in seconds, of resources in percent, goal_good_ratio{scope,goal} of the
// decisive window, goal_burn_rate{scope,goal,window}.
//
// For one thread.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <brio/metrics/registry.hpp>
#include <brio/watch/goal_history.hpp>
#include <brio/watch/goal_report.hpp>
#include <brio/watch/goal_rules.hpp>
#include <brio/watch/recent_phases.hpp>
#include <brio/watch/usage.hpp>
#include <brio/watch/watch_time.hpp>
#include <brio/watch/work_reading.hpp>

namespace brio::watch {

class GoalWatch {
public:
    /// An alarm has begun, has changed or is over.
    using OnAlarm = std::function<void(const GoalReport&)>;

    GoalWatch(metrics::Registry& registry, GoalRules rules, Clocks clocks = Clocks::real());
    GoalWatch(const GoalWatch&) = delete;
    GoalWatch& operator=(const GoalWatch&) = delete;

    /// Counts what has been done since the last look. To be called every few seconds; the first one takes
    /// what is there as done just now.
    void look();
    void look(const WorkReading& reading, const std::vector<ResourceUse>& uses = {});
    /// Of every goal whose work has been seen, as of now; the most urgent first.
    std::vector<GoalReport> report() const;
    void on_alarm(OnAlarm on_alarm) { on_alarm_ = std::move(on_alarm); }
    /// Who says which work had the connections of the database when other work had to wait for them; empty
    /// when that was not lately.
    void ask_of_pool(std::function<std::string()> pool_words) { pool_words_ = std::move(pool_words); }

    /// The counts of an earlier process are added to.
    void restore(const std::vector<KeptGoal>& kept);
    std::vector<KeptGoal> kept() const;

private:
    struct Goal {
        std::chrono::nanoseconds limit;
        double share = 0;
        double limit_percent = 0;  // of a resource
        std::string now;           // the same: its latest reading in words
        Counted seen;              // in the metrics, at the last look
        WindowCounts counts;
        Alarm alarm = Alarm::none;
        metrics::Gauge good_ratio;
        std::array<metrics::Gauge, all_windows.size()> burn;
    };
    struct Phases {
        ledger::PhaseSums all;   // in the metrics, at the last look
        ledger::PhaseSums over;  // the same
        RecentPhases recent;
    };
    Goal* goal_of(const WorkKey& key);
    void count_resources(const std::vector<ResourceUse>& uses);
    Judged judged(const WorkKey& key, const Goal& goal) const;
    void show(const WorkKey& key, Goal& goal);

    metrics::Registry& registry_;
    const GoalRules rules_;
    const WatchTime time_;
    metrics::Family<metrics::Gauge> limits_;
    metrics::Family<metrics::Gauge> ratios_;
    metrics::Family<metrics::Gauge> burns_;
    std::map<WorkKey, Goal> goals_;     // at most most_goals
    std::map<WorkKey, Phases> phases_;  // of a route or a kind of tasks; at most most_goals
    OnAlarm on_alarm_;
    std::function<std::string()> pool_words_;
};

}  // namespace brio::watch
