// `goals`: what the program asks of itself and, when it runs, whether it keeps that.
#pragma once
#include <string>
#include <vector>

#include <brio/app/detail/program.hpp>
#include <brio/watch/goal_report.hpp>

namespace brio::app {

/// The body of GET /goals.
struct GoalList {
    std::vector<watch::GoalReport> goals;  // the most urgent first
};

/// Prints both; the second part is left out when no program is at the admin port. Gives the exit status: 1
/// when a goal is missed. Throws as AdminCaller when one is there and does not tell.
int show_goals(const Program& program, const Settings& settings);
/// `goals --prometheus-rules`: prints the file of rules that they make.
int print_prometheus_rules(const Program& program, const Settings& settings);

}  // namespace brio::app
