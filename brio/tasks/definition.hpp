// From a task's function to what a worker runs: arguments read, dependencies given, the result written.
//
// A task's function takes its struct and, like a handler, what it depends on; it returns Async<R> or R, where
// R is void or whatever JSON can write. Db, Cache, Queue, Progress, Deadline and Offload are given when their
// header is included (give.hpp); specialise brio::tasks::Give for types of your own.
#pragma once
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <brio/http/handler.hpp>
#include <brio/http/services.hpp>
#include <brio/json/write.hpp>
#include <brio/runtime/async.hpp>
#include <brio/tasks/message.hpp>
#include <brio/tasks/payload.hpp>
#include <brio/tasks/policy.hpp>

namespace brio::tasks {

class Tasks;

/// How a task tells how far it is.
class ProgressReporter {
public:
    virtual ~ProgressReporter() = default;
    virtual void report(double done, std::string words) = 0;
};

/// What one try runs with; outlives the try.
struct TaskContext {
    const Message& message;
    const http::Services& services;
    runtime::Work& work;
    Tasks& tasks;
    ProgressReporter& progress;
};

/// How a parameter of a task's function comes about:
///
///     template <> struct brio::tasks::Give<Mailer> {
///         using Service = Mailer;                              // optional: must be among the services
///         static Mailer from(TaskContext& context) { return context.services.get<Mailer>(); }
///     };
template <class T>
struct Give;

template <class T>
concept Given = requires(TaskContext& context) {
    { Give<T>::from(context) } -> std::same_as<T>;
};

/// Its struct names its rules.
template <class T>
concept Task = requires {
    { T::policy } -> std::convertible_to<const Policy&>;
} && reflect::Described<T>;

/// The arguments are no struct of this task: no further try will mend that.
class BadPayload : public Permanent {
public:
    using Permanent::Permanent;
};

struct Definition {
    Policy policy;
    /// Gives the result as JSON; throws what the function throws, and BadPayload.
    Async<std::string> (*run)(const Definition& self, TaskContext& context) = nullptr;
    /// Nothing when the arguments are the task's.
    std::expected<void, PayloadError> (*check)(const Message& message) = nullptr;
    std::shared_ptr<const void> function;
    std::vector<const void*> services;  // keys that Services must have
};

namespace detail {

template <class T>
void add_task_service(std::vector<const void*>& keys) {
    if constexpr (requires { typename Give<T>::Service; }) {
        keys.push_back(&http::Services::key<typename Give<T>::Service>);
    }
}

template <class Function>
struct Runner {
    using Signature = http::detail::Signature<Function>;
    using Arguments = typename Signature::Arguments;
    using Result = typename Signature::Result;
    using Value = typename http::detail::Unwrapped<Result>::type;
    using Struct = std::tuple_element_t<0, Arguments>;
    static_assert(Task<Struct>,
                  "a task's function takes its struct first, which has a `static constexpr tasks::Policy "
                  "policy`");

    static Async<std::string> run(const Definition& self, TaskContext& context) {
        auto task = read_payload<Struct>(context.message);
        if (!task) {
            throw BadPayload(std::move(task.error().words));
        }
        auto const& function = *static_cast<const Function*>(self.function.get());
        auto called = [&]<std::size_t... I>(std::index_sequence<I...>) {
            return function(std::move(*task), give<std::tuple_element_t<I + 1, Arguments>>(context)...);
        };
        constexpr auto others = std::make_index_sequence<std::tuple_size_v<Arguments> - 1>();
        if constexpr (!http::detail::is_async<Result>::value) {
            if constexpr (std::is_void_v<Value>) {
                called(others);
                co_return "null";
            } else {
                co_return json::to_string(called(others));
            }
        } else if constexpr (std::is_void_v<Value>) {
            co_await called(others);
            co_return "null";
        } else {
            co_return json::to_string(co_await called(others));
        }
    }

    static std::expected<void, PayloadError> check(const Message& message) {
        auto task = read_payload<Struct>(message);
        return task ? std::expected<void, PayloadError>() : std::unexpected(std::move(task.error()));
    }

    static std::vector<const void*> services() {
        std::vector<const void*> keys;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (add_task_service<std::tuple_element_t<I + 1, Arguments>>(keys), ...);
        }(std::make_index_sequence<std::tuple_size_v<Arguments> - 1>());
        return keys;
    }

private:
    template <class T>
    static T give(TaskContext& context) {
        static_assert(Given<T>,
                      "a parameter's type has no tasks::Give<T>: include brio/tasks/give.hpp, or "
                      "specialise brio::tasks::Give for your own");
        return Give<T>::from(context);
    }
};

}  // namespace detail

template <class Function>
Definition define(Function function) {
    using Runner = detail::Runner<Function>;
    return {.policy = Runner::Struct::policy,
            .run = &Runner::run,
            .check = &Runner::check,
            .function = std::make_shared<const Function>(std::move(function)),
            .services = Runner::services()};
}

}  // namespace brio::tasks
