// The rules of one kind of task: a constant beside its struct.
//
//     struct Summarize {
//         Id<Resource> resource_id;
//         static constexpr tasks::Policy policy{.name = "resources.summarize", .queue =
//         "high-priority-queue",
//                                               .deadline = 5s, .retries = 3};
//     };
#pragma once
#include <chrono>
#include <cstdint>
#include <exception>
#include <string_view>

#include <brio/tasks/backoff.hpp>

namespace brio::tasks {

/// Where tasks go that no rule sends elsewhere.
inline constexpr std::string_view default_queue = "main-queue";
/// Bytes of a result, as JSON.
inline constexpr std::size_t most_result = 4 << 20;

struct Policy {
    std::string_view name;        // what travels; the same in every version of the program
    std::string_view queue = {};  // empty: by the program's task routes, else `default_queue`
    /// 0 to 9; those with a lower number are taken first within a queue, as Celery has it on Redis.
    std::uint8_t priority = 0;
    std::chrono::milliseconds goal{0};  // of a try; 0: Goals::task
    double share = 0;                   // of the tries that must hold it; 0: Goals::share
    /// Its work is stopped then, and it counts as failed: it may be tried again. 0: its goal × factor.
    std::chrono::milliseconds deadline{0};
    /// What goes on nevertheless is ended with its process, which counts as a death. 0: deadline × 1.2.
    std::chrono::milliseconds hard_deadline{0};
    int retries = 3;  // after the first try; every failure but a Permanent is tried again
    Backoff backoff = exponential(std::chrono::seconds(1));
    /// Whether trying again is of no use after this error. None: those thrown as Permanent.
    bool (*is_permanent)(const std::exception&) = nullptr;
    /// As a later step of a workflow its first field is the result of what came before (workflow.hpp).
    bool takes_previous = false;
    bool keeps_result = true;  // of at most most_result bytes: a larger one is a failure for good
    std::chrono::seconds result_lasts{3600};
};

/// Thrown by a task for what no further try will mend: it fails at once.
class Permanent : public std::exception {
public:
    explicit Permanent(std::string what) : what_(std::move(what)) {}
    const char* what() const noexcept override { return what_.c_str(); }

private:
    std::string what_;
};

/// For Policy::is_permanent: errors of these types.
template <class... Errors>
bool are_permanent(const std::exception& error) {
    return (... || (dynamic_cast<const Errors*>(&error) != nullptr));
}

}  // namespace brio::tasks
