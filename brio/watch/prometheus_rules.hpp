// The goals of a program as rules of Prometheus: burn rates over the windows of verdict.hpp, and alerts by
// two windows each, for whoever looks at all instances together.
//
// Source: "The Site Reliability Workbook", chapter 5 (multiwindow, multi-burn-rate alerts), with the
// minimum of work that verdict.hpp asks for. Pure.
#pragma once
#include <string>

#include <brio/watch/goal_rules.hpp>

namespace brio::watch {

struct RulesChoice {
    std::string program;  // whose rules: the groups' names, and the job that is scraped
    bool has_tasks = false;
    bool has_pool = false;  // connections are bounded: PostgreSQL
};

/// A file of rules, YAML, for `promtool check rules`: for each window `goal:total:5m`, `goal:good:5m` and
/// `goal:burn_rate:5m`, with scope and goal as the program's own goal_burn_rate has them; alerts
/// GoalMissedFast (severity page), GoalMissedSlow (ticket), ProgramDown (page), ProgramNotRead and
/// ProcessesGone, CertificateExpires (tickets).
std::string prometheus_rules(const GoalRules& rules, const RulesChoice& choice);

}  // namespace brio::watch
