// Keeps watch over the goals in the server process: looks every few seconds at what was done and what is
// used, keeps the counts and the history, whose hours are in a file over restarts, says in the log and to
// BRIO_ALERT_URL when an alarm begins and when it is over.
//
// Of processes that share the file one has it. The next one, as after SIGHUP, goes on with what is in it as
// soon as the one before has ended its own.
//
// For the control loop's thread.
#pragma once
#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include <brio/app/detail/program.hpp>
#include <brio/app/resource_monitor.hpp>
#include <brio/http/client.hpp>
#include <brio/runtime/file.hpp>
#include <brio/runtime/later.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/watch/goal_watch.hpp>
#include <brio/watch/history.hpp>

namespace brio::app {

/// The goals of the settings, and those of routes, statements and tasks with one of their own.
watch::GoalRules goal_rules(const Program& program, const Settings& settings);

/// What BRIO_ALERT_URL gets, by POST.
struct Alert {
    std::string program;
    Timestamp at;
    watch::GoalReport goal;  // with the alarm that it has now; "none": it is over
};

class GoalKeeper {
public:
    struct Parts {
        runtime::Loop& loop;
        runtime::Scope& scope;  // for alerts; stopped and joined before this ends
        metrics::Registry& registry;
        ResourceMonitor& monitor;
        runtime::OffloadPool& offload;
        std::string program;
        std::string file;       // of the history; empty: none
        std::string alert_url;  // empty: nobody is told but the log
    };
    static constexpr std::chrono::seconds looks_every = watch::History::looks_every;
    static constexpr std::chrono::seconds saves_every{60};
    static constexpr std::size_t most_alerts = 64;  // that wait to be sent

    GoalKeeper(Parts parts, watch::GoalRules rules);

    void start();
    /// Looks and saves a last time: another process goes on.
    void stop();
    const watch::GoalWatch& watch() const noexcept { return *watch_; }
    const watch::History& history() const noexcept { return *history_; }
    const ResourceMonitor& monitor() const noexcept { return parts_.monitor; }

private:
    void begin();
    void look();
    void look_now();
    void save();
    bool takes_file();
    void say_why(int error);
    void tell(const watch::GoalReport& report);
    static Async<void> send_alerts(GoalKeeper& self);
    Async<bool> send(const Alert& alert);

    const Parts parts_;
    const watch::GoalRules rules_;
    watch::WatchTime time_;
    std::optional<watch::GoalWatch> watch_;  // from begin() on, at the same place
    std::optional<watch::History> history_;  // the same
    http::Client client_;
    metrics::Counter sent_;
    metrics::Counter dropped_;
    runtime::File lock_;  // of the file, once this process has it
    bool has_said_why_ = false;
    bool is_sending_ = false;
    std::deque<Alert> alerts_;
    std::chrono::seconds since_save_{0};
    runtime::Later<GoalKeeper> again_;
};

}  // namespace brio::app
