// What a server process tells its supervisor: that it answers, which sockets it has opened, how it is.
//
// One message each, JSON in a datagram over a pair of sockets that the supervisor makes and every server
// process inherits; descriptors go with it. Bounded by the socket's buffer: what finds no room is not told.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <brio/app/handover.hpp>

namespace brio::app {

/// How a server process is, for the service manager.
struct ServerFigures {
    static constexpr bool open_object = true;
    double requests_per_second = 0;  // of the last minute
    std::uint64_t goals_kept = 0;
    std::uint64_t goals_missed = 0;
    std::uint64_t stuck_ms = 0;  // for how long the thread of its that is longest so has not come round
};

struct ServerNews {
    static constexpr bool open_object = true;
    std::int32_t pid = 0;
    bool is_ready = false;                          // it answers: once
    std::optional<HandedListeners> listeners = {};  // for its successors, in the place of those it was given
    std::optional<ServerFigures> figures = {};
};

struct NewsSockets {
    /// Throws std::system_error.
    static NewsSockets open();
    runtime::File supervisor;  // to receive
    runtime::File servers;     // to send
};

/// At most so many sockets of the API can be told (SCM_MAX_FD is 253), with the two others.
inline constexpr std::size_t most_told_listeners = 251;

/// Does not wait; whether it was taken. The listeners stay the sender's too.
bool tell(int socket, const ServerNews& news) noexcept;
/// The next message, nothing when there is none; one that is no news is left out. The descriptors of
/// `listeners` are this process' own then.
std::optional<ServerNews> hear(int socket);

}  // namespace brio::app
