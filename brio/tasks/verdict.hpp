// What becomes of a task whose try has ended: done, tried again, or failed for good. Pure.
#pragma once
#include <exception>
#include <string>

#include <brio/reflect/timestamp.hpp>
#include <brio/tasks/broker.hpp>
#include <brio/tasks/policy.hpp>

namespace brio::tasks {

/// How a try failed.
struct Failure {
    std::string type;   // "std::runtime_error", "deadline", "unknown_task": a label of metrics
    std::string words;  // for people
    bool is_permanent = false;
};
/// Of the exception that is being handled; Cancelled by its deadline is "deadline". `policy` may call it
/// permanent.
Failure failure_of_current(const Policy& policy);

struct Tried {
    const Message& message;
    const Policy& policy;
    Timestamp now;
    double chance;  // random in [0, 1)
};
/// The settlement of a try that failed: `held` is left to be filled.
Settlement settle_failure(const Tried& tried, Failure failure);

}  // namespace brio::tasks
