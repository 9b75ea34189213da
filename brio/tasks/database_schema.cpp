#include <brio/tasks/database_schema.hpp>

#include <brio/base/text.hpp>
#include <brio/db/db_impl.hpp>
#include <brio/db/error.hpp>
#include <brio/tasks/database_rows.hpp>
#include <brio/tasks/database_statements.hpp>

namespace brio::tasks::database {

namespace {

using db::Query;
using sql::Dialect;
using sql::Statement;
using sql::StatementType;

constexpr std::string_view version = "2";

// From each earlier version to the next one. Programs of the earlier one that still run may go on, until
// workflows are pushed, whose tasks they cannot read.
constexpr std::string_view since_1 =
    "ALTER TABLE brio_tasks ADD COLUMN is_followed bigint NOT NULL DEFAULT 0";

// Rows come and go all the time: PostgreSQL is to clean up after every twentieth of them, not every fifth.
constexpr std::string_view postgresql_care =
    " WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)";

std::string tasks_table(Dialect dialect) {
    const bool is_sqlite = dialect == Dialect::sqlite;
    return concat({"CREATE TABLE IF NOT EXISTS brio_tasks(number ",
                   is_sqlite ? "integer PRIMARY KEY" : "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                   ", id text NOT NULL UNIQUE, name text NOT NULL, queue text NOT NULL, "
                   "priority bigint NOT NULL, state bigint NOT NULL, due bigint NOT NULL, "
                   "is_scheduled bigint NOT NULL, failures bigint NOT NULL, deaths bigint NOT NULL, "
                   "expires bigint, ignores_result bigint NOT NULL, pushed_at bigint NOT NULL, "
                   "fence bigint NOT NULL DEFAULT 0, worker text, is_revoked bigint NOT NULL DEFAULT 0, "
                   "begun_at bigint, ended_at bigint, until bigint, "
                   "progress double precision NOT NULL DEFAULT 0, progress_words text NOT NULL DEFAULT '', "
                   "error text NOT NULL DEFAULT '', error_type text NOT NULL DEFAULT '', result text, "
                   "details text NOT NULL, args text NOT NULL, kwargs text NOT NULL, "
                   "is_followed bigint NOT NULL DEFAULT 0)",
                   is_sqlite ? std::string_view() : postgresql_care});
}

std::vector<std::string> tables(Dialect dialect) {
    return {
        tasks_table(dialect),
        // What is ready, in the order in which it is taken.
        "CREATE INDEX IF NOT EXISTS idx_brio_tasks_ready ON brio_tasks(queue, priority, due, number) "
        "WHERE state = 0",
        "CREATE INDEX IF NOT EXISTS idx_brio_tasks_sent ON brio_tasks(queue, due) WHERE state = 3",
        "CREATE INDEX IF NOT EXISTS idx_brio_tasks_scheduled ON brio_tasks(due) WHERE state = 2",
        "CREATE INDEX IF NOT EXISTS idx_brio_tasks_expiring ON brio_tasks(expires) "
        "WHERE state IN (0, 2) AND expires IS NOT NULL",
        "CREATE INDEX IF NOT EXISTS idx_brio_tasks_running ON brio_tasks(worker) WHERE state = 1",
        "CREATE INDEX IF NOT EXISTS idx_brio_tasks_dead ON brio_tasks(number) WHERE state = 5",
        "CREATE INDEX IF NOT EXISTS idx_brio_tasks_until ON brio_tasks(until) WHERE until IS NOT NULL",
        "CREATE TABLE IF NOT EXISTS brio_task_workers(id text PRIMARY KEY, host text NOT NULL, "
        "pid bigint NOT NULL, beats bigint NOT NULL, is_dead bigint NOT NULL DEFAULT 0, "
        "died_at bigint NOT NULL DEFAULT 0)",
        "CREATE TABLE IF NOT EXISTS brio_task_queues(name text PRIMARY KEY, is_paused bigint NOT NULL)",
        "CREATE TABLE IF NOT EXISTS brio_task_leaders(name text PRIMARY KEY, holder text NOT NULL, "
        "renewals bigint NOT NULL, lasts_ms bigint NOT NULL)",
        "CREATE TABLE IF NOT EXISTS brio_task_parts(group_id text NOT NULL, part bigint NOT NULL, "
        "task_id text NOT NULL, is_done bigint NOT NULL, value text NOT NULL, until bigint NOT NULL, "
        "PRIMARY KEY (group_id, part))",
        "CREATE INDEX IF NOT EXISTS idx_brio_task_parts_until ON brio_task_parts(until)",
        "CREATE TABLE IF NOT EXISTS brio_task_values(key text PRIMARY KEY, value text NOT NULL)",
        concat({"INSERT INTO brio_task_values(key, value) VALUES ('brio.schema', '", version,
                "') ON CONFLICT (key) DO NOTHING"}),
    };
}

/// Another process that does the same at the same time waits.
const Statement& lock_statement() {
    static const Statement statement({.name = "tables of tasks"}, [](Dialect dialect) -> std::string {
        return dialect == Dialect::sqlite ? "SELECT 1"
                                          : "SELECT 1 FROM (SELECT pg_advisory_xact_lock(6232941)) AS held";
    });
    return statement;
}

/// One for each text, in order.
const std::vector<std::unique_ptr<Statement>>& table_statements() {
    static const auto made = [] {
        std::vector<std::unique_ptr<Statement>> all;
        const auto sqlite = tables(Dialect::sqlite);
        const auto postgresql = tables(Dialect::postgresql);
        for (std::size_t i = 0; i < sqlite.size(); ++i) {
            all.push_back(std::make_unique<Statement>(
                sql::StatementParts{.type = StatementType::other, .name = "tables of tasks"},
                std::array{sqlite[i], postgresql[i]}));
        }
        return all;
    }();
    return made;
}

const Statement& version_statement() {
    static const Statement statement({.name = "version of the tables of tasks"}, [](Dialect) {
        return std::string("SELECT value FROM brio_task_values WHERE key = 'brio.schema'");
    });
    return statement;
}

const Statement& since_1_statement() {
    static const Statement statement({.type = StatementType::other, .name = "newer tables of tasks"},
                                     std::array{std::string(since_1), std::string(since_1)});
    return statement;
}
const Statement& set_version_statement() {
    static const Statement statement(
        {.type = StatementType::update, .name = "version of the tables of tasks"}, [](Dialect) {
            return concat({"UPDATE brio_task_values SET value = '", version, "' WHERE key = 'brio.schema'"});
        });
    return statement;
}

Async<void> run_one(db::Transaction* transaction, const Statement* statement, db::Sink* sink = nullptr) {
    auto job = std::make_shared<db::WriteJob>();
    job->queries.push_back({.statement = statement, .sink = sink});
    co_await transaction->run(job);
}

}  // namespace

Async<void> make_tables(db::Database& database) {
    const auto transaction = co_await database.engine().begin({.most = std::chrono::seconds(30)});
    co_await run_one(transaction.get(), &lock_statement());
    for (const auto& statement : table_statements()) {
        co_await run_one(transaction.get(), statement.get());
    }
    TextSink found;
    co_await run_one(transaction.get(), &version_statement(), &found);
    if (found.all == std::vector<std::string>{"1"}) {
        co_await run_one(transaction.get(), &since_1_statement());
        co_await run_one(transaction.get(), &set_version_statement());
        co_await run_one(transaction.get(), &version_statement(), &found);
    }
    if (found.all.empty() || found.all.front() != version) {
        throw db::StatementError(concat({"the database's tables of tasks are of version ",
                                         found.all.empty() ? "unknown" : found.all.front(),
                                         ", which this program does not know: it knows ", version}));
    }
    co_await transaction->commit();
}

}  // namespace brio::tasks::database
