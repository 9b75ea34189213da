// Background tasks at the admin server: look at tasks, queues and the schedule, and interfere.
//
//     GET    /api/tasks?state=running&queue=…&name=…&top=50    queues, dead tasks, tasks pushed last
//     POST   /api/tasks                          one of the program's, as NewTask says
//     GET    /api/tasks/{id}
//     POST   /api/tasks/{id}/retry               a dead one: once more, with nothing counted
//     DELETE /api/tasks/{id}                     drops a dead one; takes back or cancels any other
//     POST   /api/queues/{name}/pause | resume
//     DELETE /api/queues/{name}                  drops what waits there
//     GET    /api/schedule
//     POST   /api/schedule/{name}/on | off | run
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/http/router.hpp>
#include <brio/json/raw.hpp>
#include <brio/tasks/schedule_keeper.hpp>
#include <brio/tasks/tasks.hpp>

namespace brio::app {

/// Both outlive the router's use.
void add_task_routes(http::Router& router, tasks::Tasks& tasks, const tasks::Schedule& schedule);

/// What GET /api/tasks gives.
struct TaskReport {
    std::string broker;                      // "SQLite shop.db"
    bool is_durable = true;                  // whether a task outlives the broker's machine
    std::string warning;                     // what is wrong with the broker and what to do; empty: nothing
    std::vector<tasks::QueueStatus> queues;  // each that has tasks or is paused
    std::vector<tasks::Status> dead;
    std::vector<tasks::Status> tasks;  // of the state that was asked for, or of any, the newest first
};
/// The body of POST /api/tasks.
struct NewTask {
    std::string name;
    json::Raw arguments = json::Raw("{}");  // its fields: an object by name, or an array in their order
    std::optional<std::string> queue;       // instead of its own
    std::uint32_t countdown_seconds = 0;    // not before so long from now
};
struct ScheduleReport {
    std::vector<tasks::EntryStatus> entries;
};
struct TasksChanged {
    std::uint64_t tasks = 0;
};
struct QueueSwitched {
    std::string queue;
    bool is_paused = false;
};
/// What became of DELETE /api/tasks/{id}.
struct TaskRemoved {
    std::string id;
    tasks::State was = tasks::State::unknown;
    bool is_cancelled = false;  // it runs: its worker hears of it with its next beat
};
struct TaskStarted {
    std::string task_id;
};

}  // namespace brio::app
