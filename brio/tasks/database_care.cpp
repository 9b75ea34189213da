// What DatabaseBroker says of tasks, and does with those that rest.
#include <algorithm>
#include <map>

#include <brio/base/text.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/tasks/database_broker.hpp>
#include <brio/tasks/database_rows.hpp>
#include <brio/tasks/database_statements.hpp>

namespace brio::tasks {

using namespace database;

namespace {

struct QueueSink final : db::Sink {
    explicit QueueSink(std::map<std::string, QueueStatus>& into) : queues(into) {}
    void row(const sql::Columns& columns) override {
        QueueStatus& queue = queues[std::string(columns.text(0))];
        const auto count = static_cast<std::uint64_t>(columns.integer(2));
        switch (static_cast<Row>(columns.integer(1))) {
            case Row::ready:
            case Row::sent:
                queue.ready += count;
                note_oldest(queue, Timestamp(columns.integer(3)));
                break;
            case Row::scheduled: queue.scheduled += count; break;
            case Row::running: queue.running += count; break;
            case Row::failed: queue.dead += count; break;
            default: break;
        }
    }
    void clear() override { queues.clear(); }
    static void note_oldest(QueueStatus& queue, Timestamp time) {
        queue.oldest = std::min(queue.oldest.value_or(time), time);
    }
    std::map<std::string, QueueStatus>& queues;
};

/// What has become due but was not made ready yet, since nobody has claimed.
struct DueSink final : db::Sink {
    explicit DueSink(std::map<std::string, QueueStatus>& into) : queues(into) {}
    void row(const sql::Columns& columns) override {
        QueueStatus& queue = queues[std::string(columns.text(0))];
        const auto count = static_cast<std::uint64_t>(columns.integer(1));
        queue.ready += count;
        queue.scheduled -= std::min(queue.scheduled, count);
        QueueSink::note_oldest(queue, Timestamp(columns.integer(2)));
    }
    void clear() override {}
    std::map<std::string, QueueStatus>& queues;
};

struct PausedSink final : db::Sink {
    explicit PausedSink(std::map<std::string, QueueStatus>& into) : queues(into) {}
    void row(const sql::Columns& columns) override { queues[std::string(columns.text(0))].is_paused = true; }
    void clear() override {}
    std::map<std::string, QueueStatus>& queues;
};

std::string listed(std::string_view where, std::string_view most = "$1") {
    return concat(
        {"SELECT ", status_columns, " FROM brio_tasks WHERE ", where, " ORDER BY number DESC LIMIT ", most});
}

/// Of one state as the rows have it; `retrying` and `pending` share their rows.
const sql::Statement& list_statement(std::optional<State> state) {
    static const sql::Statement all = both("list tasks", listed("true"));
    static const sql::Statement pending =
        both("list pending tasks", listed("state IN (0, 2, 3) AND failures = 0"));
    static const sql::Statement retrying =
        both("list retrying tasks", listed("state IN (0, 2, 3) AND failures > 0"));
    static const sql::Statement running = both("list running tasks", listed("state = 1"));
    static const sql::Statement done = both("list done tasks", listed("state = 4"));
    static const sql::Statement failed = both("list failed tasks", listed("state = 5"));
    static const sql::Statement expired = both("list expired tasks", listed("state = 6"));
    static const sql::Statement revoked = both("list revoked tasks", listed("state = 7"));
    if (!state) {
        return all;
    }
    switch (*state) {
        case State::pending: return pending;
        case State::retrying: return retrying;
        case State::running: return running;
        case State::done: return done;
        case State::failed: return failed;
        case State::expired: return expired;
        case State::revoked: return revoked;
        case State::unknown: break;
    }
    return all;
}

/// A row that is locked is about to be swept by somebody else, or to be another push of its id.
constexpr std::string_view sweep_text =
    "DELETE FROM brio_tasks WHERE number IN (SELECT number FROM brio_tasks WHERE until IS NOT NULL "
    "AND until <= $1 ORDER BY until LIMIT $2";

constexpr std::string_view sweep_parts_text =
    "DELETE FROM brio_task_parts WHERE (group_id, part) IN (SELECT group_id, part FROM brio_task_parts "
    "WHERE until <= $1 ORDER BY until LIMIT $2";

/// `change` of those that are dead and among the ids of the parameter.
sql::Statement of_dead(std::string name, std::string_view change, std::string_view ids) {
    return each(std::move(name),
                concat({change, " WHERE state = 5 AND id IN (SELECT value FROM json_each(", ids, "))"}),
                concat({change, " WHERE state = 5 AND id = ANY(", ids, "::text[])"}));
}

}  // namespace

Async<std::vector<Status>> DatabaseBroker::read_statuses(db::Query query) {
    StatusSink sink(clocks_.wall());
    query.sink = &sink;
    std::vector<db::Query> queries;
    queries.push_back(std::move(query));
    co_await read(queries);
    co_return std::move(sink.all);
}

Async<std::vector<QueueStatus>> DatabaseBroker::queues() {
    static const sql::Statement counted =
        both("count tasks",
             "SELECT queue, state, count(*), min(due) FROM brio_tasks WHERE state = 0 GROUP BY queue, state "
             "UNION ALL SELECT queue, state, count(*), min(due) FROM brio_tasks WHERE state = 2 "
             "GROUP BY queue, state UNION ALL SELECT queue, state, count(*), min(due) FROM brio_tasks "
             "WHERE state = 1 GROUP BY queue, state UNION ALL SELECT queue, state, count(*), min(due) "
             "FROM brio_tasks WHERE state = 3 GROUP BY queue, state UNION ALL SELECT queue, state, "
             "count(*), min(due) FROM brio_tasks WHERE state = 5 GROUP BY queue, state");
    static const sql::Statement due =
        both("count due tasks",
             "SELECT queue, count(*), min(due) FROM brio_tasks WHERE state = 2 AND due <= $1 GROUP BY queue");
    static const sql::Statement paused =
        both("paused queues", "SELECT name FROM brio_task_queues WHERE is_paused = 1");
    std::map<std::string, QueueStatus> found;
    QueueSink counting(found);
    DueSink counting_due(found);
    PausedSink pausing(found);
    std::vector<db::Query> queries;
    queries.push_back(Bound(counted).sink(&counting).take());
    queries.push_back(Bound(due).integer(now()).sink(&counting_due).take());
    queries.push_back(Bound(paused).sink(&pausing).take());
    co_await read(queries);
    std::vector<QueueStatus> all;
    for (auto& [name, queue] : found) {
        queue.name = name;
        all.push_back(std::move(queue));
    }
    co_return all;
}

Async<std::vector<Status>> DatabaseBroker::dead(DeadFilter filter) {
    static const sql::Statement statement = both(
        "list dead tasks", listed("state = 5 AND ($1 = '' OR queue = $1) AND ($2 = '' OR name = $2)", "$3"));
    return read_statuses(Bound(statement)
                             .text(filter.queue)
                             .text(filter.name)
                             .integer(static_cast<std::int64_t>(filter.most))
                             .take());
}

Async<std::uint64_t> DatabaseBroker::retry_dead(std::vector<std::string> ids) {
    static const sql::Statement statement =
        of_dead("retry dead tasks",
                "UPDATE brio_tasks SET due = $1, state = 0, failures = 0, deaths = 0, is_scheduled = 0, "
                "is_revoked = 0, begun_at = NULL, ended_at = NULL, until = NULL, progress = 0, "
                "progress_words = '', error = '', error_type = ''",
                "$2");
    const auto count = co_await write_one(Bound(statement).integer(now()).ids(ids).take());
    if (count != 0) {
        wake();
    }
    co_return count;
}

Async<std::uint64_t> DatabaseBroker::drop_dead(std::vector<std::string> ids) {
    static const sql::Statement statement = of_dead("drop dead tasks", "DELETE FROM brio_tasks", "$1");
    return write_one(Bound(statement).ids(ids).take());
}

Async<std::vector<Status>> DatabaseBroker::trim_dead(std::string queue, std::size_t kept, std::size_t most) {
    // Two that do it at a time find the same ones, so that not more are dropped than are too many.
    static const sql::Statement statement =
        both("trim dead tasks",
             concat({"DELETE FROM brio_tasks WHERE number IN (SELECT number FROM brio_tasks WHERE state = 5 "
                     "AND queue = $1 ORDER BY ended_at, number LIMIT (SELECT CASE WHEN count(*) <= $2 THEN 0 "
                     "WHEN count(*) - $2 < $3 THEN count(*) - $2 ELSE $3 END FROM brio_tasks "
                     "WHERE state = 5 AND queue = $1)) AND state = 5 RETURNING ",
                     status_columns}));
    struct TrimJob final : db::WriteJob {
        explicit TrimJob(Timestamp now) : sink(now) {}
        StatusSink sink;
    };
    auto job = std::make_shared<TrimJob>(clocks_.wall());
    job->queries.push_back(Bound(statement)
                               .text(queue)
                               .integer(static_cast<std::int64_t>(kept))
                               .integer(static_cast<std::int64_t>(most))
                               .sink(&job->sink)
                               .take());
    co_await write(job);
    co_return std::move(job->sink.all);
}

Async<void> DatabaseBroker::pause(std::string queue, bool paused) {
    static const sql::Statement statement =
        both("pause a queue",
             "INSERT INTO brio_task_queues(name, is_paused) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE "
             "SET is_paused = excluded.is_paused");
    co_await write_one(Bound(statement).text(queue).integer(paused ? 1 : 0).take());
    wake();
}

Async<std::uint64_t> DatabaseBroker::purge(std::string queue) {
    // Some at a time, so that nobody waits long for the writer. PostgreSQL waits for who has a row and then
    // looks at the outer condition only: whoever claimed it meanwhile keeps it.
    static const sql::Statement statement =
        both("purge a queue",
             "DELETE FROM brio_tasks WHERE number IN (SELECT number FROM brio_tasks "
             "WHERE queue = $1 AND state IN (0, 2, 3) AND number <= $2 ORDER BY number LIMIT 5000) "
             "AND state IN (0, 2, 3)");
    static const sql::Statement newest =
        both("newest task", "SELECT coalesce(max(number), 0) FROM brio_tasks");
    struct Newest final : db::Sink {
        void row(const sql::Columns& columns) override { number = columns.integer(0); }
        void clear() override { number = 0; }
        std::int64_t number = 0;
    } until;
    std::vector<db::Query> queries;
    queries.push_back(Bound(newest).sink(&until).take());
    co_await read(queries);
    std::uint64_t purged = 0;
    for (;;) {
        const auto count = co_await write_one(Bound(statement).text(queue).integer(until.number).take());
        purged += count;
        if (count == 0) {
            co_return purged;
        }
    }
}

Async<std::vector<Status>> DatabaseBroker::list(std::optional<State> state, std::size_t most) {
    return read_statuses(Bound(list_statement(state)).integer(static_cast<std::int64_t>(most)).take());
}

Async<std::uint64_t> DatabaseBroker::sweep(std::size_t most) {
    static const sql::Statement statement =
        each("sweep tasks", concat({sweep_text, ")"}), concat({sweep_text, " FOR UPDATE SKIP LOCKED)"}));
    static const sql::Statement dead_workers =
        both("sweep workers", "DELETE FROM brio_task_workers WHERE is_dead = 1 AND died_at < $1");
    static const sql::Statement old_parts = each("sweep parts of groups", concat({sweep_parts_text, ")"}),
                                                 concat({sweep_parts_text, " FOR UPDATE SKIP LOCKED)"}));
    co_await write_one(Bound(dead_workers)
                           .integer(now() - std::chrono::microseconds(std::chrono::hours(24)).count())
                           .take());
    const auto some = static_cast<std::int64_t>(most);
    const auto parts = co_await write_one(Bound(old_parts).integer(now()).integer(some).take());
    co_return std::max(parts, co_await write_one(Bound(statement).integer(now()).integer(some).take()));
}

Async<Durability> DatabaseBroker::durability() {
    Durability durability;
    if (dialect() == sql::Dialect::postgresql) {
        static const sql::Statement statement =
            both("durability of the server",
                 "SELECT name || ' is ' || setting FROM pg_settings WHERE name IN ('fsync', "
                 "'synchronous_commit', 'full_page_writes') AND setting = 'off'");
        TextSink off;
        std::vector<db::Query> queries;
        queries.push_back(Bound(statement).sink(&off).take());
        co_await read(queries);
        for (const std::string& each : off.all) {
            durability.is_durable = false;
            durability.words += concat({durability.words.empty() ? "" : ", ", each});
        }
        if (!durability.is_durable) {
            durability.words += " on the server: what it has acknowledged may be gone after a loss of power";
        }
    }
    co_return durability;
}

std::string DatabaseBroker::words() const {
    const std::string& url = database_.options().url;
    return concat({db::is_postgresql(url) ? "PostgreSQL " : "SQLite ", db::place_of(url)});
}

}  // namespace brio::tasks
