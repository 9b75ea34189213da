// A service as `brio top` sees it, for tests.
#pragma once
#include "top_state.hpp"

namespace brio::tool::test {

inline const Timestamp noon = Timestamp::parse("2026-11-26T12:00:00Z").value();

inline Timestamp ago(std::int64_t seconds) { return Timestamp(noon.microseconds - seconds * 1'000'000); }

inline WorkAnswer work(std::string scope, std::string name, std::uint64_t count) {
    return {.scope = std::move(scope),
            .name = std::move(name),
            .limit_ms = 200,
            .share = 0.99,
            .count = count,
            .per_second = static_cast<double>(count) / 60,
            .p50_ms = 1.5,
            .p95_ms = 8,
            .p99_ms = 20,
            .mean_ms = 2,
            .holds = 1,
            .failed = 0,
            .phases = {{"pool", 0.5}, {"db", 1}, {"handler", 0.5}}};
}

inline GoalAnswer goal(std::string name, std::string standing, std::uint64_t good, std::uint64_t total) {
    const double holds = total == 0 ? 1 : static_cast<double>(good) / static_cast<double>(total);
    const WindowAnswer window{
        .window = "5m", .standing = standing, .holds = holds, .good = good, .total = total};
    return {.scope = "request",
            .name = name,
            .limit_ms = 200,
            .limit_percent = 0,
            .share = 0.99,
            .standing = standing,
            .alarm = "none",
            .words = name +
                     " holds 200ms for 97.1 % of 2,000 in the last 5 minutes; asked are 99 %. Of the "
                     "overrun 82 % is waiting for a connection of the database",
            .windows = {window, window, window, window}};
}

inline ProcessState process(std::string url) {
    ProcessState state{.url = std::move(url), .at = noon};
    state.program = ProgramAnswer{
        .program = "shop", .version = "1.4", .role = "server", .api = "", .began = ago(3'700), .paths = {}};
    state.goals = {goal("GET /api/resources", "missed", 1'942, 2'000),
                   goal("POST /api/resources", "kept", 99, 99), goal("GET /api/users", "idle", 0, 0)};
    state.work = {work("request", "GET /api/resources", 6'000), work("request", "POST /api/resources", 60),
                  work("task", "app.mail", 12), work("query", "select", 6'100)};
    state.usage =
        UsageAnswer{.cpu = {.percent = 62, .cores = 2},
                    .memory = {.bytes = 41'000'000, .limit_bytes = 1'000'000'000},
                    .files = {.open = 40, .most = 1'024},
                    .threads = 9,
                    .loops = {{"api-1", 1.5}},
                    .connections = ConnectionsAnswer{.in_use = 18, .idle = 2, .waiting = 3, .most = 20},
                    .bounds = {{"queue", 1, 10, 0}, {"pool", 18, 20, 4}},
                    .disk = {},
                    .problems = {}};
    state.tasks =
        TasksAnswer{.broker = "SQLite shop.db",
                    .warning = "",
                    .queues = {{.name = "main-queue", .ready = 12, .running = 3, .dead = 1, .oldest = ago(4)},
                               {.name = "night", .is_paused = true}},
                    .dead = {{.state = "failed",
                              .id = "01a21561-0480-71fd-8b43-a1982da8e115",
                              .name = "app.mail",
                              .queue = "main-queue",
                              .error = "no answer\nfrom there",
                              .ended_at = ago(90)}},
                    .tasks = {{.state = "running",
                               .id = "01a21561-0480-71fd-8b43-a1982da8e116",
                               .name = "app.report",
                               .queue = "main-queue",
                               .progress = 0.25,
                               .progress_words = "2 of 8",
                               .begun_at = ago(7)}}};
    state.queries = QueriesAnswer{.statements = {{.statement = "resources page by created_at",
                                                  .endpoint = "/api/resources",
                                                  .type = "select",
                                                  .count = 6'000,
                                                  .rows = 120'000,
                                                  .scanned = 600'000,
                                                  .took_ms = 9'000,
                                                  .mean_ms = 1.5,
                                                  .p95_ms = 4,
                                                  .slowest_ms = 30}},
                                  .slow = {},
                                  .repeated = {{.statement = "users by id",
                                                .endpoint = "/api/resources",
                                                .runs = 20,
                                                .fix = "ask for all at once: with<owner>",
                                                .times = 3}}};
    state.instances = InstancesAnswer{
        .through = "SQLite shop.db",
        .problem = "",
        .instances = {
            {.id = "a",
             .is_self = true,
             .state = "up",
             .version = "1.4",
             .role = "server",
             .host = "web-1",
             .pid = 7,
             .admin = state.url,
             .work = {.per_second = 101, .count = 6'060, .holds = 0.97, .p50_ms = 1.5, .p99_ms = 21},
             .cpu_percent = 62,
             .memory_bytes = 41'000'000,
             .goals_kept = 1,
             .goals_missed = 1},
            {.id = "a.0",
             .state = "gone",
             .heard_seconds_ago = 40,
             .version = "1.4",
             .role = "worker",
             .host = "web-1",
             .pid = 8,
             .admin = "",
             .running = {3, 16}}}};
    state.log =
        LogAnswer{.warnings = 1,
                  .errors = 1,
                  .lines = {{.at = ago(5), .level = "error", .process = 7, .message = "handler failed"},
                            {.at = ago(50),
                             .level = "warning",
                             .process = 7,
                             .message = "pool full",
                             .fields = json::Raw(R"({"waiting":7})"),
                             .times = 3}}};
    return state;
}

}  // namespace brio::tool::test
