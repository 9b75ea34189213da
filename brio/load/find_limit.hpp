// Finds the highest rate at which every goal holds, by short runs of the open model one after the other, and
// says what breaks first beyond it.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <brio/load/limit_report.hpp>
#include <brio/load/limit_search.hpp>
#include <brio/load/outcome.hpp>
#include <brio/load/server_reading.hpp>
#include <brio/load/threshold.hpp>

namespace brio::load {

struct LimitTask {
    Plan plan;  // what trials have in common: target, threads, connections, open or poisson
    std::vector<Threshold> goals;
    SearchOptions search;
    std::chrono::nanoseconds trial{};  // each lasts so long; 0: as long as the goals need
};

/// What it takes to carry trials out; tests give a simulated server.
struct LimitTools {
    struct Run {
        Outcome outcome;  // interrupted only when the person wants all of it to end
        std::optional<ServerWindow> server;
        std::string gone = {};  // why no run is possible any more; empty: it was one
    };
    /// A whole run of the plan; it may end once a goal is lost. What it throws ends the search without a
    /// report.
    std::function<Run(const Plan&)> run;
    /// Waits so long; true: the person wants it to end.
    std::function<bool(std::chrono::nanoseconds)> rest;
    /// After each trial.
    std::function<void(const LimitTrial&)> say;
    std::string unwatched;  // why there is no ServerWindow; empty: there is
};

struct FoundLimit {
    LimitReport report;
    Outcome outcome;               // of the highest rate that held, else of the last trial
    bool was_interrupted = false;  // by the person
};
FoundLimit find_limit(const LimitTask& task, const LimitTools& tools);

/// How long a trial at `rate` lasts: so that a goal for one request in a hundred sees a thousand of them,
/// from 2 s to 8 s.
std::chrono::nanoseconds trial_time(std::span<const Threshold> goals, double rate);

/// Whether a trial held, with the decisive goal. Shares are judged with their uncertainty (judge_share).
struct TrialJudgement {
    TrialStanding standing = TrialStanding::unsure;
    std::string why;
    bool is_generator = false;  // the generator could not offer the rate
};
TrialJudgement judge_trial(std::span<const Threshold> goals, const Outcome& outcome);

}  // namespace brio::load
