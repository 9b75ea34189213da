// What a handler leaves in the exchange when its answer is a stream: how it is made, and its rules.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include <brio/http/stream_channel.hpp>
#include <brio/runtime/async.hpp>

namespace brio::http {

/// What happens to a client that takes a stream's bytes more slowly than they are made. Limits::stream_buffer
/// of them wait for it either way; then the producer waits too.
enum class WhenSlow : std::uint8_t {
    drop,  // it is left when it takes nothing for Limits::write_stall
    wait,  // as long as its connection lasts
};

struct StreamPlan {
    std::move_only_function<Async<void>(StreamChannel&)> produce;
    WhenSlow when_slow = WhenSlow::drop;
    std::optional<std::chrono::nanoseconds> most_time;  // then it is ended; none: as long as it likes
    std::optional<std::chrono::nanoseconds> heartbeat;  // a comment after so long without an event
    bool is_of_events = false;  // its end, however it comes, is one that clients repair
};

}  // namespace brio::http
