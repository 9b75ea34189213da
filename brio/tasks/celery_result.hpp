// What became of a task, as Celery's result backend on Redis has it: the JSON under celery-task-meta-<id>,
// which is published under the same name too.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <brio/tasks/message.hpp>

namespace brio::tasks {

/// The key and the channel of a task's result.
std::string celery_result_key(std::string_view id);

/// AsyncResult.get() returns what is done, and raises for what failed, expired or was revoked. The type of an
/// error becomes the name of the exception's class. States that Celery has no word for are PENDING or
/// STARTED.
std::string write_celery_result(const Status& status);

/// What a worker wrote: state, result, error, when it ended, and what is known of the task where it says that
/// too (`name` and `queue` as Celery's extended results have them, `pushed` and `begun` in microseconds).
/// Nothing when it is no such JSON. A state that is not Celery's own is one of a task that runs.
std::optional<Status> read_celery_result(std::string_view text);

/// What Celery writes of an exception, as in the result of a task that failed.
std::string celery_error(std::string_view type, std::string_view words);

}  // namespace brio::tasks
