// What commands print of background tasks: `task`, `queue` and `schedule` of a program, and `brio tasks`.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <brio/tasks/broker.hpp>
#include <brio/tasks/schedule_keeper.hpp>

namespace brio::tasks {

/// A line each: id, task, queue, state, when it was pushed, and what the last try failed with.
std::string list_tasks(const std::vector<Status>& all);
/// All that is known of one, a line each; what is not known has none.
std::string describe_task(const Status& task);
/// A line each: how many are ready, scheduled, running and dead, and how long the oldest has been ready.
std::string list_queues(const std::vector<QueueStatus>& all, Timestamp now);
/// A line each: when it fires, the task, whether it is on, its last and its next tick.
std::string list_schedule(const std::vector<EntryStatus>& all);

}  // namespace brio::tasks
