// The last two weeks of a program: of each kind of work its rate, its quantiles and the share within its
// goal, where the time of what missed it went, and of what the program uses (processor, memory, connections,
// queues, cache) each figure.
//
// Read from the metrics, at falling resolution (falling_series.hpp). Bounded: most_lines, 4.5 kB each. For
// one thread. A restart keeps the hours (goal_history.hpp), and what is finer is gone.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <brio/ledger/blame.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/watch/falling_series.hpp>
#include <brio/watch/goal_history.hpp>
#include <brio/watch/goal_rules.hpp>
#include <brio/watch/usage.hpp>
#include <brio/watch/watch_time.hpp>
#include <brio/watch/work_reading.hpp>

namespace brio::watch {

/// What is told of what: all of them "of" "requests", "queries", "tasks", "overrun", "cache", "cached",
/// "queues", "goals" or "resources".
struct HistoryLine {
    std::string of;
    /// "GET /api/resources", "select", a kind of tasks, a kind of cache, a queue; of the overrun the route's
    /// pattern or the kind of tasks; of what is cached the route or query; of goals the resource; of
    /// resources the loop, the limit, the reason or the state, or empty.
    std::string name;
    /// Of work "rate", "count", "p50", "p95", "p99", "within", "failed", of tasks "failures" too; of the
    /// overrun a phase: what it took more in work over its goal than in work inside; of the cache "hits"; of
    /// what is cached "hits", "stale", "misses", "saved"; of queues "waiting", "oldest"; of goals "within";
    /// of resources "watched" (how long somebody looked), "cpu", "memory", "memory_limit", "open_files",
    /// "most_files", "threads", "loop_lag", "connections", "most_connections", "limit", "limit_most",
    /// "refused", "shed", "in_flight", "database", "disk_free". Counts and seconds of what was done are sums
    /// of the step.
    std::string figure;
    std::string unit;           // "per_second", "seconds", "share", "percent", "bytes", "count"
    std::vector<float> values;  // one for each step; NaN (null in JSON): unknown, or no work to tell of
};
struct HistoryReport {
    std::string span;                // "10m", "6h", "24h", "14d"
    std::int64_t step_seconds = 0;   // between two values
    std::vector<std::int64_t> at;    // beginnings of the steps, seconds since 1970; the last is under way
    std::vector<HistoryLine> lines;  // by of, name and figure
};
/// Empty texts choose all.
struct HistoryChoice {
    Span span = Span::ten_minutes;
    std::string of;
    std::string name;
    std::string figure;
};

/// Of what a file kept, with Span::two_weeks, as it is at `now`.
HistoryReport report_of(const std::vector<KeptLine>& kept, std::chrono::seconds now);

class History {
public:
    static constexpr std::size_t most_lines = most_kept_lines;
    static constexpr std::chrono::seconds looks_every{5};

    History(metrics::Registry& registry, GoalRules rules, Clocks clocks = Clocks::real());
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    /// To be called once in each step of looks_every; `reading` and `uses` are of just now.
    void look(const WorkReading& reading, const std::vector<ResourceUse>& uses = {});
    HistoryReport report(const HistoryChoice& choice) const;

    /// Before the first look: goes on where an earlier process ended.
    void restore(const std::vector<KeptLine>& kept);
    std::vector<KeptLine> kept() const;

    std::size_t lines() const noexcept { return lines_.size(); }

private:
    struct Name {
        std::string of;
        std::string name;
        std::string figure;
        auto operator<=>(const Name&) const = default;
    };
    struct Line {
        std::string unit;
        Fold fold;
        FallingSeries series;
    };
    /// What an earlier process had of the hour in which this one began.
    struct Begun {
        std::int64_t step = -1;
        double value = 0;
    };
    /// What was counted within the steps under way.
    struct Work {
        struct Step {
            std::int64_t number = -1;
            WorkCounts counts;
        };
        WorkCounts seen;  // in the metrics, at the last look
        std::array<Step, all_spans.size()> steps;
    };
    /// How long somebody looked within a step under way, whatever was done then.
    struct Covered {
        std::int64_t number = -1;
        std::chrono::seconds time{0};
    };
    struct Ratio {
        double hits = 0;
        double misses = 0;
    };

    FallingSeries* line(Name name, std::string_view unit, Fold fold = Fold::mean);
    void add(Name name, std::string_view unit, Fold fold, double value);
    /// Of a counter: what came since the last look.
    void count(Name name, std::string_view unit, double counter);
    void cover();
    void look_at_work(const WorkKey& key, const WorkCounts& counts);
    void look_at_overrun(const WorkKey& key, const ledger::PhaseSums& over, const ledger::PhaseSums& all);
    void show(const WorkKey& key, Span span, const Work::Step& step);
    const Begun* begun(const Name& name, std::int64_t step) const;
    void look_at_figures();
    void look_at(const metrics::FamilyView& family);

    metrics::Registry& registry_;
    const GoalRules rules_;
    const WatchTime time_;
    std::chrono::seconds now_;      // of the look under way
    std::chrono::seconds between_;  // since the one before
    std::array<Covered, all_spans.size()> covered_;
    std::map<WorkKey, Work> works_;
    std::map<std::string, Ratio> caches_;            // at the last look
    std::map<WorkKey, ledger::PhaseSums> overruns_;  // the same
    std::map<Name, double> counters_;                // the same; at most most_lines
    std::map<Name, Line> lines_;
    std::map<Name, Begun> begun_;
};

}  // namespace brio::watch
