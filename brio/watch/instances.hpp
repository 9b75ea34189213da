// The processes of one service, wherever they run: what each says of itself every few seconds, and what that
// makes together. Pure: who tells and asks is app/instance_keeper.hpp.
//
// A server process says what its requests came to, a worker process its tasks, so that nothing is counted
// twice in the sum. What they took travels by buckets, of which quantiles of all can be made.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/metrics/edges.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/watch/recent_work.hpp>
#include <brio/watch/wanted.hpp>

namespace brio::watch {

/// Work of the last minute as it travels.
struct WorkSaid {
    static constexpr bool open_object = true;
    double seconds = 0;                     // of the minute, that it was watched
    std::uint64_t good = 0;                 // within its goal
    double asked = 0;                       // that was to be
    std::uint64_t failed = 0;               // requests answered with 5xx
    std::vector<std::uint64_t> edges_ns;    // of the buckets that have any; 0: over all edges
    std::vector<std::uint64_t> in_buckets;  // how many in each of them; none of these failed
};
WorkSaid said_of(const WorkDone& done, const metrics::Edges& edges);
/// By these edges: what was counted by others is in the bucket that their edge is in.
WorkDone done_of(const WorkSaid& said, const metrics::Edges& edges);
/// How often it was done.
double count_of(const WorkSaid& said) noexcept;

struct UseSaid {
    static constexpr bool open_object = true;
    std::uint64_t used = 0;
    std::uint64_t most = 0;
};

/// What a process says of itself. A version that says more is understood by older ones, and understands them
/// where what is new has a default.
struct Announcement {
    static constexpr bool open_object = true;
    /// "9f3c…" of a server process, which the next one in its place has too; "9f3c….2" of the second worker
    /// process beside it; of a worker by itself one of its own.
    std::string id;
    std::string version;
    std::string role;  // "server", "worker"
    std::string host;
    std::int64_t pid = 0;
    std::string api;    // its address; empty: it has none
    std::string admin;  // the same of the admin server
    Timestamp began;
    WorkSaid work;
    double cpu_percent = 0;  // of what it may use
    double cores = 0;        // that
    std::uint64_t memory_bytes = 0;
    std::uint64_t memory_limit_bytes = 0;
    std::optional<UseSaid> connections;  // to the database, of its pool
    UseSaid clients;                     // of a server: open connections
    UseSaid running;                     // of a worker: tasks, and how many it takes at a time
    std::uint64_t slots_most = 0;        // as many it may come to take
    double filled = 0;                   // of a server: of its fullest bound, 0 to 1, and
    double shed_per_second = 0;          // what it refuses, where one more server would help
    std::uint64_t goals_kept = 0;
    std::uint64_t goals_missed = 0;
};

/// `GET /api/instances` at the admin port, and all of what follows.
struct RateNow {
    double per_second = 0;
    std::uint64_t count = 0;  // in the last minute
    std::uint64_t failed = 0;
    double holds = 1;  // the share within the goals
    double share = 0;  // that is to be
    double p50_ms = 0;
    double p99_ms = 0;
};
struct InstanceNow {
    std::string id;
    std::string of;  // the server process that it belongs to; its own: to none
    bool is_self = false;
    std::string state;  // "up", "gone"
    double heard_seconds_ago = 0;
    std::string version, role, host;
    std::int64_t pid = 0;
    std::string api, admin;
    Timestamp began;
    RateNow work;
    double cpu_percent = 0, cores = 0;
    std::uint64_t memory_bytes = 0, memory_limit_bytes = 0;
    std::optional<UseSaid> connections;
    UseSaid clients, running;
    std::uint64_t goals_kept = 0, goals_missed = 0;
};
/// Of those that are up.
struct InstanceSum {
    std::uint64_t servers = 0;
    std::uint64_t workers = 0;
    std::uint64_t gone = 0;  // these are not
    std::vector<std::string> versions;
    RateNow requests;
    RateNow tasks;
    double cores_used = 0;
    std::uint64_t memory_bytes = 0;
    UseSaid connections, clients, running;
};
struct InstancesNow {
    std::string through;           // "PostgreSQL …"; empty: nothing is shared, so only this process is known
    std::string problem;           // why the others cannot be asked; empty: nothing
    double asked_seconds_ago = 0;  // what is below is of then
    std::vector<InstanceNow> instances;  // a server before its workers
    bool has_more = false;
    InstanceSum sum;
    std::vector<NeedNow> needs;  // how many the load needs; of a server process only
};

/// Of one process, and how long ago.
struct Heard {
    std::chrono::milliseconds ago{0};
    Announcement said;
};

inline constexpr std::chrono::seconds instance_says_every{5};
/// One that has not been heard of for so long is gone: killed, or it cannot reach what they share.
inline constexpr std::chrono::seconds instance_gone_after{15};
/// Then it is not shown any more.
inline constexpr std::chrono::minutes instance_forgotten_after{10};
inline constexpr std::size_t most_instances = 200;

/// `self`: the id of whoever asks. Fills `instances`, `has_more` and `sum`.
InstancesNow judge_instances(std::vector<Heard> heard, std::string_view self, const metrics::Edges& edges);

/// Nothing for what is none, or could do harm on a page: an address that is no http one is left out.
std::optional<Announcement> read_announcement(std::string_view json);

}  // namespace brio::watch
