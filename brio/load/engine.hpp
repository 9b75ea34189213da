// The threads of a load test, each with a generator, led by whoever decides how many users there are: a plan
// (run.hpp), or a master of a distributed test.
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <brio/load/plan.hpp>
#include <brio/load/record.hpp>
#include <brio/load/scenario.hpp>
#include <brio/load/share.hpp>

namespace brio::load {

/// The target has no address, or nobody accepts connections there.
class NoTarget : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct EngineOptions {
    std::string certificates = {};  // a PEM file of authorities; empty: the system's
    Share share = {};               // of the plan's load and connections; threads are its own
};

/// Used by one thread. Throws NoTarget, std::invalid_argument for a target that is no URL or a plan that is
/// none, std::runtime_error when https has no certificates to judge by.
class Engine {
public:
    /// Starts the plan's threads, which do nothing yet. Counting begins after the warm-up, from now on.
    Engine(Plan plan, Scenario scenario, const EngineOptions& options = {});
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    /// Ends at once what still runs.
    ~Engine();

    /// So many users of each type in all, of which this engine has its share, from now on. Closed model.
    void set_users(const std::vector<std::size_t>& counts);
    /// The arrivals of the plan. Open models.
    void begin_arrivals();
    /// What was counted since the last take(), of all threads.
    Record take();
    /// Users that are there; of the open models those at work.
    std::size_t users() const noexcept;
    /// Since the first stage's begin; negative in the warm-up.
    std::chrono::nanoseconds at() const noexcept;
    /// What begins from now on is not counted; no further task begins. Gives how long was counted.
    std::chrono::nanoseconds end();
    /// Waits until all users have ended; what is under way after the plan's patience ends without an answer.
    void wait();

    const Plan& plan() const noexcept;
    const Scenario& scenario() const noexcept;
    /// CPU time that the generator's threads have used, one by one.
    std::vector<std::chrono::nanoseconds> cpu_times() const;
    /// CPU time of the processes on this machine that listened at the target when the engine began; nothing
    /// when there are none that this process may look at, or one has ended.
    std::optional<std::chrono::nanoseconds> server_cpu_time() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace brio::load
