// The last day of a program in memory: of each kind of work its rate, its quantiles and the share within its
// goal, and of what the program uses (processor, memory, connections, queues, cache) each figure.
//
// Read from the metrics, at falling resolution (falling_series.hpp). Bounded: most_lines, 3 kB each. For one
// thread; what was before a restart is gone (goal_history.hpp keeps what goals need).
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <brio/metrics/registry.hpp>
#include <brio/watch/falling_series.hpp>
#include <brio/watch/goal_rules.hpp>
#include <brio/watch/watch_time.hpp>
#include <brio/watch/work_reading.hpp>

namespace brio::watch {

/// What is told of what: all of them "of" "requests", "queries", "tasks", "cache", "queues" or "resources".
struct HistoryLine {
    std::string of;
    /// "GET /api/resources", "select", a kind of tasks, a kind of cache, a queue; of resources the loop, the
    /// limit or the state, or empty.
    std::string name;
    /// Of work "rate", "p50", "p95", "p99", "within", "failed"; of the cache "hits"; of queues "waiting",
    /// "oldest"; of resources "cpu", "memory", "open_files", "threads", "loop_lag", "connections", "limit",
    /// "in_flight", "database", "disk_free".
    std::string figure;
    std::string unit;           // "per_second", "seconds", "share", "percent", "bytes", "count"
    std::vector<float> values;  // one for each step; NaN (null in JSON): unknown, or no work to tell of
};
struct HistoryReport {
    std::string span;                // "10m", "6h", "24h"
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

class History {
public:
    static constexpr std::size_t most_lines = 3000;
    static constexpr std::chrono::seconds looks_every{5};

    History(metrics::Registry& registry, GoalRules rules, Clocks clocks = Clocks::real());
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    /// To be called once in each step of looks_every; `reading` is of just now.
    void look(const WorkReading& reading);
    HistoryReport report(const HistoryChoice& choice) const;

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
        FallingSeries series;
    };
    /// What was counted within the steps under way.
    struct Work {
        struct Step {
            std::int64_t number = -1;
            WorkCounts counts;
            std::chrono::seconds covered{0};
        };
        WorkCounts seen;  // in the metrics, at the last look
        std::array<Step, all_spans.size()> steps;
    };
    struct Ratio {
        double hits = 0;
        double misses = 0;
    };

    FallingSeries* line(Name name, std::string_view unit, Fold fold = Fold::mean);
    void look_at_work(const WorkKey& key, const WorkCounts& counts);
    void show(const WorkKey& key, Span span, const Work::Step& step);
    void look_at_figures();

    metrics::Registry& registry_;
    const GoalRules rules_;
    const WatchTime time_;
    std::chrono::seconds now_;      // of the look under way
    std::chrono::seconds between_;  // since the one before
    std::map<WorkKey, Work> works_;
    std::map<std::string, Ratio> caches_;  // at the last look
    std::map<Name, Line> lines_;
};

}  // namespace brio::watch
