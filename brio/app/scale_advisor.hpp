// Says how many server and worker processes the present load of the service needs, by what all of them say on
// the board: for whoever starts and ends them from outside. What decides is watch/wanted.hpp.
//
// Sets brio_instances_wanted and, in a program with tasks, brio_workers_wanted; says a change in the log.
// Each server process says so of all of them, and they say nearly the same: a scaler takes the most.
//
// For the control loop's thread.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include <brio/http/server.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/later.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/watch/instances.hpp>
#include <brio/watch/wanted.hpp>

namespace brio::app {

class ScaleAdvisor {
public:
    static constexpr std::chrono::seconds looks_every = watch::instance_says_every;

    struct Parts {
        runtime::Loop& loop;
        metrics::Registry& registry;
        http::Server& api;
        Goals goals;
        /// What the processes say that are up, this one among them.
        std::function<std::vector<watch::Announcement>()> up;
        std::function<watch::Waiting()> waiting;  // tasks; empty: the program has none
    };
    explicit ScaleAdvisor(Parts parts);
    ScaleAdvisor(const ScaleAdvisor&) = delete;
    ScaleAdvisor& operator=(const ScaleAdvisor&) = delete;

    void start() { look(); }
    void stop() { again_.cancel(); }
    /// What this process adds to what it says of itself: of its bounds, and what it refuses.
    void add_load(watch::Announcement& self) const;
    std::vector<watch::NeedNow> needs() const;

private:
    struct Of {
        std::string what;
        metrics::Gauge gauge;
        watch::Wanted wanted;
        watch::Need need;
        std::size_t has = 0;
    };
    void look();
    void look_at_own();
    void judge(Of& of, watch::Need need, std::size_t has);

    const Parts parts_;
    Of servers_;
    std::optional<Of> workers_;
    double filled_ = 0;
    double shed_per_second_ = 0;
    std::optional<std::uint64_t> shed_;  // at the last look
    std::chrono::nanoseconds looked_{0};
    runtime::Later<ScaleAdvisor> again_;
};

}  // namespace brio::app
