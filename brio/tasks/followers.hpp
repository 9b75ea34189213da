// What follows the end of a task: the next step of its chain, its callbacks, and the task that waits for all
// of its group (Celery's canvas, without its gaps: a group of which a part fails, dies, expires or is revoked
// is not waited for for ever).
//
// It is told before the end is settled, so that it is not lost; told again, as after the death of a worker
// between the two, it changes nothing, since what is pushed then has the id that it had. So a step fires once
// while the task before it is known.
#pragma once
#include <vector>

#include <brio/tasks/broker.hpp>
#include <brio/tasks/tasks.hpp>

namespace brio::tasks {

/// A task that is_followed(), and how it ends.
struct Ending {
    Message message;
    Settlement settlement;
};
/// Whether it has an end that others wait for.
bool has_followers(const Message& message, const Settlement& settlement) noexcept;

/// Gives how those end instead that are done and of which what follows can never be pushed (an id that no
/// broker takes, too much of it): failed, with the error type "followers". Throws runtime::Unavailable and
/// Cancelled: to be tried again, all of it.
///
/// When a step fails for good, those after it, and the task that waits for its group, are dead too, with
/// "upstream". When it is retried from the dead set and done then, they are carried out nevertheless.
Async<std::vector<Settlement>> tell_followers(Tasks& tasks, std::vector<Ending> endings, Timestamp now);

}  // namespace brio::tasks
