#include <brio/tasks/tasks.hpp>

#include <algorithm>

#include <brio/base/random.hpp>
#include <brio/reflect/uuid.hpp>

namespace brio::tasks {

namespace {
// From the moment at which a task is told to stop to the one at which its process is ended.
constexpr std::chrono::milliseconds time_to_stop(std::chrono::milliseconds deadline) noexcept {
    return deadline / 5;
}
}  // namespace

const Definition* TaskSet::find(std::string_view name) const noexcept {
    const auto found =
        std::ranges::find(definitions, name, [](const auto& each) { return each.policy.name; });
    return found != definitions.end() ? &*found : nullptr;
}

std::string TaskSet::queue_of(std::string_view name, std::string_view own_queue) const {
    const auto routed = own_queue.empty() ? routes.queue_of(name) : own_queue;
    return std::string(routed.empty() ? default_queue : routed);
}

std::vector<std::string> TaskSet::own_queues() const {
    std::vector<std::string> queues;
    for (const Definition& each : definitions) {
        queues.push_back(queue_of(each.policy.name, each.policy.queue));
    }
    std::ranges::sort(queues);
    const auto repeated = std::ranges::unique(queues);
    queues.erase(repeated.begin(), repeated.end());
    return queues;
}

Tasks::Tasks(const TaskSet& set, Broker& broker, metrics::Registry& registry, Goals goals)
    : set_(set),
      broker_(broker),
      goals_(goals),
      metrics_(registry, [this](std::string_view name) {
          const Definition* its = find(name);
          return its != nullptr ? goal_of(its->policy) : goals_.task;
      }) {
    for (const Definition& each : set.definitions) {
        expect(set.find(each.policy.name) == &each, "two tasks of a program have two names");
    }
}

std::chrono::milliseconds Tasks::deadline_of(const Message& message, const Policy& policy) const noexcept {
    if (message.deadline) {
        return *message.deadline;
    }
    return policy.deadline.count() > 0 ? policy.deadline
                                       : std::chrono::duration_cast<std::chrono::milliseconds>(
                                             goal_of(policy) * goals_.deadline_factor);
}

std::chrono::milliseconds Tasks::hard_deadline_of(const Message& message,
                                                  const Policy& policy) const noexcept {
    const auto deadline = deadline_of(message, policy);
    const auto hard = message.hard_deadline              ? *message.hard_deadline
                      : policy.hard_deadline.count() > 0 ? policy.hard_deadline
                                                         : deadline + time_to_stop(deadline);
    return std::max(hard, deadline);
}

Message Tasks::new_message(std::string name, const Policy& policy, Timestamp now) const {
    Message message;
    message.id = Uuid::v7(now, thread_random()).text();
    message.queue = queue_of(name, policy.queue);
    message.name = std::move(name);
    message.priority = policy.priority;
    message.ignores_result = !policy.keeps_result;
    message.pushed_at = now;
    message.root_id = message.id;
    return message;
}

}  // namespace brio::tasks
