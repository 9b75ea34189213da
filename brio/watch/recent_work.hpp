// What was done in the last minute, by routes, kinds of statements and kinds of tasks: how often, how fast,
// how much of it within its goal, and where the time went.
//
// For one thread; look() is called every few seconds, and the minute is as exact as the looks are frequent.
// Bounded: most_goals names, of each a difference of its histogram for each of `slots`.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <brio/metrics/edges.hpp>
#include <brio/watch/goal_rules.hpp>
#include <brio/watch/work_reading.hpp>

namespace brio::watch {

/// A phase of one unit of work, on average.
struct PhaseTime {
    std::string phase;
    double ms = 0;
};

/// Times are 0 where nothing was done; quantiles and the mean are of what did not fail.
struct WorkRate {
    std::string scope;        // "request", "query", "task"
    std::string name;         // "GET /api/resources", "select", "app.worker.process_data"
    double limit_ms = 0;      // its goal
    double share = 0;         // that is to hold it
    std::uint64_t count = 0;  // in the last minute
    double per_second = 0;
    double p50_ms = 0;
    double p95_ms = 0;
    double p99_ms = 0;
    double mean_ms = 0;
    double holds = 1;               // the share within the goal
    std::uint64_t failed = 0;       // of them: requests answered with 5xx
    std::uint64_t total = 0;        // since the program began
    std::vector<PhaseTime> phases;  // in the ledger's order, without those that took nothing; of a route with
                                    // all its methods; none of statements
};

/// All of one scope together.
struct WorkDone {
    std::chrono::duration<double> watched{0};  // of the last minute
    WorkCounts counts;
    std::uint64_t good = 0;  // each within its own goal
    double asked = 0;        // that were to be, by the shares of their goals
};

class RecentWork {
public:
    static constexpr std::chrono::seconds window{60};
    static constexpr std::int64_t slots = 30;

    using Clock = std::function<std::chrono::nanoseconds()>;  // monotonic
    RecentWork(const metrics::Edges& edges, GoalRules rules, Clock clock);

    /// `reading` is of just now. The first one counts for nothing: how old that is is not known.
    void look(const WorkReading& reading);
    /// Of all that was ever seen, by scope and name.
    std::vector<WorkRate> rates() const;
    WorkDone done(Scope scope) const;

private:
    static constexpr std::chrono::seconds slot_length = window / slots;
    /// What came in each slot; Sum has `-` and `+=`.
    template <class Sum>
    struct Ring {
        struct Slot {
            std::int64_t number = -1;
            Sum sum;
        };
        Sum seen;  // at the last look
        std::array<Slot, slots> recent;

        void add(std::int64_t number, const Sum& now, bool counts);
        Sum within(std::int64_t number) const;
    };
    std::int64_t slot_now() const { return clock_() / slot_length; }
    std::chrono::duration<double> watched() const;
    WorkRate rate_of(const WorkKey& key, const Ring<WorkCounts>& work) const;
    std::vector<PhaseTime> phases_of(const WorkKey& key) const;

    const metrics::Edges& edges_;
    const GoalRules rules_;
    const Clock clock_;
    std::chrono::nanoseconds first_look_{0};
    bool has_looked_ = false;
    std::map<WorkKey, Ring<WorkCounts>> work_;
    std::map<WorkKey, Ring<ledger::PhaseSums>> phases_;
};

}  // namespace brio::watch
