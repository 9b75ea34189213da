// Makes tasks of a schedule's ticks, each once over any number of instances: one leader at a time pushes them
// under an id that follows from the tick, and then notes at the broker how far it came.
//
// Whoever leads next goes on from that note. A leader that dies between the two steps, or wakes up after
// another has taken over, pushes an id that is there already: nothing happens. A task whose policy keeps no
// result leaves no trace once it is done, so that it may come twice there, as every task may.
//
// An entry fires first at its first tick after an instance first knew it. A tick whose task cannot be made,
// since the entry's function throws or the broker refuses what it gives, is passed over with a line in the
// log.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/runtime/async.hpp>
#include <brio/tasks/clocks.hpp>
#include <brio/tasks/schedule.hpp>
#include <brio/tasks/schedule_metrics.hpp>

namespace brio::tasks {

struct KeeperOptions {
    /// Of one that died, until another may take over.
    std::chrono::milliseconds lead_lasts = std::chrono::seconds(15);
};

/// For one loop.
class ScheduleKeeper {
public:
    /// Both outlive it.
    ScheduleKeeper(Tasks& tasks, const Schedule& schedule, KeeperOptions options = {}, Clocks clocks = {});
    ScheduleKeeper(const ScheduleKeeper&) = delete;
    ScheduleKeeper& operator=(const ScheduleKeeper&) = delete;

    /// Goes on until it is cancelled, and then hands over: start it in a scope of the control loop. Ends at
    /// once when the schedule is empty. Outages of the broker are logged once and outlasted.
    Async<void> keep();
    /// Leads no more, and says so: another instance leads at its next look, which each makes every second.
    /// Goes on when its caller is stopped, for a second at most.
    Async<void> hand_over();

    /// One look: fires what is due if this instance leads. Gives how long the next one can wait.
    Async<std::chrono::milliseconds> step();
    bool is_leading() const noexcept { return is_leading_; }

private:
    Async<void> fire(const ScheduleEntry& entry, Timestamp now);
    Async<void> push(const ScheduleEntry& entry, Timestamp tick);

    Tasks& tasks_;
    const Schedule& schedule_;
    const KeeperOptions options_;
    const Clocks clocks_;
    ScheduleMetrics metrics_;
    const std::string id_;
    std::vector<Timestamp> looks_;  // of each entry: when it needs a look
    bool is_leading_ = false;
    bool has_led_ = false;
    bool has_fault_ = false;
};

/// What is known of an entry.
struct EntryStatus {
    std::string name;
    std::string when;
    std::string task;
    bool is_on = true;
    std::optional<Timestamp> last;  // the last tick that is done, fired or passed over
    std::optional<Timestamp> next;  // none: it is off
};

/// Any process may ask and switch; `entry` and `tasks` outlive the call. A switch holds for all instances,
/// and over restarts. What an entry misses while it is off is not caught up.
Async<EntryStatus> status_of(Tasks& tasks, const ScheduleEntry& entry, Timestamp now);
Async<void> switch_entry(Tasks& tasks, const ScheduleEntry& entry, bool is_on, Timestamp now);
/// Pushes the entry's task as if now was a tick, whether it is on or not; gives the task's id.
Async<std::string> run_now(Tasks& tasks, const ScheduleEntry& entry, Timestamp now);

}  // namespace brio::tasks
