// A whole load test from a plan to its outcome:
//
//     auto outcome = load::run(plan, load::scenario<ApiUser>("shop"));
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>

#include <brio/load/engine.hpp>
#include <brio/load/outcome.hpp>
#include <brio/load/plan.hpp>
#include <brio/load/record.hpp>
#include <brio/load/scenario.hpp>

namespace brio::load {

/// How far a run is. The records end with the call that gets them.
struct Progress {
    std::chrono::nanoseconds at{};  // since the first stage's begin; negative in the warm-up
    const Record& since_last;
    const Record& so_far;
    std::size_t users = 0;
};

struct RunOptions {
    EngineOptions engine = {};
    /// Called about once a second, in the warm-up too; false ends the run there.
    std::function<bool(const Progress&)> look = {};
    /// Users at a time since the first stage's begin, instead of the plan's. Closed model.
    std::function<double(std::chrono::nanoseconds)> level = {};
    /// Waits so long; true: the run is to end. Without it nobody can interrupt.
    std::function<bool(std::chrono::nanoseconds)> rest = {};
};

/// Carries out the plan on its own threads and waits for it. Throws as Engine does.
Outcome run(const Plan& plan, const Scenario& scenario, const RunOptions& options = {});

}  // namespace brio::load
