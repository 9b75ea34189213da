// What was typed: a command with its options. Reading it opens and changes nothing.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <brio/app/bench_words.hpp>
#include <brio/app/settings.hpp>
#include <brio/base/usage.hpp>

namespace brio::app {

enum class Verb : std::uint8_t {
    serve,
    worker,
    migrate_upgrade,
    migrate_downgrade,
    migrate_current,
    migrate_history,
    migrate_sql,
    migrate_new,
    migrate_check,
    seed,
    load,
    backup,
    cache_clear,
    task_send,
    task_result,
    task_list,
    task_revoke,
    task_retry,
    task_drop,
    queue_stats,
    queue_pause,
    queue_resume,
    queue_purge,
    schedule_list,
    schedule_on,
    schedule_off,
    schedule_run,
    routes,
    goals,
    profile,
    bench,
    review,
    openapi,
    config,
    doctor,
    completion,
    manual,
    own,  // a command of the program: `own_name`
};

/// Of `task`, `queue` and `schedule`.
struct TaskWords {
    std::string name;              // of send and schedule; a filter of retry and drop
    std::string payload = "{}";    // of send: JSON, the fields by name or, in an array, in their order
    std::string queue;             // of send and queue; a filter of retry and drop
    std::uint32_t countdown = 0;   // of send: seconds
    std::vector<std::string> ids;  // of result, retry, drop
    bool is_all = false;           // of retry and drop
    std::string state;             // of list; empty: any
    std::uint32_t most = 50;       // of list
};

/// Of `profile`.
struct ProfileWords {
    std::uint32_t seconds = 10;
    std::optional<std::uint32_t> hz;  // none: what the program always takes
    std::string format = "table";     // collapsed, speedscope, pprof, json
    std::string name;                 // of one route, task or thread; empty: all
    std::string file;                 // where to; empty: the terminal
};

/// Of `review`.
struct ReviewWords {
    std::string since = "24h";
    std::string format;  // html, md, json; empty: by the file's ending, else md
    std::string file;    // where to; empty: the terminal
};

struct CommandLine {
    Verb verb = Verb::serve;
    std::vector<NamedText> settings;          // --port 9090 is {"BRIO_PORT", "9090"}
    std::string queues;                       // of worker: names with commas between; empty: the program's
    std::chrono::milliseconds lease{10'000};  // of worker
    std::uint16_t worker_admin_port = 0;      // of worker; 0: none
    bool requires_durable = false;            // of worker
    std::string revision;                     // of migrate; of migrate_new the words
    std::string into;                         // of migrate_new: the source that gets the migration
    bool is_automatic = false;                // of migrate_new: with the operations that `check` misses
    std::uint64_t count = 0;                  // of seed
    std::string from;                         // of seed
    std::string file;                         // of backup
    std::optional<std::string> tag;           // of cache_clear, when given
    std::optional<std::string> route;         // of cache_clear, when given
    bool as_rules = false;                    // of goals: as rules of Prometheus
    TaskWords task;
    ProfileWords profile;
    BenchWords bench;
    ReviewWords review;
    bool quiet = false;
    std::string own_name;
    std::vector<std::string> arguments;  // of an own command, load and completion
};

/// What there is to choose from in this program.
struct CommandSet {
    std::string program;
    std::string version;
    bool has_database = false;
    bool has_seed = false;
    bool has_tasks = false;
    bool has_schedule = false;
    bool has_load = false;
    std::vector<std::pair<std::string, std::string>> own;  // name and help
};

struct ParsedCommandLine {
    std::optional<CommandLine> command;  // none: print `text` and end with `status`
    std::string text;
    int status = 0;  // 0 after --help and --version, 2 for bad use
};
ParsedCommandLine parse_command_line(std::span<const char* const> arguments, const CommandSet& commands);

/// What may be typed; what is read elsewhere, as that of `load`, is not in it.
Usage usage_of_commands(const CommandSet& commands);

}  // namespace brio::app
