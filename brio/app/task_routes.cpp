#include <brio/app/task_routes.hpp>

#include <algorithm>

#include <brio/app/typed_task.hpp>
#include <brio/base/steady_wall.hpp>
#include <brio/base/text.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/problem.hpp>
#include <brio/tasks/queue.hpp>

namespace brio::app {

namespace {

constexpr std::uint32_t most_tasks = 1'000;
constexpr std::size_t longest_name = 200;

using Id = http::Path<"id", std::string>;
using Name = http::Path<"name", std::string>;

struct ReportQuery {
    std::uint32_t top = 50;
    std::optional<tasks::State> state;
    std::optional<std::string> queue;  // of the dead
    std::optional<std::string> name;   // of the dead
};

http::Response answer_with(std::string json) {
    http::Response response;
    response.json(std::move(json)).cache_control("no-store");
    return response;
}

struct SendReport {
    tasks::Tasks* tasks;

    Async<http::Response> operator()(http::Query<ReportQuery> query) const { return send(tasks, *query); }

    static Async<http::Response> send(tasks::Tasks* tasks, ReportQuery query) {
        auto& broker = tasks->broker();
        const std::size_t most = std::clamp(query.top, 1U, most_tasks);
        auto durability = co_await broker.durability();
        TaskReport report{.broker = broker.words(),
                          .is_durable = durability.is_durable,
                          .warning = std::move(durability.words),
                          .queues = co_await broker.queues(),
                          .dead = {},
                          .tasks = {}};
        report.dead = co_await broker.dead(
            {.queue = query.queue.value_or(""), .name = query.name.value_or(""), .most = most});
        report.tasks = co_await broker.list(query.state, most);
        co_return answer_with(json::to_string(report));
    }
};

struct PushTask {
    tasks::Tasks* tasks;

    Async<http::Accepted<TaskStarted>> operator()(http::Body<NewTask> body) const {
        return push(tasks, std::move(body.value));
    }

    static Async<http::Accepted<TaskStarted>> push(tasks::Tasks* tasks, NewTask task) {
        const auto* definition = tasks->find(task.name);
        if (definition == nullptr) {
            throw http::invalid(http::In::body, "name",
                                concat({"is no task of this program; there are ", names_of(*tasks)}));
        }
        auto message = message_of(*definition, task.arguments.text);
        if (!message) {
            throw http::invalid(http::In::body, "arguments", message.error());
        }
        if (task.queue && (task.queue->empty() || task.queue->size() > longest_name)) {
            throw http::invalid(http::In::body, "queue", "is no queue's name");
        }
        tasks::PushOptions options{.queue = task.queue.value_or("")};
        if (task.countdown_seconds > 0) {
            options.in = std::chrono::seconds(task.countdown_seconds);
        }
        co_return http::Accepted{TaskStarted{co_await tasks::Queue(*tasks).push_named(
            std::move(task.name), std::move(message->args), std::move(message->kwargs), std::move(options))}};
    }

    static std::string names_of(const tasks::Tasks& tasks) {
        std::string names;
        for (const auto& each : tasks.set().definitions) {
            names += concat({names.empty() ? "" : ", ", each.policy.name});
        }
        return names;
    }
};

struct SendTask {
    tasks::Tasks* tasks;

    Async<http::Response> operator()(Id id) const { return send(tasks, *id); }

    static Async<http::Response> send(tasks::Tasks* tasks, std::string id) {
        auto status = co_await tasks->broker().status(std::move(id));
        if (status.state == tasks::State::unknown) {
            throw http::not_found("task");
        }
        co_return answer_with(json::to_string(status));
    }
};

struct RetryTask {
    tasks::Tasks* tasks;

    Async<TasksChanged> operator()(Id id) const { return retry(tasks, *id); }

    static Async<TasksChanged> retry(tasks::Tasks* tasks, std::string id) {
        const std::vector<std::string> one{id};
        if (const auto count = co_await tasks->broker().retry_dead(one); count > 0) {
            co_return TasksChanged{count};
        }
        const auto status = co_await tasks->broker().status(std::move(id));
        if (status.state == tasks::State::unknown) {
            throw http::not_found("task");
        }
        throw http::conflict("not_dead", concat({"the task is ", name_of(status.state),
                                                 ": only one that failed for good can be retried"}));
    }
};

struct RemoveTask {
    tasks::Tasks* tasks;

    Async<TaskRemoved> operator()(Id id) const { return remove(tasks, *id); }

