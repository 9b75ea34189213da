#include <bench/raw/page_store.hpp>
#include <bench/raw/raw_tasks.hpp>
#include <bench/raw/task_row.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <vector>

namespace bench {
namespace {

// The columns and indexes of Brio's own table that a task passes through.
constexpr const char* schema =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; "
    "CREATE TABLE tasks(number integer PRIMARY KEY, id text NOT NULL UNIQUE, name text NOT NULL, "
    "queue text NOT NULL, priority bigint NOT NULL, state bigint NOT NULL, due bigint NOT NULL, "
    "pushed_at bigint NOT NULL, fence bigint NOT NULL DEFAULT 0, worker text, begun_at bigint, "
    "ended_at bigint, until bigint, result text, details text NOT NULL, args text NOT NULL, "
    "kwargs text NOT NULL); "
    "CREATE INDEX ready ON tasks(queue, priority, due, number) WHERE state = 0; "
    "CREATE INDEX running ON tasks(worker) WHERE state = 1; "
    "CREATE INDEX until ON tasks(until) WHERE until IS NOT NULL";

class TaskTable {
public:
    explicit TaskTable(const std::string& path)
        : database_(open_database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) {
        execute(database_.get(), schema);
        begin_ = prepared("BEGIN IMMEDIATE");
        commit_ = prepared("COMMIT");
        push_ = prepared(
            "INSERT INTO tasks(id, name, queue, priority, state, due, pushed_at, details, args, kwargs) "
            "VALUES (?1, 'bench.noop', 'main-queue', 0, 0, ?2, ?2, ?3, '[]', ?4)");
        claim_ = prepared(
            "UPDATE tasks SET state = 1, worker = 'raw', fence = fence + 1, begun_at = ?1 WHERE number IN "
            "(SELECT number FROM tasks WHERE state = 0 AND queue = 'main-queue' ORDER BY priority, due, "
            "number "
            "LIMIT ?2) RETURNING id, fence, name, kwargs");
        settle_ = prepared(
            "UPDATE tasks SET state = 4, worker = NULL, args = '', kwargs = '', details = '', ended_at = ?1, "
            "until = ?1 + 3600000000, result = 'null' "
            "WHERE id = ?2 AND fence = ?3 AND worker = 'raw' AND state = 1");
    }

    void push(std::int64_t first) {
        step_to_end(begin_);
        for (std::int64_t number = first; number < first + task_batch; ++number) {
            const TaskRow row = new_task(number);
            bind(push_, 1, row.id);
            sqlite3_bind_int64(push_.get(), 2, row.pushed_at);
            bind(push_, 3, row.details);
            bind(push_, 4, row.kwargs);
            step_to_end(push_);
        }
        step_to_end(commit_);
    }

    struct Claim {
        std::string id;
        std::int64_t fence;
    };
    std::vector<Claim> claim() {
        std::vector<Claim> claims;
        sqlite3_bind_int64(claim_.get(), 1, task_now());
        sqlite3_bind_int64(claim_.get(), 2, task_batch);
        while (sqlite3_step(claim_.get()) == SQLITE_ROW) {
            claims.push_back({reinterpret_cast<const char*>(sqlite3_column_text(claim_.get(), 0)),
                              sqlite3_column_int64(claim_.get(), 1)});
        }
        sqlite3_reset(claim_.get());
        return claims;
    }

    void settle(const std::vector<Claim>& claims) {
        step_to_end(begin_);
        for (const Claim& each : claims) {
            sqlite3_bind_int64(settle_.get(), 1, task_now());
            bind(settle_, 2, each.id);
            sqlite3_bind_int64(settle_.get(), 3, each.fence);
            step_to_end(settle_);
        }
        step_to_end(commit_);
    }

private:
    struct Close {
        void operator()(sqlite3* database) const { sqlite3_close(database); }
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    using Prepared = std::unique_ptr<sqlite3_stmt, Close>;

    Prepared prepared(const char* sql) { return Prepared(prepare(database_.get(), sql)); }
    static void bind(Prepared& statement, int index, const std::string& text) {
        sqlite3_bind_text(statement.get(), index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    }
    void step_to_end(Prepared& statement) {
        const int step = sqlite3_step(statement.get());
        sqlite3_reset(statement.get());
        if (step != SQLITE_DONE) {
            throw std::runtime_error(sqlite3_errmsg(database_.get()));
        }
    }

    std::unique_ptr<sqlite3, Close> database_;
    Prepared begin_;
    Prepared commit_;
    Prepared push_;
    Prepared claim_;
    Prepared settle_;
};

}  // namespace

void work_on_sqlite(const std::string& path, const TaskLoad& load) {
    TaskTable table(path);
    for (std::int64_t done = 0; done < load.count; done += task_batch) {
        table.push(done);
        const auto claims = table.claim();
        if (claims.size() != static_cast<std::size_t>(task_batch)) {
            throw std::runtime_error("a claim gave other tasks than were pushed");
        }
        table.settle(claims);
    }
}

}  // namespace bench
