// A task as somebody types it: its name, and its arguments as JSON.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include <brio/tasks/definition.hpp>

namespace brio::app {

/// What is pushed: `arguments` are the fields of the task's struct by name (an object) or in their order (an
/// array); empty text is an empty object. Else why they are none of this task.
std::expected<tasks::Message, std::string> message_of(const tasks::Definition& task,
                                                      std::string_view arguments);

}  // namespace brio::app
