// The queue as a handler or a task sees it.
//
//     Async<Accepted<Started>> process(Path<"id", Id<Resource>> id, Queue queue) {
//         co_return Accepted{Started{co_await queue.push(Summarize{*id})}};
//     }
//
// push() ends when the broker has acknowledged the task: it will be carried out or end in the dead set,
// whatever dies. Throws runtime::Unavailable when the broker cannot be reached: then it is not known whether
// the task was pushed; an id of one's own makes a second push of the same a no-op. A Queue is a cheap handle,
// used on one loop. The time is charged to the ledger's phase `enqueue`.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <brio/base/clock.hpp>
#include <brio/db/db.hpp>
#include <brio/tasks/push_options.hpp>
#include <brio/tasks/tasks.hpp>
#include <brio/tasks/workflow.hpp>

namespace brio::tasks {

/// What a task takes along from the work that pushes it.
struct Origin {
    Trace trace;
    std::string root_id;    // empty: the task is its own root
    std::string parent_id;  // empty: it was pushed by no task
};

class Queue {
public:
    explicit Queue(Tasks& tasks, Origin origin = {}) noexcept : tasks_(&tasks), origin_(std::move(origin)) {}

    /// Gives the task's id.
    template <Task T>
    Async<std::string> push(T task, PushOptions options = {}) const {
        return send(message_of(task, std::move(options)));
    }
    template <Task T>
    Async<std::string> push_in(std::chrono::milliseconds delay, T task) const {
        return push(std::move(task), {.in = delay});
    }
    template <Task T>
    Async<std::string> push_at(Timestamp at, T task) const {
        return push(std::move(task), {.at = at});
    }
    /// All or none; gives their ids in order.
    template <Task T>
    Async<std::vector<std::string>> push_all(std::vector<T> tasks, PushOptions options = {}) const {
        std::vector<Message> messages;
        messages.reserve(tasks.size());
        for (const T& each : tasks) {
            messages.push_back(message_of(each, options));
        }
        return send_all(std::move(messages));
    }
    /// Tasks that come after one another; gives their ids. All that can begin now is pushed, or none. Throws
    /// std::invalid_argument, at once, when that cannot be (signature.hpp): arguments that are no JSON, more
    /// than 100,000 tasks side by side or 64 MiB of them, a part of a group that ends with a group while
    /// something waits for it. A later step that cannot be pushed ends the one before it as failed.
    Async<Workflow::Pushed> push(Workflow workflow) const;
    /// A task of which only the name is known here, as one of another service's; `args` and `kwargs` are
    /// JSON.
    Async<std::string> push_named(std::string name, std::string args, std::string kwargs,
                                  PushOptions options = {}) const;

    /// Tasks pushed by it are part of the transaction that `db` is in: carried out if it is committed, and
    /// never otherwise. Needs the database broker on the same database: others throw std::logic_error.
    Queue within(db::Db db) const;

    Async<Status> status(std::string id) const { return tasks_->broker().status(std::move(id)); }
    /// False when it has ended or is unknown.
    Async<bool> revoke(std::string id) const { return tasks_->broker().revoke(std::move(id)); }
    Tasks& tasks() const noexcept { return *tasks_; }

private:
    template <Task T>
    Message message_of(const T& task, PushOptions options) const {
        auto message = new_message(std::string(T::policy.name), T::policy, std::move(options));
        message.kwargs = write_payload(task);
        return message;
    }
    Message new_message(std::string name, const Policy& policy, PushOptions options) const;
    Async<std::string> send(Message message) const;
    Async<std::vector<std::string>> send_all(std::vector<Message> messages) const;

    Tasks* tasks_;
    Origin origin_;
    std::shared_ptr<db::Db> transaction_;
};

}  // namespace brio::tasks

namespace brio {
using tasks::Queue;
}
