// The messages between Locust's master and its workers (Locust 2.12.1, locust/runners.py): what a worker
// tells, written, and what a master orders, read. Pure.
//
// A message is one frame of MessagePack, an array of three: type, data, the worker's id. Texts are str, never
// bin; keys that are numbers are numbers. Tests compare with frames of Locust's own worker and master.
#pragma once
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace brio::load::locust {

/// How many users of each class of the master's locustfile.
using UserCounts = std::map<std::string, std::uint64_t>;
std::uint64_t sum_of(const UserCounts& counts) noexcept;

// What a worker tells.

/// It is there and has no users. A master that takes it answers with Ack. The version it sends is -1, which
/// says that it is no Locust and is taken by masters of any version.
struct Ready {
    friend bool operator==(const Ready&, const Ready&) = default;
};
enum class State : std::uint8_t { ready, spawning, running };
/// Each second; a master that gets none for some takes the worker for missing, until the next one.
struct Heartbeat {
    State state = State::ready;
    double cpu_percent = 0;  // a master warns above 90
    std::uint64_t memory_bytes = 0;
    friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};
/// A Spawn has been taken.
struct Spawning {
    friend bool operator==(const Spawning&, const Spawning&) = default;
};
/// All that was asked runs; each Spawn wants one.
struct SpawningComplete {
    UserCounts users;
    friend bool operator==(const SpawningComplete&, const SpawningComplete&) = default;
};

/// Requests of one name and method since the last Stats. Times of day are seconds since 1970, others are
/// milliseconds.
struct Entry {
    std::string name;
    std::string method;
    std::optional<double> last_request;
    double start = 0;
    std::uint64_t requests = 0;       // failed ones too
    std::uint64_t without_times = 0;  // of them
    std::uint64_t failures = 0;
    double total_ms = 0;
    double max_ms = 0;
    std::optional<double> min_ms;
    std::uint64_t bytes = 0;
    std::map<std::int64_t, std::uint64_t> times_ms;     // rounded as rounded_ms() does
    std::map<std::int64_t, std::uint64_t> requests_at;  // by the second of the day's clock
    std::map<std::int64_t, std::uint64_t> failures_at;
    friend bool operator==(const Entry&, const Entry&) = default;
};
/// Two or three digits of a time, as Locust keeps them: 147 becomes 150, 3432 becomes 3400.
std::int64_t rounded_ms(double ms) noexcept;

struct Failure {
    std::string name;
    std::string method;
    std::string text;
    std::uint64_t count = 0;
    friend bool operator==(const Failure&, const Failure&) = default;
};
/// Every three seconds, and before the end.
struct Stats {
    std::vector<Entry> entries;  // those with requests
    Entry total;
    std::vector<Failure> failures;
    UserCounts users;
    friend bool operator==(const Stats&, const Stats&) = default;
};
/// Something is wrong with the users, which the master lists.
struct Exception {
    std::string text;
    std::string traceback;
    friend bool operator==(const Exception&, const Exception&) = default;
};
/// The answer to Stop, before Ready.
struct Stopped {
    friend bool operator==(const Stopped&, const Stopped&) = default;
};
/// It goes.
struct Leaving {
    friend bool operator==(const Leaving&, const Leaving&) = default;
};
using Told = std::variant<Ready, Heartbeat, Spawning, SpawningComplete, Stats, Exception, Stopped, Leaving>;

/// The frame. `worker` is the worker's id and the name of its socket: a master whose listener meets two ends.
std::string write(std::string_view worker, const Told& told);

// What a master orders.

struct Ack {
    std::optional<std::uint64_t> index;  // the worker's number, from 0
};
struct Spawn {
    double timestamp = 0;             // an order of before may come later
    UserCounts users;                 // all of this worker, not how many more
    std::string host;                 // the target's address; empty: not given
    double stop_timeout_seconds = 0;  // how long tasks may take to end at a Stop
};
struct Stop {};
struct Quit {};
/// A frame of the worker could not be read: open the connection again.
struct Reconnect {};
/// Of a type that is none of these, as those that a locustfile registers.
struct Other {
    std::string type;
};
using Order = std::variant<Ack, Spawn, Stop, Quit, Reconnect, Other>;

inline constexpr std::size_t largest_frame = std::size_t{1} << 20;
inline constexpr std::size_t most_classes = 1'000;
inline constexpr std::uint64_t most_users = 1'000'000;  // of one worker, as of a plan

/// Else what is wrong with the frame.
std::expected<Order, std::string> read(std::string_view frame);

}  // namespace brio::load::locust
