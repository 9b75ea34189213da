#include <brio/app/detail/setting_table.hpp>

#include <algorithm>

#include <brio/app/detail/setting_kinds.hpp>
#include <brio/app/worker_board.hpp>
#include <brio/runtime/sampler.hpp>

namespace brio::app::detail {
namespace {

constexpr Range port_range{0, 65535};
constexpr Range percent_range{1, 100};
constexpr Range time_range{1, 86'400'000};
constexpr Range size_range{1, std::uint64_t{1} << 40};
constexpr Range count_range{1, 100'000'000};

void add_program_settings(std::vector<Setting>& table) {
    table.push_back(choice<bool>(
        "BRIO_ADMISSION", "whether routes that wait too long get a limit of their own",
        {{"adaptive", true}, {"fixed", false}}, [](Settings& s) -> auto& { return s.admission_adapts; }));
    table.push_back(choice<Mode>("BRIO_MODE", "development shows more: Server-Timing, the URLs at start",
                                 {{"development", Mode::development}, {"production", Mode::production}},
                                 [](Settings& s) -> auto& { return s.mode; }));
    table.push_back(words("DATABASE_URL", "the database",
                          "sqlite:///path/of/file.db or postgresql://user:password@host:5432/name",
                          [](Settings& s) -> auto& { return s.database_url; }));
    table.push_back(number("DATABASE_POOL", "connections to PostgreSQL that one process has", {4, 1000},
                           [](Settings& s) -> auto& { return s.database_pool; }));
    table.push_back(words(
        "BROKER_URL", "who keeps background tasks; unset: the database",
        "redis://[user[:password]@]host[:port][/database], unix://[user[:password]@]/path[?db=number] or "
        "amqp://[user[:password]@]host[:port][/vhost]",
        [](Settings& s) -> auto& { return s.broker_url; }));
    table.push_back(words("CELERY_BROKER_URL", "in the place of BROKER_URL", "as BROKER_URL",
                          [](Settings& s) -> auto& { return s.celery_broker_url; }));
    table.push_back(words(
        "REDIS_URL", "what processes share of the cache; unset: each has its own",
        "redis://[user[:password]@]host[:port][/database] or unix://[user[:password]@]/path[?db=number]",
        [](Settings& s) -> auto& { return s.redis_url; }));
    table.push_back(words("REDIS_HOST", "with REDIS_PORT and REDIS_DB in the place of REDIS_URL",
                          "a host's name or address", [](Settings& s) -> auto& { return s.redis_host; }));
    table.push_back(number("REDIS_PORT", "port at REDIS_HOST", {1, 65535},
                           [](Settings& s) -> auto& { return s.redis_port; }));
    table.push_back(number("REDIS_DB", "number of the database at REDIS_HOST", {0, 1'000'000},
                           [](Settings& s) -> auto& { return s.redis_db; }));
    table.push_back(words("BRIO_HOST", "address that the API listens on", "a numeric IPv4 or IPv6 address",
                          [](Settings& s) -> auto& { return s.host; }));
    table.push_back(number("BRIO_PORT", "port of the API; 0 takes a free one", port_range,
                           [](Settings& s) -> auto& { return s.port; }));
    table.push_back(words("BRIO_ADMIN_HOST", "address of the metrics and other admin pages",
                          "a numeric IPv4 or IPv6 address; beyond loopback it needs BRIO_ADMIN_TOKEN",
                          [](Settings& s) -> auto& { return s.admin_host; }));
    table.push_back(number("BRIO_ADMIN_PORT", "port of the admin pages; 0: none", port_range,
                           [](Settings& s) -> auto& { return s.admin_port; }));
    table.push_back(words(
        "BRIO_ADMIN_TOKEN", "bearer token that the admin pages ask for", "any text",
        [](Settings& s) -> auto& { return s.admin_token; }, true));
    table.push_back(number("BRIO_THREADS", "threads of the API; 0: one for each core that it may use",
                           {0, 256}, [](Settings& s) -> auto& { return s.threads; }));
    table.push_back(number("BRIO_OFFLOAD_THREADS", "threads for work that would block", {1, 256},
                           [](Settings& s) -> auto& { return s.offload_threads; }));
    table.push_back(span(
        "BRIO_WORKERS", "worker processes of serve; more, up to the second, when tasks wait; 0: none",
        {0, WorkerBoard::most_workers}, [](Settings& s) -> auto& { return s.workers_least; },
        [](Settings& s) -> auto& { return s.workers_most; }));
    table.push_back(span(
        "BRIO_WORKER_CONCURRENCY",
        "tasks at a time of one worker process; more, up to the second, when they wait", {1, 10'000},
        [](Settings& s) -> auto& { return s.worker_least; },
        [](Settings& s) -> auto& { return s.worker_most; }));
    table.push_back(number("BRIO_WORKER_KEPT", "of these, kept for tasks of the worker's first queue alone",
                           {0, 10'000}, [](Settings& s) -> auto& { return s.worker_kept; }));
    table.push_back(
        choice<LogFormat>("BRIO_LOG", "the log and the access log, one line a request",
                          {{"text", LogFormat::text}, {"json", LogFormat::json}, {"off", LogFormat::off}},
                          [](Settings& s) -> auto& { return s.log; }));
    table.push_back(
        number("BRIO_PROFILE_HZ", "samples taken of each second of processor time, for profiles; 0: none",
               {0, runtime::Sampler::most_rate}, [](Settings& s) -> auto& { return s.profile_hz; }));
    table.push_back(milliseconds("BRIO_GRACE_MS", "how long a drain waits for requests under way",
                                 {0, 86'400'000}, [](Settings& s) -> auto& { return s.grace; }));
    table.push_back(milliseconds("BRIO_DRAIN_IDLE_MS",
                                 "how long an idle connection may send one more request in a drain",
                                 {0, 86'400'000}, [](Settings& s) -> auto& { return s.drain_idle; }));
    table.push_back(words("BRIO_TRUSTED_PROXIES",
                          "whose X-Forwarded-For and X-Forwarded-Proto are believed; empty: nobody's",
                          "addresses and networks with commas between, as 127.0.0.1,10.0.0.0/8",
                          [](Settings& s) -> auto& { return s.trusted_proxies; }));
    table.push_back(milliseconds("BRIO_DRAIN_WAIT_MS",
                                 "how long /readyz is 503 at the end before new connections are turned away",
                                 {0, 86'400'000}, [](Settings& s) -> auto& { return s.drain_wait; }));
    table.push_back(milliseconds("BRIO_RESTART_MS",
                                 "how long a new server process may take to answer before the old one stays",
                                 time_range, [](Settings& s) -> auto& { return s.restart; }));
}

void add_tls(std::vector<Setting>& table) {
    table.push_back(words("BRIO_TLS_CERTIFICATE", "the API's port speaks TLS with it; empty: plain HTTP",
                          "a PEM file: the certificate, then those that lead to its authority",
                          [](Settings& s) -> auto& { return s.tls.certificate; }));
    table.push_back(words("BRIO_TLS_KEY", "the certificate's key; empty: it stands in the same file",
                          "a PEM file without a passphrase", [](Settings& s) -> auto& { return s.tls.key; }));
    table.push_back(
        choice<http::TlsVersion>("BRIO_TLS_MIN_VERSION", "the oldest version of TLS that is spoken",
                                 {{"1.2", http::TlsVersion::v1_2}, {"1.3", http::TlsVersion::v1_3}},
                                 [](Settings& s) -> auto& { return s.tls.least; }));
    table.push_back(
        words("BRIO_TLS_CLIENT_CA", "clients need a certificate of one of these authorities; empty: none",
              "a PEM file of certificates", [](Settings& s) -> auto& { return s.tls.client_authorities; }));
    table.push_back(number("BRIO_REDIRECT_PORT", "leads from plain HTTP to the API's port with TLS; 0: none",
                           port_range, [](Settings& s) -> auto& { return s.redirect_port; }));
    table.push_back(seconds("BRIO_HSTS_SECONDS",
                            "for which answers over TLS ask clients to come by https alone; 0: they do not",
                            {0, 63'072'000}, [](Settings& s) -> auto& { return s.strict_time; }));
}

void add_goals(std::vector<Setting>& table) {
    table.push_back(milliseconds("BRIO_GOAL_API_MS", "goal of a request", time_range,
                                 [](Settings& s) -> auto& { return s.goals.api; }));
    table.push_back(milliseconds("BRIO_GOAL_QUERY_MS", "goal of a statement", time_range,
                                 [](Settings& s) -> auto& { return s.goals.query; }));
    table.push_back(milliseconds("BRIO_GOAL_TASK_MS", "goal of a task", time_range,
                                 [](Settings& s) -> auto& { return s.goals.task; }));
    table.push_back(share("BRIO_GOAL_SHARE_PERCENT", "share of the work that must hold its goal",
                          [](Settings& s) -> auto& { return s.goals.share; }));
    table.push_back(words("BRIO_GOALS_FILE",
                          "keeps what was counted of the goals over restarts; empty: nothing does",
                          "a file's path", [](Settings& s) -> auto& { return s.goals_file; }));
    table.push_back(words("BRIO_ALERT_URL", "gets a POST when a goal's alarm begins and when it is over",
                          "a URL of http or https", [](Settings& s) -> auto& { return s.alert_url; }));
    table.push_back(words("OTEL_EXPORTER_OTLP_ENDPOINT", "collector of traces; spans are sent there as JSON",
                          "a URL of http or https, without /v1/traces",
                          [](Settings& s) -> auto& { return s.otlp_url; }));
    table.push_back(words(
        "OTEL_EXPORTER_OTLP_HEADERS", "fields for the collector of traces", "name=value,name=value",
        [](Settings& s) -> auto& { return s.otlp_headers; }, true));
    table.push_back(words("OTEL_SERVICE_NAME", "whose spans they are; empty: the program's", "a name",
                          [](Settings& s) -> auto& { return s.otlp_service; }));
    table.push_back(number("BRIO_GOAL_CPU_PERCENT", "goal of the processor's use", percent_range,
                           [](Settings& s) -> auto& { return s.goals.cpu_percent; }));
    table.push_back(number("BRIO_GOAL_MEMORY_PERCENT", "goal of the memory's use", percent_range,
                           [](Settings& s) -> auto& { return s.goals.memory_percent; }));
    table.push_back(number("BRIO_GOAL_CONNECTIONS_PERCENT", "goal of the database connections' use",
                           percent_range, [](Settings& s) -> auto& { return s.goals.connections_percent; }));
    table.push_back(optional_milliseconds("BRIO_DEADLINE_API_MS",
                                          "end of a request; unset: 10 times its goal", time_range,
                                          [](Settings& s) -> auto& { return s.api_deadline; }));
    table.push_back(optional_milliseconds("BRIO_DEADLINE_QUERY_MS",
                                          "end of a statement; unset: 10 times its goal", time_range,
                                          [](Settings& s) -> auto& { return s.query_deadline; }));
    table.push_back(milliseconds("BRIO_DEADLINE_REDIS_MS", "end of a command to Redis; then it is a miss",
                                 time_range, [](Settings& s) -> auto& { return s.redis_deadline; }));
}

void add_request_limits(std::vector<Setting>& table) {
    auto const bytes = [&](std::string name, std::string help, auto at) {
        table.push_back(number("BRIO_LIMIT_" + std::move(name), std::move(help), size_range, at));
    };
    auto const count = [&](std::string name, std::string help, Range range, auto at) {
        table.push_back(number("BRIO_LIMIT_" + std::move(name), std::move(help), range, at));
    };
    bytes("BODY", "bytes of a request's body (413)", [](Settings& s) -> auto& { return s.limits.body; });
    bytes("REQUEST_LINE", "bytes of a request line (414)",
          [](Settings& s) -> auto& { return s.limits.request_line; });
    bytes("HEADERS", "bytes of all header lines (431)",
          [](Settings& s) -> auto& { return s.limits.header_bytes; });
    count("HEADER_COUNT", "header lines (431)", {1, http::header_count_capacity},
          [](Settings& s) -> auto& { return s.limits.header_count; });
    count("EMPTY_LINES", "empty lines before a request (400)", {0, 1000},
          [](Settings& s) -> auto& { return s.limits.empty_lines; });
    bytes("CHUNK_EXTENSIONS", "bytes of chunk extensions in a body (400)",
          [](Settings& s) -> auto& { return s.limits.chunk_extension_bytes; });
    bytes("TRAILERS", "bytes of all trailer lines (431)",
          [](Settings& s) -> auto& { return s.limits.trailer_bytes; });
    count("TRAILER_COUNT", "trailer lines (431)", {0, 1000},
          [](Settings& s) -> auto& { return s.limits.trailer_count; });
    count("QUERY_PAIRS", "parameters of a query string (400)", count_range,
          [](Settings& s) -> auto& { return s.limits.query_pairs; });
    bytes("UNREAD_BODY", "bytes read of a body that no handler wants",
          [](Settings& s) -> auto& { return s.limits.unread_body; });
    count("BODY_RATIO", "bytes of a body for each that came in gzip (413)", {1, 1032},
          [](Settings& s) -> auto& { return s.limits.body_ratio; });
    bytes("BODY_MIN_RATE", "bytes a second below which a body is too slow (408)",
          [](Settings& s) -> auto& { return s.limits.body_min_rate; });
}

void add_server_limits(std::vector<Setting>& table) {
    auto const time = [&](std::string name, std::string help, auto at) {
        table.push_back(
            milliseconds("BRIO_LIMIT_" + std::move(name) + "_MS", std::move(help), time_range, at));
    };
    auto const count = [&](std::string name, std::string help, Range range, auto at) {
        table.push_back(number("BRIO_LIMIT_" + std::move(name), std::move(help), range, at));
    };
    time("HEADER", "from a request's first byte to the end of its head (408)",
         [](Settings& s) -> auto& { return s.limits.header_deadline; });
    time("BODY_GRACE", "after it a body must keep its rate (408)",
         [](Settings& s) -> auto& { return s.limits.body_grace; });
    time("IDLE", "between two requests of a connection",
         [](Settings& s) -> auto& { return s.limits.keep_alive_idle; });
    time("WRITE_STALL", "a client that takes no byte for so long is left",
         [](Settings& s) -> auto& { return s.limits.write_stall; });
    count("PIPELINED", "requests of one connection answered before others", {1, 10'000},
          [](Settings& s) -> auto& { return s.limits.pipelined; });
    count("REQUESTS_PER_CONNECTION", "then it is closed; 0: no bound", {0, count_range.most},
          [](Settings& s) -> auto& { return s.limits.requests_per_connection; });
    count("CONNECTIONS", "open at a time; others wait to be accepted", count_range,
          [](Settings& s) -> auto& { return s.limits.connections; });
    count("HANDSHAKES", "of TLS under way at a time; others wait to be accepted", count_range,
          [](Settings& s) -> auto& { return s.limits.handshakes; });
    time("HANDSHAKE", "from a connection to the end of its TLS handshake",
         [](Settings& s) -> auto& { return s.limits.handshake_deadline; });
    count("IN_FLIGHT", "requests under way; more: 503", count_range,
          [](Settings& s) -> auto& { return s.in_flight; });
    table.push_back(optional_milliseconds(
        "BRIO_LIMIT_WAIT_MS", "that a request is let wait for what is slow; unset: a quarter of its goal",
        time_range, [](Settings& s) -> auto& { return s.wait; }));
    count("STREAMS", "answers that are streams, open at a time; more: 503", count_range,
          [](Settings& s) -> auto& { return s.limits.streams; });
    count("COMPRESSED_STREAMS", "of them that are compressed; more come as they are", {0, count_range.most},
          [](Settings& s) -> auto& { return s.limits.compressed_streams; });
    count("STREAM_BUFFER", "bytes of a stream that wait for its client; then its producer does",
          {1024, size_range.most}, [](Settings& s) -> auto& { return s.limits.stream_buffer; });
    table.push_back(
        size("BRIO_LIMIT_WORKER_MEMORY",
             "resident in a worker process after a task; over it another takes its place; 0: no bound",
             size_range.most, [](Settings& s) -> auto& { return s.worker_memory; }));
    count("CACHE_BYTES", "bytes that the cache keeps in this process; 0: nothing", {0, size_range.most},
          [](Settings& s) -> auto& { return s.cache_bytes; });
    count("REDIS_VALUE", "bytes of one value for Redis; larger ones stay in this process", size_range,
          [](Settings& s) -> auto& { return s.redis_value; });
    count("REDIS_IN_FLIGHT", "commands that Redis has not answered; more fail at once", count_range,
          [](Settings& s) -> auto& { return s.redis_in_flight; });
    count("REDIS_QUEUE", "bytes of commands for Redis that wait to be sent; more fail at once", size_range,
          [](Settings& s) -> auto& { return s.redis_queue; });
    count("OFFLOAD_QUEUE", "pieces of blocking work that wait; more: 503", count_range,
          [](Settings& s) -> auto& { return s.offload_queue; });
    count("POOL_QUEUE", "requests that wait for a connection to PostgreSQL; more: 503", count_range,
          [](Settings& s) -> auto& { return s.pool_queue; });
    count("READ_QUEUE", "database reads that wait for a thread; more: 503", count_range,
          [](Settings& s) -> auto& { return s.read_queue; });
    count("WRITE_QUEUE", "database writes that wait for the writer; more: 503", count_range,
          [](Settings& s) -> auto& { return s.write_queue; });
    count("STATEMENT_RUNS", "of one statement in one request or task; more is reported as n+1", count_range,
          [](Settings& s) -> auto& { return s.statement_runs; });
    count("DEAD_TASKS", "of a queue; of more those that have been dead for longest are dropped", count_range,
          [](Settings& s) -> auto& { return s.dead_tasks; });
    count("UNSENT_TASKS", "that wait in the database while RabbitMQ is away; more pushes: 503", count_range,
          [](Settings& s) -> auto& { return s.unsent_tasks; });
    time("BUSY", "another program's lock on the SQLite file is waited for so long; then 503",
         [](Settings& s) -> auto& { return s.busy; });
    count("SPANS", "that wait for the collector of traces; more are dropped", {1, 100'000},
          [](Settings& s) -> auto& { return s.spans; });
    count("LOG_BYTES", "access lines that wait, a thread; more are dropped", {4096, size_range.most},
          [](Settings& s) -> auto& { return s.log_bytes; });
}

}  // namespace

const std::vector<Setting>& setting_table() {
    static const std::vector<Setting> table = [] {
        std::vector<Setting> made;
        add_program_settings(made);
        add_tls(made);
        add_goals(made);
        add_request_limits(made);
        add_server_limits(made);
        return made;
    }();
    return table;
}

const Setting* find_setting(std::string_view name) {
    auto const& table = setting_table();
    auto const found = std::ranges::find(table, name, &Setting::name);
    return found != table.end() ? &*found : nullptr;
}

}  // namespace brio::app::detail
