// What was measured of a program, as a person reads it and as JSON.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <brio/bench/budgets.hpp>
#include <brio/bench/compare.hpp>
#include <brio/bench/figures.hpp>

namespace brio::bench {

/// The other program or setting that this one is compared with.
struct Against {
    Comparison times;
    Phases phases_before{};
    Counts counts_before;  // the most of its two starts
};

/// Of one request.
struct CaseResult {
    std::string request;
    double goal_ms = 0;
    double share = 0;  // of the requests that have to be within it
    Counts counts;
    std::optional<Figures> warm = {};  // none: only counts were asked for
    std::optional<Figures> cold = {};  // each the first request of a process
    Phases phases{};                   // warm
    std::optional<Against> against = {};
    std::vector<std::string> faults = {};      // why it does not pass; empty: it does
    std::vector<std::string> not_judged = {};  // budgets of what cannot be counted here
};

struct Report {
    std::string program;
    std::string against;    // empty: nothing
    std::string transport;  // memory, socket
    std::vector<CaseResult> cases;
    bool passes = true;
};

/// Fills the faults: a goal missed by warm requests, a budget exceeded, and, of a comparison, what is slower
/// or costs more than before.
void judge(CaseResult& result, const Budget& most);

std::string text_of(const Report& report);
/// The same as JSON, with all figures.
std::string json_of(const Report& report);
/// As JUnit's XML: a test for each request, which fails by its faults; its time is the p99 of warm ones.
std::string junit_of(const Report& report);

}  // namespace brio::bench
