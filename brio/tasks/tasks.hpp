// The program's tasks: one of it, shared by all threads. Handlers and tasks get a Queue of it (queue.hpp); a
// Worker (worker.hpp) carries them out.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <brio/ledger/goals.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/tasks/broker.hpp>
#include <brio/tasks/definition.hpp>
#include <brio/tasks/routes.hpp>
#include <brio/tasks/task_metrics.hpp>

namespace brio::ledger {
class BlackBox;
class SpanQueue;
}  // namespace brio::ledger

namespace brio::tasks {

/// What a program was built with: its functions and where their tasks go.
struct TaskSet {
    std::vector<Definition> definitions;
    TaskRoutes routes;

    bool empty() const noexcept { return definitions.empty(); }
    /// Null: there is none of that name. Stops the program when two have one name.
    const Definition* find(std::string_view name) const noexcept;
    /// A policy's own queue, else by the routes, else `default_queue`.
    std::string queue_of(std::string_view name, std::string_view own_queue) const;
    /// Those that its tasks go to.
    std::vector<std::string> own_queues() const;
};

class Tasks {
public:
    /// Both outlive it; loops that use it end before.
    Tasks(const TaskSet& set, Broker& broker, metrics::Registry& registry, Goals goals = {});
    Tasks(const Tasks&) = delete;
    Tasks& operator=(const Tasks&) = delete;

    Broker& broker() noexcept { return broker_; }
    const Definition* find(std::string_view name) const noexcept { return set_.find(name); }
    const TaskSet& set() const noexcept { return set_; }
    TaskMetrics& metrics() noexcept { return metrics_; }
    const Goals& goals() const noexcept { return goals_; }
    /// What is kept of tries that were over their goal or failed goes there; before anything runs.
    void keep_slow_in(ledger::BlackBox& box) noexcept { black_box_ = &box; }
    ledger::BlackBox* black_box() const noexcept { return black_box_; }
    /// Where spans of tries go; before anything runs.
    void give_spans_to(ledger::SpanQueue& spans) noexcept { spans_ = &spans; }
    ledger::SpanQueue* spans() const noexcept { return spans_; }

    std::string queue_of(std::string_view name, std::string_view own_queue) const {
        return set_.queue_of(name, own_queue);
    }
    /// The policy's, else the program's.
    std::chrono::nanoseconds goal_of(const Policy& policy) const noexcept {
        return policy.goal.count() > 0 ? policy.goal : goals_.task;
    }
    /// The policy's, or what the goals make of its absence.
    std::chrono::milliseconds deadline_of(const Message& message, const Policy& policy) const noexcept;
    std::chrono::milliseconds hard_deadline_of(const Message& message, const Policy& policy) const noexcept;
    /// A message of this name with an id of its own. `now` is the wall clock.
    Message new_message(std::string name, const Policy& policy, Timestamp now) const;

private:
    const TaskSet& set_;
    Broker& broker_;
    const Goals goals_;
    TaskMetrics metrics_;
    ledger::BlackBox* black_box_ = nullptr;
    ledger::SpanQueue* spans_ = nullptr;
};

}  // namespace brio::tasks
