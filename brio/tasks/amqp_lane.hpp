// The queues of RabbitMQ in which the tasks of one queue wait, by their priority.
#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <brio/base/text.hpp>

namespace brio::tasks {

inline constexpr std::array<std::uint8_t, 3> later_steps{3, 6, 9};

/// The first step's has the queue's own name.
inline std::string amqp_lane(std::string_view queue, std::uint8_t priority) {
    const int step = std::min(priority / 3 * 3, 9);
    return step == 0 ? std::string(queue) : concat({queue, ".priority", integer_text(step)});
}

/// The queue whose lane this is.
inline std::string_view queue_of_lane(std::string_view lane) {
    for (const std::uint8_t step : later_steps) {
        const std::string_view queue = lane.substr(0, lane.rfind(".priority"));
        if (lane != queue && lane == amqp_lane(queue, step)) {
            return queue;
        }
    }
    return lane;
}

}  // namespace brio::tasks