    static Async<TaskRemoved> remove(tasks::Tasks* tasks, std::string id) {
        const auto status = co_await tasks->broker().status(id);
        const std::vector<std::string> one{id};
        if (status.state == tasks::State::unknown) {
            throw http::not_found("task");
        }
        if (status.state == tasks::State::failed ? co_await tasks->broker().drop_dead(one) > 0
                                                 : co_await tasks->broker().revoke(id)) {
            co_return TaskRemoved{.id = std::move(id),
                                  .was = status.state,
                                  .is_cancelled = status.state == tasks::State::running};
        }
        throw http::conflict(
            "has_ended", concat({"the task is ", name_of(status.state), ": there is nothing to take back"}));
    }
};

// A queue is there as soon as somebody names it.
std::string queue_named(const Name& name) {
    if (name->empty() || name->size() > longest_name) {
        throw http::invalid(http::In::path, "name", "is no queue's name");
    }
    return *name;
}

struct SwitchQueue {
    tasks::Tasks* tasks;
    bool pauses;

    Async<QueueSwitched> operator()(Name name) const { return turn(tasks, queue_named(name), pauses); }

    static Async<QueueSwitched> turn(tasks::Tasks* tasks, std::string queue, bool pauses) {
        co_await tasks->broker().pause(queue, pauses);
        co_return QueueSwitched{std::move(queue), pauses};
    }
};

struct PurgeQueue {
    tasks::Tasks* tasks;

    Async<TasksChanged> operator()(Name name) const { return purge(tasks, queue_named(name)); }

    static Async<TasksChanged> purge(tasks::Tasks* tasks, std::string queue) {
        co_return TasksChanged{co_await tasks->broker().purge(std::move(queue))};
    }
};

struct SendSchedule {
    tasks::Tasks* tasks;
    const tasks::Schedule* schedule;

    Async<http::Response> operator()() const { return send(tasks, schedule); }

    static Async<http::Response> send(tasks::Tasks* tasks, const tasks::Schedule* schedule) {
        ScheduleReport report;
        for (const auto& entry : schedule->entries()) {
            report.entries.push_back(co_await tasks::status_of(*tasks, entry, Timestamp(steady_wall_now())));
        }
        co_return answer_with(json::to_string(report));
    }
};

const tasks::ScheduleEntry& entry_named(const tasks::Schedule& schedule, const Name& name) {
    const auto* entry = schedule.find(*name);
    if (entry == nullptr) {
        throw http::not_found("entry of the schedule");
    }
    return *entry;
}

struct SwitchEntry {
    tasks::Tasks* tasks;
    const tasks::Schedule* schedule;
    bool is_on;

    Async<tasks::EntryStatus> operator()(Name name) const {
        return turn(tasks, &entry_named(*schedule, name), is_on);
    }

    static Async<tasks::EntryStatus> turn(tasks::Tasks* tasks, const tasks::ScheduleEntry* entry,
                                          bool is_on) {
        const Timestamp now(steady_wall_now());
        co_await tasks::switch_entry(*tasks, *entry, is_on, now);
        co_return co_await tasks::status_of(*tasks, *entry, now);
    }
};

struct RunEntry {
    tasks::Tasks* tasks;
    const tasks::Schedule* schedule;

    Async<http::Accepted<TaskStarted>> operator()(Name name) const {
        return run(tasks, &entry_named(*schedule, name));
    }

    static Async<http::Accepted<TaskStarted>> run(tasks::Tasks* tasks, const tasks::ScheduleEntry* entry) {
        co_return http::Accepted{
            TaskStarted{co_await tasks::run_now(*tasks, *entry, Timestamp(steady_wall_now()))}};
    }
};

}  // namespace

void add_task_routes(http::Router& router, tasks::Tasks& tasks, const tasks::Schedule& schedule) {
    router.get<"/api/tasks">(SendReport{&tasks});
    router.post<"/api/tasks">(PushTask{&tasks});
    router.get<"/api/tasks/{id}">(SendTask{&tasks});
    router.post<"/api/tasks/{id}/retry">(RetryTask{&tasks});
    router.del<"/api/tasks/{id}">(RemoveTask{&tasks});
    router.post<"/api/queues/{name}/pause">(SwitchQueue{&tasks, true});
    router.post<"/api/queues/{name}/resume">(SwitchQueue{&tasks, false});
    router.del<"/api/queues/{name}">(PurgeQueue{&tasks});
    router.get<"/api/schedule">(SendSchedule{&tasks, &schedule});
    router.post<"/api/schedule/{name}/on">(SwitchEntry{&tasks, &schedule, true});
    router.post<"/api/schedule/{name}/off">(SwitchEntry{&tasks, &schedule, false});
    router.post<"/api/schedule/{name}/run">(RunEntry{&tasks, &schedule});
}

}  // namespace brio::app
