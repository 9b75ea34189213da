// A review of a program over a time: what a team meets over. Which goals were held, how that compares with
// the time before, what took the time of what missed them, what its statements, cache and queues say, how far
// its limits are, and what to do first. Plain data; the fields are the names of its JSON.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/db/findings.hpp>
#include <brio/db/report.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio::watch {

struct ReviewPeriod {
    Timestamp from;
    Timestamp until;
    double watched_seconds = 0;  // in which the program ran and was looked at
};

/// What some work came to in a period. Times are the means of the steps' quantiles, weighted by their work.
struct ReviewFigures {
    std::uint64_t count = 0;  // of a resource: readings
    std::uint64_t missed = 0;
    std::uint64_t failed = 0;  // requests answered with 5xx; tries of tasks that failed
    double holds = 1;          // the share within the goal
    double burn = 0;           // misses, of those allowed
    double per_second = 0;     // while it was watched
    std::optional<double> p50_ms;
    std::optional<double> p95_ms;
    std::optional<double> p99_ms;
};
/// One goal: of a route, a type of statements, a kind of tasks, a resource.
struct ReviewGoal {
    std::string scope;  // "request", "query", "task", "resource"
    std::string name;
    double limit_ms = 0;
    double limit_percent = 0;  // of a resource, which has no limit_ms
    double share = 0;          // that is to hold the limit
    std::string verdict;       // "missed", "kept", "too few to judge", "idle"
    std::string now;           // the same of just now; empty: nobody runs who could tell
    std::string alarm;         // "none", "slow", "fast"
    ReviewFigures figures;
    std::optional<ReviewFigures> before;
    std::string trend;                   // "worse", "better", "same"; empty: too little to compare
    std::string trend_words;             // "p95 42.0ms, before 31.0ms (+35 %)"
    std::optional<double> worst_p99_ms;  // of a step
    std::optional<Timestamp> worst_at;   // its beginning
    /// The p95 of each step, both periods, the last under way; null: nothing was done.
    std::vector<std::optional<float>> p95_ms_by_step;
};

struct ReviewPhase {
    std::string phase;
    std::string words;   // "waiting for a connection of the database"
    double seconds = 0;  // lost in it beyond what is usual
    double share = 0;    // of the overrun
};
/// Where the time of what missed its goal went, of a route with all its methods or a kind of tasks.
struct ReviewCause {
    std::string scope;
    std::string name;
    double lost_seconds = 0;
    std::vector<ReviewPhase> phases;  // the largest first
    std::string example;              // of the last ones that were slow; empty: none is kept
};

struct ReviewCached {
    std::string name;  // of a route or query
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    double hit_ratio = 0;
    double rebuild_ms = 0;     // what making one takes; 0: unknown
    double saved_seconds = 0;  // what the hits would have taken to make
    std::optional<double> saved_before;
};

struct ReviewQueue {
    std::string name;
    std::uint64_t ready = 0;  // now
    std::uint64_t scheduled = 0;
    std::uint64_t running = 0;
    std::uint64_t dead = 0;
    bool is_paused = false;
    double most_waiting = 0;    // of a step's mean
    double oldest_seconds = 0;  // the longest that one waited
};
/// Tasks that failed for good, of one kind.
struct ReviewDead {
    std::string task;
    std::uint64_t count = 0;
    std::string error;  // the last one's
};

struct ReviewHeadroom {
    std::string name;  // "cpu", "memory", "disk", "limit db_pool"
    std::string unit;  // "percent", "bytes", "count"
    double now = 0;
    double limit = 0;
    double used = 0;                      // 1: all of it
    std::string outlook;                  // "reached", "growing", "far", "steady", "not enough history"
    std::optional<double> per_day;        // growth
    std::optional<double> per_day_error;  // it is within this of it, at 95 %
    std::optional<double> days_soonest;   // until the limit, of "growing"
    std::optional<double> days_latest;    // none: it may never be
    std::uint64_t refused = 0;            // what did not fit, in the period
    std::string words;
};

struct ReviewAction {
    std::string urgency;      // "now", "soon", "later"
    std::string what;         // to do
    std::string how;          // advice; empty: what to do says it
    std::string code;         // a command or a migration that does it; empty: none
    std::string why;          // the evidence
    std::string gain;         // what to expect of it
    double gain_seconds = 0;  // the same, at most, of the time of requests and tasks; 0: it is not of time
    std::string about;        // the route, task, queue or limit
};

struct Review {
    std::string program;
    std::string version;
    Timestamp at;
    std::string since;  // "24h"
    ReviewPeriod period;
    std::optional<ReviewPeriod> before;  // of the same length; none: nothing is kept of it
    bool is_running = false;             // false: made from the file of the history alone
    std::optional<Timestamp> began;      // the process whose statements, cache and slow work these are
    std::string headline;
    std::vector<std::string> notes;   // what could not be known, and why
    std::vector<ReviewAction> first;  // what to do, the most urgent first
    std::vector<ReviewGoal> goals;    // the missed first
    std::vector<ReviewCause> causes;  // what lost most time first
    std::vector<db::SlowStatement> slow;
    std::vector<db::RepeatedStatement> repeated;
    std::vector<db::ExceededBudget> over_budget;
    std::vector<db::IndexAdvice> missing_indexes;
    std::vector<db::UnusedIndex> unused_indexes;
    std::vector<ReviewCached> cached;  // what saved most first
    std::vector<ReviewQueue> queues;
    std::vector<ReviewDead> dead;
    std::vector<ReviewHeadroom> headroom;  // what is met soonest first
};

}  // namespace brio::watch
