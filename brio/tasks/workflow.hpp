// Workflows: tasks that come one after the other, side by side, or when all of others are done.
//
//     co_await queue.push(chain(Fetch{url}, group(Thumbnail{.size = 64}, Thumbnail{.size = 256}),
//     Publish{}));
//
// What a group has for each of its tasks a later step gets for the whole of it: a step after a group begins
// when all of it is done, once (a chord). The first field of a step whose policy says `takes_previous` is the
// result of what came before: of a group the list of its results, in order. Its value in the program is not
// sent.
//
// A step that fails for good ends its chain, and the task that waits for its group: those after it are dead
// as well, with the error type "upstream" and the id of the one that failed. When that one is retried from
// the dead set and done then, they are carried out nevertheless. What dies with its workers, expires or is
// revoked has failed as well.
//
// Workflows travel as Celery's (signature.hpp): steps may be Python's (`Workflow::named`), and Python's
// chains, groups and chords may have steps of this program. Each step is pushed before the end of the one
// before is settled, and not again while its id is known: it may run twice as any task, but is not lost.
#pragma once
#include <concepts>
#include <string>
#include <utility>
#include <vector>

#include <brio/json/raw.hpp>
#include <brio/json/write.hpp>
#include <brio/tasks/definition.hpp>
#include <brio/tasks/push_options.hpp>

namespace brio::tasks {

class Tasks;

class Workflow {
public:
    /// A single task. `in` and `expires` of its options count from when its turn has come.
    template <Task T>
    Workflow(T task, PushOptions options = {})  // NOLINT: a task is a workflow of one step
        : name_(T::policy.name),
          kwargs_(json::to_string(task)),
          policy_(&T::policy),
          takes_previous_(T::policy.takes_previous),
          options_(std::move(options)) {
        static_assert(!T::policy.takes_previous || !reflect::field_names<T>.empty(),
                      "a task that takes the result of the step before has a field for it, its first");
        if constexpr (T::policy.takes_previous) {
            previous_ = reflect::field_names<T>.front();
        }
    }
    /// A task of which only the name is known here; `args` and `kwargs` are JSON, of an array and an object.
    /// With `takes_previous` the result of the step before comes before `args`.
    static Workflow named(std::string name, std::string args, std::string kwargs, bool takes_previous = true,
                          PushOptions options = {});

    /// Pushed when this fails for good, whichever step of it; with `takes_previous` it gets the id of the
    /// task that failed.
    Workflow on_failure(Workflow then) &&;

    static Workflow chain_of(std::vector<Workflow> steps);
    static Workflow group_of(std::vector<Workflow> tasks);

    /// What a push of it gives.
    struct Pushed {
        std::string id;                // of the step whose result is the workflow's; empty: a group is last
        std::vector<std::string> ids;  // of all tasks, in order
    };
    /// As a signature, and the ids that its tasks have now.
    std::pair<json::Raw, Pushed> signature(const Tasks& tasks, Timestamp now) const;

private:
    enum class Kind : std::uint8_t { task, chain, group };
    class Writer;

    Workflow() = default;

    Kind kind_ = Kind::task;
    std::string name_;
    std::string args_ = "[]";
    std::string kwargs_ = "{}";
    const Policy* policy_ = nullptr;  // null: not known here
    bool takes_previous_ = false;
    std::string previous_;  // the field that is not sent behind another step
    PushOptions options_;
    std::vector<Workflow> parts_;
    std::vector<Workflow> on_failure_;
};

/// One after the other.
template <class... Steps>
    requires(sizeof...(Steps) > 0 && (... && std::convertible_to<Steps, Workflow>))
Workflow chain(Steps... steps) {
    std::vector<Workflow> all;
    (all.push_back(Workflow(std::move(steps))), ...);
    return Workflow::chain_of(std::move(all));
}
/// Side by side.
template <class... Tasks>
    requires(sizeof...(Tasks) > 0 && (... && std::convertible_to<Tasks, Workflow>))
Workflow group(Tasks... tasks) {
    std::vector<Workflow> all;
    (all.push_back(Workflow(std::move(tasks))), ...);
    return Workflow::group_of(std::move(all));
}
template <Task T>
Workflow group(std::vector<T> tasks) {
    std::vector<Workflow> all;
    for (T& each : tasks) {
        all.push_back(Workflow(std::move(each)));
    }
    return Workflow::group_of(std::move(all));
}
/// `then` when all of `tasks` are done: the same as a chain of both.
inline Workflow chord(Workflow tasks, Workflow then) { return chain(std::move(tasks), std::move(then)); }

}  // namespace brio::tasks
