// What a task's function may take besides its struct.
#pragma once
#include <chrono>
#include <string>
#include <utility>

#include <brio/db/database.hpp>
#include <brio/http/client.hpp>
#include <brio/http/offload.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/tasks/definition.hpp>
#include <brio/tasks/queue.hpp>

namespace brio::tasks {

/// Says how far the task is; shown by GET /api/tasks/{id} and the dashboard, at most a few times a second.
class Progress {
public:
    explicit Progress(ProgressReporter& reporter) noexcept : reporter_(&reporter) {}
    /// `done` from 0 to 1.
    void operator()(double done, std::string words = {}) const { reporter_->report(done, std::move(words)); }

private:
    ProgressReporter* reporter_;
};

/// When the task is told to stop; its waits end then with Cancelled.
class Deadline {
public:
    explicit Deadline(runtime::Work& work) noexcept : work_(&work) {}
    std::chrono::nanoseconds left() const noexcept { return work_->deadline - work_->loop->now(); }

private:
    runtime::Work* work_;
};

/// How often it has been tried before.
struct Attempt {
    int failures = 0;
    int deaths = 0;
};

template <>
struct Give<db::Db> {
    using Service = db::Database;
    static db::Db from(TaskContext& context) { return context.services.get<db::Database>().db(); }
};
template <>
struct Give<Queue> {
    static Queue from(TaskContext& context) {
        const Message& message = context.message;
        return Queue(context.tasks, {.trace = message.trace,
                                     .root_id = message.root_id.empty() ? message.id : message.root_id,
                                     .parent_id = message.id});
    }
};
/// Requests to others, which go on with the trace of whoever pushed the task. Needs an http::Client among the
/// program's services.
template <>
struct Give<http::Outbound> {
    using Service = http::Client;
    static http::Outbound from(TaskContext& context) {
        return http::Outbound(context.services.get<http::Client>(),
                              context.services.get<runtime::OffloadPool>(),
                              {.request_id = {},
                               .trace = http::parse_traceparent(context.message.trace.parent),
                               .trace_state = context.message.trace.state});
    }
};
template <>
struct Give<Progress> {
    static Progress from(TaskContext& context) { return Progress(context.progress); }
};
template <>
struct Give<Deadline> {
    static Deadline from(TaskContext& context) { return Deadline(context.work); }
};
template <>
struct Give<Attempt> {
    static Attempt from(TaskContext& context) {
        return {.failures = context.message.failures, .deaths = context.message.deaths};
    }
};
template <>
struct Give<http::Offload> {
    using Service = runtime::OffloadPool;
    static http::Offload from(TaskContext& context) {
        return http::Offload(context.services.get<runtime::OffloadPool>());
    }
};

}  // namespace brio::tasks

namespace brio {
using tasks::Progress;
}
