// What the Redis broker keeps of a plain task: one that is due, has neither failed nor expires, that nothing
// follows, and of which nothing is known but that it was pushed, and who runs it. Most tasks are no more all
// their lives, so theirs is one short text, a field of a hash, that scripts cut and join; what is more is
// unfolded into a hash.
//
//     n"name":"a.b","queue":"q","priority":0,"pushed":1764000000000000
//     r42<31>worker<31>"begun":1764000000000001,"name":…
//
// Waiting, and running under a fence; N and R where nobody wants the result. What stands behind is a piece of
// JSON, which becomes a part of the result.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <brio/tasks/message.hpp>

namespace brio::tasks {

bool is_plain(const Message& message) noexcept;
/// Of one that waits. Requires is_plain().
std::string write_plain(const Message& message);
/// Of an envelope as write_celery() begins it.
std::string_view id_in_front(std::string_view envelope) noexcept;
/// What it says of the task, or nothing when it is no such record.
std::optional<Status> read_plain(std::string_view record);

}  // namespace brio::tasks
