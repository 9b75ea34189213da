#include <brio/tasks/queue.hpp>

#include <stdexcept>

#include <brio/base/steady_wall.hpp>
#include <brio/base/text.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/runtime/work.hpp>
#include <brio/tasks/signature.hpp>

namespace brio::tasks {

Message Queue::new_message(std::string name, const Policy& policy, PushOptions options) const {
    const Timestamp now(steady_wall_now());
    auto message = tasks_->new_message(std::move(name), policy, now);
    const auto from_now = [now](std::chrono::milliseconds time) {
        return Timestamp(now.microseconds + std::chrono::microseconds(time).count());
    };
    if (!options.id.empty()) {
        message.id = std::move(options.id);
    }
    if (!options.queue.empty()) {
        message.queue = std::move(options.queue);
    }
    message.priority = options.priority.value_or(message.priority);
    if (options.at) {
        message.due = options.at;
    } else if (options.in) {
        message.due = from_now(*options.in);
    }
    if (options.expires) {
        message.expires = from_now(*options.expires);
    }
    message.deadline = options.deadline;
    message.trace = origin_.trace;
    message.root_id = origin_.root_id.empty() ? message.id : origin_.root_id;
    message.parent_id = origin_.parent_id;
    return message;
}

Queue Queue::within(db::Db db) const {
    Queue within(*this);
    within.transaction_ = std::make_shared<db::Db>(std::move(db));
    return within;
}

Async<std::vector<std::string>> Queue::send_all(std::vector<Message> messages) const {
    // A copy of what is needed: the handle may be gone before this ends.
    return [](Tasks* tasks, std::shared_ptr<db::Db> transaction,
              std::vector<Message> all) -> Async<std::vector<std::string>> {
        auto& work = co_await runtime::current_work;
        const ledger::PhaseScope phase(work.ledger, ledger::Phase::enqueue);
        std::vector<std::string> ids;
        std::vector<std::string> names;
        for (const Message& each : all) {
            ids.push_back(each.id);
            names.push_back(each.name);
        }
        if (transaction != nullptr) {
            co_await tasks->broker().push_within(*transaction, std::move(all));
        } else {
            co_await tasks->broker().push(std::move(all));
        }
        for (const std::string& name : names) {
            tasks->metrics().pushed(name);
        }
        co_return ids;
    }(tasks_, transaction_, std::move(messages));
}

Async<std::string> Queue::send(Message message) const {
    std::vector<Message> one;
    one.push_back(std::move(message));
    return [](Async<std::vector<std::string>> sent) -> Async<std::string> {
        auto ids = co_await std::move(sent);
        co_return std::move(ids.front());
    }(send_all(std::move(one)));
}

Async<Workflow::Pushed> Queue::push(Workflow workflow) const {
    const Timestamp now(steady_wall_now());
    auto [signature, pushed] = workflow.signature(*tasks_, now);
    const Before before{.tasks = *tasks_,
                        .now = now,
                        .id = origin_.parent_id,
                        .root_id = origin_.root_id,
                        .trace = origin_.trace,
                        .queue = {},
                        .result = {}};
    auto messages = fire(signature, {}, before);
    if (!messages) {
        throw std::invalid_argument(concat({"the workflow cannot be pushed: ", messages.error()}));
    }
    return [](Async<std::vector<std::string>> sent, Workflow::Pushed all) -> Async<Workflow::Pushed> {
        co_await std::move(sent);
        co_return all;
    }(send_all(std::move(*messages)), std::move(pushed));
}

Async<std::string> Queue::push_named(std::string name, std::string args, std::string kwargs,
                                     PushOptions options) const {
    const auto* definition = tasks_->find(name);
    const Policy unknown{.name = name};
    auto message =
        new_message(name, definition != nullptr ? definition->policy : unknown, std::move(options));
    message.args = std::move(args);
    message.kwargs = std::move(kwargs);
    return send(std::move(message));
}

}  // namespace brio::tasks
