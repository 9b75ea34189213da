// The performance goals of a program, and the deadlines that protect them.
//
// A goal judges: bucket edges, verdicts, admission, alarms and exit statuses of load tests come from it. A
// deadline protects: it is a goal times a factor, and reaching it counts as a missed goal.
#pragma once
#include <chrono>
#include <string>
#include <vector>

namespace brio {

struct Goals {
    std::chrono::nanoseconds api = std::chrono::milliseconds(200);
    std::chrono::nanoseconds query = std::chrono::milliseconds(100);
    std::chrono::nanoseconds task = std::chrono::seconds(5);
    int cpu_percent = 70;
    int memory_percent = 80;
    int connections_percent = 80;
    double share = 0.99;           // of the work that must be within its goal
    double resource_share = 0.95;  // of the readings of processor, memory and connections
    int deadline_factor = 10;

    /// 2 s, 1 s, 50 s and 60 s by default. A task is asked to stop at the soft deadline and stopped at the
    /// hard one, a fifth later.
    std::chrono::nanoseconds request_deadline() const noexcept { return api * deadline_factor; }
    std::chrono::nanoseconds query_deadline() const noexcept { return query * deadline_factor; }
    std::chrono::nanoseconds task_soft_deadline() const noexcept { return task * deadline_factor; }
    std::chrono::nanoseconds task_hard_deadline() const noexcept { return task_soft_deadline() * 6 / 5; }

    /// The edges that histograms need for these goals.
    std::vector<std::chrono::nanoseconds> edges() const { return {api, query, task}; }

    bool operator==(const Goals&) const = default;
};

/// What is wrong with them, one sentence each that names the goal, its value and what it may be; empty when
/// they are sound.
std::vector<std::string> problems(const Goals& goals);

}  // namespace brio
