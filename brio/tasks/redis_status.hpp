// Statuses as the scripts of the Redis broker answer them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <brio/redis/reply.hpp>
#include <brio/tasks/message.hpp>

namespace brio::tasks {

struct Told {
    Status status;
    std::optional<Timestamp> until;  // forgotten then
};
/// What the script `status` answers. Unknown where nothing was told.
Told read_told(std::string id, const redis::Reply& reply);
/// Of pairs of an id and what is told of it.
std::vector<Status> read_all_told(redis::Reply reply);

}  // namespace brio::tasks
