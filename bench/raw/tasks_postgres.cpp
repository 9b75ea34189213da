#include <postgresql/libpq-fe.h>
#include <array>
#include <atomic>
#include <bench/raw/raw_tasks.hpp>
#include <bench/raw/task_row.hpp>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace bench {
namespace {

// The columns and indexes of Brio's own table that a task passes through.
constexpr const char* schema =
    "CREATE TABLE tasks(number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE, "
    "name text NOT NULL, queue text NOT NULL, priority bigint NOT NULL, state bigint NOT NULL, "
    "due bigint NOT NULL, pushed_at bigint NOT NULL, fence bigint NOT NULL DEFAULT 0, worker text, "
    "begun_at bigint, ended_at bigint, until bigint, result text, details text NOT NULL, "
    "args text NOT NULL, kwargs text NOT NULL) "
    "WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0); "
    "CREATE INDEX ready ON tasks(queue, priority, due, number) WHERE state = 0; "
    "CREATE INDEX running ON tasks(worker) WHERE state = 1; "
    "CREATE INDEX until ON tasks(until) WHERE until IS NOT NULL";

constexpr std::array prepared{
    "PREPARE push (text[], bigint, text[], text[]) AS INSERT INTO "
    "tasks(id, name, queue, priority, state, due, pushed_at, details, args, kwargs) SELECT id, 'bench.noop', "
    "'main-queue', 0, 0, $2, $2, details, '[]', kwargs FROM unnest($1, $3, $4) AS given(id, details, kwargs)",
    "PREPARE claim (bigint, bigint) AS UPDATE tasks AS t SET state = 1, worker = 'raw', fence = fence + 1, "
    "begun_at = $1 FROM (SELECT number FROM tasks WHERE state = 0 AND queue = 'main-queue' "
    "ORDER BY priority, due, number LIMIT $2 FOR UPDATE SKIP LOCKED) AS chosen "
    "WHERE t.number = chosen.number RETURNING t.id, t.fence, t.name, t.kwargs",
    "PREPARE settle (text[], bigint[], bigint) AS UPDATE tasks AS t SET state = 4, worker = NULL, args = '', "
    "kwargs = '', details = '', ended_at = $3, until = $3 + 3600000000, result = 'null' "
    "FROM unnest($1, $2) AS given(id, fence) "
    "WHERE t.id = given.id AND t.fence = given.fence AND t.worker = 'raw' AND t.state = 1"};

class TaskTable {
public:
    explicit TaskTable(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
        if (PQstatus(connection_.get()) != CONNECTION_OK) {
            throw std::runtime_error(PQerrorMessage(connection_.get()));
        }
    }
    void make() { expect(PQexec(connection_.get(), schema), PGRES_COMMAND_OK); }
    void prepare() {
        expect(
            PQexec(connection_.get(), "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"),
            PGRES_COMMAND_OK);
        for (const char* statement : prepared) {
            expect(PQexec(connection_.get(), statement), PGRES_COMMAND_OK);
        }
    }

    void push(std::int64_t first) {
        Array ids, details, kwargs;
        for (std::int64_t number = first; number < first + task_batch; ++number) {
            const TaskRow row = new_task(number);
            ids.add(row.id);
            details.add(row.details);
            kwargs.add(row.kwargs);
        }
        run("push", {ids.text(), std::to_string(task_now()), details.text(), kwargs.text()},
            PGRES_COMMAND_OK);
    }

    /// Claims a batch and settles it; gives how many there were.
    int carry_out() {
        const std::string now = std::to_string(task_now());
        const auto claims = run("claim", {now, std::to_string(task_batch)}, PGRES_TUPLES_OK);
        const int count = PQntuples(claims.get());
        Array ids, fences;
        for (int row = 0; row < count; ++row) {
            ids.add(PQgetvalue(claims.get(), row, 0));
            fences.add(PQgetvalue(claims.get(), row, 1));
        }
        if (count > 0) {
            const auto settled =
                run("settle", {ids.text(), fences.text(), std::to_string(task_now())}, PGRES_COMMAND_OK);
            if (std::to_string(count) != PQcmdTuples(settled.get())) {
                throw std::runtime_error("a task was not settled");
            }
        }
        return count;
    }

private:
    struct Release {
        void operator()(PGconn* connection) const { PQfinish(connection); }
        void operator()(PGresult* result) const { PQclear(result); }
    };
    using Result = std::unique_ptr<PGresult, Release>;

    /// PostgreSQL's text of an array.
    class Array {
    public:
        void add(std::string_view value) {
            text_ += text_.size() == 1 ? "\"" : ",\"";
            for (const char c : value) {
                if (c == '"' || c == '\\') {
                    text_ += '\\';
                }
                text_ += c;
            }
            text_ += '"';
        }
        std::string text() const { return text_ + "}"; }

    private:
        std::string text_ = "{";
    };

    Result expect(PGresult* result, ExecStatusType status) {
        Result held(result);
        if (PQresultStatus(result) != status) {
            throw std::runtime_error(PQerrorMessage(connection_.get()));
        }
        return held;
    }
    Result run(const char* statement, const std::vector<std::string>& values, ExecStatusType status) {
        std::array<const char*, 4> starts{};
        for (std::size_t i = 0; i < values.size(); ++i) {
            starts[i] = values[i].c_str();
        }
        return expect(PQexecPrepared(connection_.get(), statement, static_cast<int>(values.size()),
                                     starts.data(), nullptr, nullptr, 0),
                      status);
    }

    std::unique_ptr<PGconn, Release> connection_;
};

}  // namespace

void work_on_postgres(const std::string& url, const TaskLoad& load) {
    TaskTable(url).make();
    std::atomic<std::int64_t> pushed = 0;
    std::atomic<std::int64_t> done = 0;
    std::vector<std::exception_ptr> errors(static_cast<std::size_t>(load.connections));
    std::vector<std::jthread> threads;
    for (auto& error : errors) {
        threads.emplace_back([&] {
            try {
                TaskTable table(url);
                table.prepare();
                while (done < load.count) {
                    if (const auto first = pushed.fetch_add(task_batch); first < load.count) {
                        table.push(first);
                    }
                    done += table.carry_out();
                }
            } catch (...) {
                error = std::current_exception();
                done = load.count;
            }
        });
    }
    threads.clear();
    for (const auto& error : errors) {
        if (error) {
            std::rethrow_exception(error);
        }
    }
}

}  // namespace bench
