// What was done in the last minute, by routes, kinds of statements and kinds of tasks: how often, how fast,
// how much of it within its goal, and where the time went. Read from the program's metrics.
//
// For one thread; look() is called every few seconds, and the minute is as exact as the looks are frequent.
// Bounded: most_goals names; of each at most `slots` differences of a histogram.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <brio/metrics/registry.hpp>
#include <brio/watch/blame.hpp>
#include <brio/watch/goal_watch.hpp>

namespace brio::watch {

/// A phase of one unit of work, on average.
struct PhaseTime {
    std::string phase;
    double ms = 0;
};

/// Times are 0 where nothing was done.
struct WorkRate {
    std::string scope;        // "request", "query", "task"
    std::string name;         // "GET /api/resources", "select", "app.worker.process_data"
    double limit_ms = 0;      // its goal
    std::uint64_t count = 0;  // in the last minute
    double per_second = 0;
    double p50_ms = 0;
    double p95_ms = 0;
    double p99_ms = 0;
    double holds = 1;               // the share within the goal; answers of 5xx are not
    std::uint64_t failed = 0;       // of them: answered with 5xx; 0 for statements and tasks
    std::uint64_t total = 0;        // since the program began
    std::vector<PhaseTime> phases;  // in the order of the ledger, without those that took nothing; of a route
                                    // with all its methods; none of statements
};

class RecentWork {
public:
    static constexpr std::chrono::seconds window{60};
    static constexpr std::int64_t slots = 30;

    using Clock = std::function<std::chrono::nanoseconds()>;  // monotonic
    RecentWork(metrics::Registry& registry, GoalRules rules, Clock clock);

    /// Takes what the metrics count now. The first look counts nothing: how old that is is not known.
    void look();
    /// Of all names that were ever seen, by scope and name.
    std::vector<WorkRate> rates() const;

private:
    static constexpr std::chrono::seconds slot_length = window / slots;
    struct Key {
        Scope scope;
        std::string name;
        auto operator<=>(const Key&) const = default;
    };
    using Buckets = std::vector<std::uint64_t>;
    struct Reading {
        Buckets buckets;
        std::uint64_t good = 0;
        std::uint64_t failed = 0;
    };
    /// What came in one slot; buckets are empty where nothing did.
    struct Slot {
        std::int64_t number = -1;
        Reading done;
    };
    struct PhaseSlot {
        std::int64_t number = -1;
        PhaseSums sums;
    };
    struct Work {
        Reading seen;
        std::array<Slot, slots> recent{};
    };
    struct Phases {
        PhaseSums seen;
        std::array<PhaseSlot, slots> recent{};
    };
    struct All {
        std::map<Key, Reading> done;
        std::map<Key, PhaseSums> phases;
    };
    All read() const;
    void take(All now);
    std::int64_t slot_now() const;
    bool is_recent(std::int64_t slot) const { return slot > slot_now() - slots; }
    WorkRate rate_of(const Key& key, const Work& work) const;
    std::vector<PhaseTime> phases_of(const Key& key) const;

    metrics::Registry& registry_;
    const GoalRules rules_;
    const Clock clock_;
    std::chrono::nanoseconds first_look_{0};
    bool has_looked_ = false;
    std::map<Key, Work> work_;
    std::map<Key, Phases> phases_;
};

}  // namespace brio::watch
