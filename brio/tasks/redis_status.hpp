// Statuses as the scripts of the Redis broker answer them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <brio/redis/command.hpp>
#include <brio/redis/reply.hpp>
#include <brio/tasks/message.hpp>

namespace brio::tasks {

/// Asks for what read_told() reads.
redis::Command ask_told(std::string_view id);

struct Told {
    Status status;
    std::optional<Timestamp> until;  // forgotten then
};
/// `kept`: the result as Celery has it, or nothing. Unknown where nothing was told.
Told read_told(std::string id, const redis::Reply& reply, std::string_view kept);
/// Of pairs of an id and what is told of it.
std::vector<Status> read_all_told(redis::Reply reply);

}  // namespace brio::tasks
