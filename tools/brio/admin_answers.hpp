// What the admin server of a service answers, as far as `brio top` and `brio tasks` show it: the names are of
// its JSON. A service of another version may say more.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <brio/json/raw.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio::tool {

/// GET /api/program.
struct ProgramAnswer {
    static constexpr bool open_object = true;
    std::string program;
    std::string version;
    std::string role;
    std::string api;
    Timestamp began;
    std::vector<std::string> paths;
};

/// GET /goals.
struct WindowAnswer {
    static constexpr bool open_object = true;
    std::string window;
    std::string standing;
    double holds = 1;
    std::uint64_t good = 0;
    std::uint64_t total = 0;
};
struct GoalAnswer {
    static constexpr bool open_object = true;
    std::string scope;
    std::string name;
    double limit_ms = 0;
    double limit_percent = 0;
    double share = 0;
    std::string standing;
    std::string alarm;
    std::string words;
    std::vector<WindowAnswer> windows;
};
struct GoalsAnswer {
    static constexpr bool open_object = true;
    std::vector<GoalAnswer> goals;
};

/// GET /api/work.
struct PhaseAnswer {
    static constexpr bool open_object = true;
    std::string phase;
    double ms = 0;
};
struct WorkAnswer {
    static constexpr bool open_object = true;
    std::string scope;
    std::string name;
    double limit_ms = 0;
    double share = 0;
    std::uint64_t count = 0;
    double per_second = 0;
    double p50_ms = 0;
    double p95_ms = 0;
    double p99_ms = 0;
    double mean_ms = 0;
    double holds = 1;
    std::uint64_t failed = 0;
    std::vector<PhaseAnswer> phases;
};
struct WorksAnswer {
    static constexpr bool open_object = true;
    std::vector<WorkAnswer> work;
};

/// GET /api/usage.
struct CpuAnswer {
    static constexpr bool open_object = true;
    std::optional<double> percent;
    double cores = 0;
};
struct MemoryAnswer {
    static constexpr bool open_object = true;
    std::optional<std::uint64_t> bytes;
    std::uint64_t limit_bytes = 0;
};
struct FilesAnswer {
    static constexpr bool open_object = true;
    std::optional<std::uint64_t> open;
    std::uint64_t most = 0;
};
struct LoopAnswer {
    static constexpr bool open_object = true;
    std::string name;
    double lag_ms = 0;
};
struct ConnectionsAnswer {
    static constexpr bool open_object = true;
    std::uint64_t in_use = 0;
    std::uint64_t idle = 0;
    std::uint64_t waiting = 0;
    std::uint64_t most = 0;
};
struct BoundAnswer {
    static constexpr bool open_object = true;
    std::string name;
    std::uint64_t used = 0;
    std::uint64_t most = 0;
    std::uint64_t refused = 0;
};
struct DiskAnswer {
    static constexpr bool open_object = true;
    std::uint64_t database_bytes = 0;
    std::optional<std::uint64_t> free_bytes;
    std::uint64_t total_bytes = 0;
};
struct UsageAnswer {
    static constexpr bool open_object = true;
    CpuAnswer cpu;
    MemoryAnswer memory;
    FilesAnswer files;
    std::optional<std::uint64_t> threads;
    std::vector<LoopAnswer> loops;
    std::optional<ConnectionsAnswer> connections;
    std::vector<BoundAnswer> bounds;
    std::optional<DiskAnswer> disk;
    std::vector<std::string> problems;
};

/// GET /api/tasks, and of one GET /api/tasks/{id}.
struct QueueAnswer {
    static constexpr bool open_object = true;
    std::string name;
    std::uint64_t ready = 0;
    std::uint64_t scheduled = 0;
    std::uint64_t running = 0;
    std::uint64_t dead = 0;
    std::optional<Timestamp> oldest;
    bool is_paused = false;
};
struct TaskAnswer {
    static constexpr bool open_object = true;
    std::string state;
    std::string id;
    std::string name;
    std::string queue;
    int failures = 0;
    int deaths = 0;
    double progress = 0;
    std::string progress_words;
    std::string result;
    std::string error;
    std::string error_type;
    std::optional<Timestamp> pushed_at;
    std::optional<Timestamp> due;
    std::optional<Timestamp> begun_at;
    std::optional<Timestamp> ended_at;
};
struct TasksAnswer {
    static constexpr bool open_object = true;
    std::string broker;
    std::string warning;
    std::vector<QueueAnswer> queues;
    std::vector<TaskAnswer> dead;
    std::vector<TaskAnswer> tasks;
};

/// GET /api/schedule.
struct EntryAnswer {
    static constexpr bool open_object = true;
    std::string name;
    std::string when;
    std::string task;
    bool is_on = true;
    std::optional<Timestamp> last;
    std::optional<Timestamp> next;
};
struct ScheduleAnswer {
    static constexpr bool open_object = true;
    std::vector<EntryAnswer> entries;
};

/// GET /api/queries.
struct StatementAnswer {
    static constexpr bool open_object = true;
    std::string statement;
    std::string endpoint;
    std::string type;
    std::uint64_t count = 0;
    std::uint64_t failed = 0;
    std::uint64_t rows = 0;
    std::uint64_t scanned = 0;
    double took_ms = 0;
    double mean_ms = 0;
    double p95_ms = 0;
    double slowest_ms = 0;
};
struct SlowStatementAnswer {
    static constexpr bool open_object = true;
    std::string statement;
    std::string endpoint;
    double took_ms = 0;
    double goal_ms = 0;
    std::string words;
    std::uint64_t times = 0;
};
struct RepeatedStatementAnswer {
    static constexpr bool open_object = true;
    std::string statement;
    std::string endpoint;
    std::uint64_t runs = 0;
    std::string fix;
    std::uint64_t times = 0;
};
struct QueriesAnswer {
    static constexpr bool open_object = true;
    std::vector<StatementAnswer> statements;
    std::vector<SlowStatementAnswer> slow;
    std::vector<RepeatedStatementAnswer> repeated;
};

/// GET /api/instances.
struct RateAnswer {
    static constexpr bool open_object = true;
    double per_second = 0;
    std::uint64_t count = 0;
    std::uint64_t failed = 0;
    double holds = 1;
    double p50_ms = 0;
    double p99_ms = 0;
};
struct UseAnswer {
    static constexpr bool open_object = true;
    std::uint64_t used = 0;
    std::uint64_t most = 0;
};
struct InstanceAnswer {
    static constexpr bool open_object = true;
    std::string id;
    bool is_self = false;
    std::string state;
    double heard_seconds_ago = 0;
    std::string version;
    std::string role;
    std::string host;
    std::int64_t pid = 0;
    std::string admin;
    RateAnswer work;
    double cpu_percent = 0;
    std::uint64_t memory_bytes = 0;
    UseAnswer clients;
    UseAnswer running;
    std::uint64_t goals_kept = 0;
    std::uint64_t goals_missed = 0;
};
struct InstancesAnswer {
    static constexpr bool open_object = true;
    std::string through;
    std::string problem;
    std::vector<InstanceAnswer> instances;
};

/// GET /api/log.
struct LogLineAnswer {
    static constexpr bool open_object = true;
    std::uint64_t number = 0;
    Timestamp at;
    std::string level;
    std::uint32_t process = 0;
    std::string message;
    json::Raw fields = json::Raw("{}");
    std::uint64_t times = 1;
};
struct LogAnswer {
    static constexpr bool open_object = true;
    std::uint64_t warnings = 0;
    std::uint64_t errors = 0;
    std::vector<LogLineAnswer> lines;
};

}  // namespace brio::tool
