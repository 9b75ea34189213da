// The settings of a program: what there is, what each may be, what it is, and where that came from.
//
// A setting has one name: that of its environment variable, which is also its key in brio.toml. A later
// source wins: the program's default, brio.toml, the environment, the command line. Every wrong value is
// reported at once, by name, origin, value and what it may be; so are names that do not exist, with the
// nearest one that does.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <brio/base/log.hpp>
#include <brio/http/limits.hpp>
#include <brio/http/tls_options.hpp>
#include <brio/ledger/goals.hpp>

namespace brio::app {

enum class Mode : std::uint8_t { production, development };

/// The values themselves. Settings{} is what a program has without any source.
struct Settings {
    Mode mode = Mode::production;
    std::string database_url;          // as db::DatabaseOptions has it
    std::uint32_t database_pool = 20;  // connections to PostgreSQL, of one process
    std::string broker_url;            // of tasks; empty: the database keeps them
    std::string celery_broker_url;     // the same, where that is empty
    std::string redis_url;             // of the cache; empty: it is kept in this process alone
    std::string redis_host;            // with the two below another way to say it
    std::uint16_t redis_port = 6379;
    std::uint32_t redis_db = 0;
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;  // 0: a free one
    std::string admin_host = "127.0.0.1";
    std::uint16_t admin_port = 8000;  // 0: no admin server
    std::string admin_token;
    http::TlsOptions tls;                // of the API's port; without a certificate it speaks plain HTTP
    std::uint16_t redirect_port = 0;     // leads from plain HTTP to that; 0: none
    std::chrono::seconds strict_time{};  // for which clients are told to come by https alone; 0: not told
    std::uint32_t threads = 0;           // of the API; 0: one for each core that the process may use
    std::uint32_t workers_least = 1;     // worker processes of `serve`; 0: none
    std::uint32_t workers_most = 1;      // as many while tasks wait too long
    std::uint32_t worker_least = 16;     // tasks at a time of one worker process
    std::uint32_t worker_most = 16;      // as many when tasks wait too long
    std::uint32_t worker_kept = 0;       // of these, for tasks of the first queue alone
    std::uint64_t worker_memory = 0;     // bytes resident after a task; over it another process; 0: no bound
    std::uint32_t profile_hz = 99;  // samples of a second of processor time; 0: the program is not sampled
    LogFormat log = LogFormat::text;
    std::chrono::milliseconds grace{10'000};    // what a drain waits for requests under way
    std::chrono::milliseconds drain_idle{500};  // and for the next one of an idle connection
    std::string trusted_proxies;  // networks of those whose X-Forwarded-For is believed, with commas between
    std::chrono::milliseconds drain_wait{0};    // at first, while /readyz says already that it ends
    std::chrono::milliseconds restart{60'000};  // that a new server process may take to answer
    Goals goals;
    std::string goals_file;    // what was counted of them, over restarts; empty: it is not kept
    std::string alert_url;     // gets alarms by POST; empty: nobody is told
    std::string otlp_url;      // of a collector of traces, without /v1/traces; empty: nobody collects them
    std::string otlp_headers;  // for it, as "name=value,name=value"
    std::string otlp_service;  // whose spans they are; empty: the program's
    std::optional<std::chrono::milliseconds> api_deadline;    // unset: goal × factor
    std::optional<std::chrono::milliseconds> query_deadline;  // unset: goal × factor
    std::chrono::milliseconds redis_deadline{20};             // of a command
    http::Limits limits;
    std::uint64_t in_flight = 10'000;
    bool admission_adapts = true;
    std::optional<std::chrono::milliseconds> wait;  // for what is slow; unset: a quarter of the goal
    std::uint32_t offload_threads = 4;
    std::uint64_t offload_queue = 1024;
    std::uint64_t cache_bytes = 64 << 20;    // kept in this process; 0: nothing
    std::uint64_t redis_value = 1 << 20;     // bytes of one value for Redis
    std::uint64_t redis_in_flight = 16'384;  // commands that Redis has not answered
    std::uint64_t redis_queue = 64 << 20;    // bytes of commands that are not sent yet
    std::uint64_t pool_queue = 4096;         // units of work that wait for a connection to PostgreSQL
    std::uint64_t read_queue = 1024;         // database reads that wait for a thread
    std::uint64_t write_queue = 4096;        // database writes that wait for the writer
    std::uint32_t statement_runs = 10;       // of one statement in one request or task before it is reported
    std::uint64_t dead_tasks = 10'000;       // of a queue; the oldest of more are dropped
    std::uint64_t unsent_tasks = 100'000;    // while RabbitMQ is away; then pushes are refused
    std::chrono::milliseconds busy{5000};    // another program's write lock is waited for so long
    std::uint64_t spans = 2048;              // that wait for the collector of traces
    std::uint64_t log_bytes = 1024 * 1024;   // access lines that wait to be written, a thread

    /// `threads`, or as many as the cores that this process may use, at least one.
    std::uint32_t thread_count() const;
    bool has_tls() const noexcept { return !tls.certificate.empty(); }
    std::chrono::nanoseconds query_limit() const noexcept {
        return query_deadline ? *query_deadline : goals.query_deadline();
    }
};

/// Event loops for so many cores, of which a control group's quota may leave a part: 1.5 are two loops.
std::uint32_t threads_for(double cores) noexcept;

enum class Origin : std::uint8_t { program, file, environment, command_line };
/// "default", "brio.toml", "environment", "command line".
std::string_view words_of(Origin origin) noexcept;

/// A setting's name and its value as text.
using NamedText = std::pair<std::string, std::string>;

struct Sources {
    Settings defaults;                    // what the program was built with
    std::optional<std::string> file;      // the text of brio.toml
    std::vector<NamedText> environment;   // variables; those that are no settings are left alone
    std::vector<NamedText> command_line;  // options, by the name of their setting
};

/// One setting as `config` shows it.
struct SettingLine {
    std::string name;
    std::string value;  // a secret is "(set)" or empty
    Origin origin = Origin::program;
    std::string help;
    std::string may_be;
};

struct Configuration {
    Settings values;
    std::vector<SettingLine> lines;
    std::vector<std::string> errors;    // then the values are not to be used
    std::vector<std::string> warnings;  // as an environment variable BRIO_PROT, which is no setting
};

/// Pure: the sources come in as text.
Configuration configure(const Sources& sources);

/// This process' environment, and brio.toml of the current folder when it is there. Throws std::runtime_error
/// when brio.toml cannot be read.
Sources sources_of_process(Settings defaults, std::vector<NamedText> command_line);

}  // namespace brio::app
