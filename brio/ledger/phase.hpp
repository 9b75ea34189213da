// Where the time of one unit of work can go.
//
// Phases partition the wall time: exactly one is current. Requests and tasks share one array: what both do
// has one name, `handler` is a request's rest and `run` a task's, `queue` a request's wait and `wait` a
// task's.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace brio::ledger {

enum class Phase : std::uint8_t {
    read,       // request: from its first byte to its last
    queue,      // request: admitted, not begun
    validate,   // request: parameters and body to types
    cache,      // waiting for a cache
    pool,       // waiting for a connection of the database
    db,         // statements
    decode,     // rows to values
    offload,    // work on, or waiting for, the offload threads
    enqueue,    // giving tasks to a broker
    outbound,   // requests to others
    handler,    // request: the rest
    serialise,  // request: values to the answer's bytes
    compress,   // request
    write,      // request: from the head's first byte to the body's last
    wait,       // task: from when it was due to its claim
    run,        // task: the rest
    store,      // task: its result
};
inline constexpr std::size_t phase_count = 17;

inline constexpr std::array<std::string_view, phase_count> phase_names{
    "read",     "queue",   "validate",  "cache",    "pool",  "db",   "decode", "offload", "enqueue",
    "outbound", "handler", "serialise", "compress", "write", "wait", "run",    "store"};
constexpr std::string_view name(Phase phase) noexcept { return phase_names[static_cast<std::size_t>(phase)]; }

/// The phases of a request, in the order of the enumeration, and of a task, in the order in which they are
/// shown.
inline constexpr std::size_t request_phase_count = 14;
inline constexpr std::array task_phases{Phase::wait,  Phase::pool,    Phase::db,      Phase::decode,
                                        Phase::cache, Phase::offload, Phase::enqueue, Phase::outbound,
                                        Phase::run,   Phase::store};

}  // namespace brio::ledger
