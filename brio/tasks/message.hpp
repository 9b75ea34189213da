// A task on its way: what is to be done, for whom, when. What brokers keep and workers carry out.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <brio/reflect/timestamp.hpp>
#include <brio/tasks/policy.hpp>

namespace brio::tasks {

/// Of an id, a task, a queue, a group, in bytes, where others chose it.
inline constexpr std::size_t most_name_bytes = 512;

/// Whose trace some work goes on with (W3C Trace Context).
struct Trace {
    std::string parent;  // traceparent; empty: nobody's
    std::string state;   // tracestate, as http/tracestate.hpp allows it; empty: none
    friend bool operator==(const Trace&, const Trace&) = default;
};

struct Message {
    std::string id;    // unique; a UUID unless somebody else chose it
    std::string name;  // Policy::name
    std::string queue = std::string(default_queue);
    std::uint8_t priority = 0;
    std::string args = "[]";                                 // JSON array: the struct's fields by position
    std::string kwargs = "{}";                               // JSON object: the others by name
    std::optional<Timestamp> due;                            // not before; none: now
    std::optional<Timestamp> expires;                        // not begun after that
    std::optional<std::chrono::milliseconds> deadline;       // instead of the policy's
    std::optional<std::chrono::milliseconds> hard_deadline;  // instead of the policy's
    int failures = 0;                                        // tries that failed so far
    int deaths = 0;  // tries that took their process with them, or lost it
    bool ignores_result = false;
    Timestamp pushed_at{};                    // first of all tries
    std::string root_id;                      // of the work that this one came from; empty: itself
    std::string parent_id;                    // the task that pushed it; empty: none
    Trace trace;                              // of who pushed it
    std::string group_id;                     // of those that it was pushed with as a group; empty: none
    std::optional<std::int64_t> group_index;  // its place among them, when a task waits for all
    std::string reply_to;  // the queue of RabbitMQ where who pushed it waits for its end; empty: none
    std::string embed;  // JSON of Celery's callbacks, errbacks, chain and chord: what follows; empty: nothing

    /// Others depend on its end, and whoever carries it out tells them. So it never ends in the broker's
    /// hands: only a settlement ends it.
    bool is_followed() const noexcept { return !embed.empty(); }
};

/// What a task is, as far as the broker knows.
enum class State : std::uint8_t {
    unknown,  // never heard of, or its result has expired
    pending,  // waits, or is not due yet
    running,
    retrying,  // failed, waits to be tried again
    done,
    failed,   // for good; in the dead set
    expired,  // was not begun in time
    revoked,  // taken back before it began, or cancelled while it ran
};
/// "unknown", "pending", …
std::string_view name_of(State state) noexcept;
constexpr bool is_final(State state) noexcept { return state >= State::done; }

/// What is known of one task.
struct Status {
    State state = State::unknown;
    std::string id;
    std::string name;
    std::string queue;
    int failures = 0;
    int deaths = 0;
    double progress = 0;         // 0 to 1, as the task said
    std::string progress_words;  // as the task said
    std::string result;          // JSON, of one that is done
    std::string error;           // what the last try failed with
    std::string error_type;      // "std::runtime_error", "deadline", "death"
    std::optional<Timestamp> pushed_at;
    std::optional<Timestamp> due;
    std::optional<Timestamp> begun_at;  // the last try
    std::optional<Timestamp> ended_at;
};

}  // namespace brio::tasks
