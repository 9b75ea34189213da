// What a program's goals came to, for people and programs: `/goals`, `goals` on the command line, alarms.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <brio/ledger/blame.hpp>
#include <brio/watch/verdict.hpp>

namespace brio::watch {

struct WindowReport {
    std::string window;    // "5m", "1h", "6h", "3d"
    std::string standing;  // "idle", "too few to judge", "kept", "missed"
    double holds = 1;      // the share within the goal
    double burn = 0;       // misses, of those allowed
    std::uint64_t good = 0;
    std::uint64_t total = 0;
};
struct BlameReport {
    std::string phase;
    double share = 0;  // of the overrun
    double over_ms = 0;
    double inside_ms = 0;
};
/// One goal: of a route, a kind of statements, a kind of tasks, a resource.
struct GoalReport {
    std::string scope;  // "request", "query", "task", "resource"
    std::string name;   // "GET /api/resources", "select", "app.worker.process_data", "cpu"
    double limit_ms = 0;
    double limit_percent = 0;  // of a resource, which has no limit_ms
    double share = 0;          // that is to hold the limit
    std::string standing;      // by the shortest window that has enough to judge
    std::string alarm;         // "none", "slow", "fast"
    std::string words;         // all of it as a sentence
    std::vector<WindowReport> windows;
    std::vector<BlameReport> blame;  // the largest first; of the last hour
};

/// What the report is made of.
struct Judged {
    std::string_view scope;
    std::string_view name;
    std::chrono::nanoseconds limit{0};
    double share = 0.99;
    Verdict verdict;
    std::vector<ledger::Blame> blame;
    double limit_percent = 0;  // of a resource
    std::string now;           // what a resource's latest reading is, in words
    std::string pool;          // who had the connections when work waited for them lately
};
GoalReport report_of(const Judged& judged);

/// The missed first, then the kept, those with too little to judge, the idle; more work before less.
void sort_by_need(std::vector<GoalReport>& reports);

/// As a terminal shows it: a line each, and under what was missed why.
std::string write_goals(const std::vector<GoalReport>& reports);

}  // namespace brio::watch
