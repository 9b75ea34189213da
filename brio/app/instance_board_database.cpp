#include <brio/app/instance_board.hpp>
#include <brio/base/text.hpp>

namespace brio::app {

namespace {

using sql::Dialect;
using sql::Statement;

/// Milliseconds since 1970 by the clock of the database.
std::string_view now_of(Dialect dialect) {
    return dialect == Dialect::sqlite ? "CAST((julianday('now') - 2440587.5) * 86400000 AS integer)"
                                      : "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)";
}

// None of them names a table that it reads or writes: nobody keeps answers made of them, so no generation
// moves.
template <class Text>
Statement statement(std::string name, Text text) {
    return Statement(
        {.type = sql::type_of(text(Dialect::sqlite)), .name = std::move(name), .reads = {}, .writes = {}},
        text);
}

struct Texts final : db::Sink {
    void row(const sql::Columns& columns) override {
        all.push_back({.ago = std::chrono::milliseconds(std::max<std::int64_t>(0, columns.integer(0))),
                       .text = std::string(columns.text(1))});
    }
    void clear() override { all.clear(); }
    std::vector<InstanceBoard::Read> all;
};

struct Found final : db::Sink {
    void row(const sql::Columns& columns) override { is_there = columns.integer(0) != 0; }
    void clear() override { is_there = false; }
    bool is_there = false;
};

class DatabaseBoard final : public InstanceBoard {
public:
    DatabaseBoard(db::Database& database, std::string program)
        : engine_(database.engine()),
          program_(std::move(program)),
          words_(concat({engine_.dialect() == Dialect::sqlite ? "SQLite " : "PostgreSQL ",
                         db::place_of(database.options().url)})) {}

    Async<void> tell(Told told) override {
        static const Statement tell_statement = statement("tell of a process", [](Dialect dialect) {
            return concat({"INSERT INTO brio_instances(id, program, pid, said, text) VALUES ($1, $2, $3, ",
                           now_of(dialect),
                           ", $4) ON CONFLICT (id) DO UPDATE SET program = excluded.program, pid = "
                           "excluded.pid, said = excluded.said, text = excluded.text"});
        });
        static const Statement forget_statement = statement("forget processes", [](Dialect dialect) {
            return concat({"DELETE FROM brio_instances WHERE ", now_of(dialect), " - said > $1"});
        });
        if (!co_await is_there()) {
            co_await make();
        }
        was_there_ = false;  // if this fails, it may be because somebody dropped it
        auto job = std::make_shared<db::WriteJob>();
        auto& query = job->queries.emplace_back(db::Query{.statement = &tell_statement});
        query.values.add_bytes(told.id);
        query.values.add_bytes(program_);
        query.values.add_integer(told.pid);
        query.values.add_bytes(told.text);
        auto& forgets = job->queries.emplace_back(db::Query{.statement = &forget_statement});
        forgets.values.add_integer(std::chrono::milliseconds(watch::instance_forgotten_after).count());
        co_await engine_.write(std::move(job));
        was_there_ = true;
    }

    Async<void> leave(std::string id, std::int64_t pid) override {
        static const Statement leave_statement = statement("a process leaves", [](Dialect) {
            return std::string("DELETE FROM brio_instances WHERE id = $1 AND pid = $2");
        });
        if (!co_await is_there()) {
            co_return;  // nothing was told
        }
        auto job = std::make_shared<db::WriteJob>();
        auto& query = job->queries.emplace_back(db::Query{.statement = &leave_statement});
        query.values.add_bytes(id);
        query.values.add_integer(pid);
        co_await engine_.write(std::move(job));
    }

    Async<std::vector<Read>> read() override {
        static const Statement read_statement = statement("processes of this program", [](Dialect dialect) {
            return concat({"SELECT ", now_of(dialect),
                           " - said, text FROM brio_instances WHERE program = $1 AND length(text) <= $2 "
                           "AND ",
                           now_of(dialect), " - said <= $3 ORDER BY said DESC LIMIT $4"});
        });
        Texts texts;
        if (co_await is_there()) {
            was_there_ = false;  // as in tell()
            std::vector<db::Query> queries(1);
            queries[0].statement = &read_statement;
            queries[0].values.add_bytes(program_);
            queries[0].values.add_integer(most_bytes);
            queries[0].values.add_integer(std::chrono::milliseconds(watch::instance_forgotten_after).count());
            queries[0].values.add_integer(watch::most_instances + 1);
            queries[0].sink = &texts;
            co_await engine_.read(queries);
            was_there_ = true;
        }
        co_return std::move(texts.all);
    }

    std::string words() const override { return words_; }

private:
    // Not every user of a database may make tables, and one that may not is refused also where it is there.
    Async<bool> is_there() {
        static const Statement look_statement = statement("table of processes", [](Dialect dialect) {
            return std::string(dialect == Dialect::sqlite
                                   ? "SELECT count(*) FROM sqlite_schema WHERE name = 'brio_instances'"
                                   : "SELECT count(to_regclass('brio_instances'))");
        });
        if (!was_there_) {
            Found found;
            std::vector<db::Query> queries(1);
            queries[0].statement = &look_statement;
            queries[0].sink = &found;
            co_await engine_.read(queries);
            was_there_ = found.is_there;
        }
        co_return was_there_;
    }

    // Of PostgreSQL it is lost in a crash, which costs nothing and spares its log the rows.
    Async<void> make() {
        static const Statement lock_statement = statement("table of processes", [](Dialect dialect) {
            return std::string(dialect == Dialect::sqlite
                                   ? "SELECT 1"
                                   : "SELECT 1 FROM (SELECT pg_advisory_xact_lock(6232942)) AS held");
        });
        static const Statement make_statement = statement("table of processes", [](Dialect dialect) {
            return concat({dialect == Dialect::sqlite ? "CREATE TABLE" : "CREATE UNLOGGED TABLE",
                           " IF NOT EXISTS brio_instances(id text PRIMARY KEY, program text NOT NULL, "
                           "pid bigint NOT NULL, said bigint NOT NULL, text text NOT NULL)"});
        });
        auto job = std::make_shared<db::WriteJob>();
        job->queries.push_back({.statement = &lock_statement});
        job->queries.push_back({.statement = &make_statement});
        const auto transaction = co_await engine_.begin({});
        co_await transaction->run(std::move(job));
        co_await transaction->commit();
        was_there_ = true;
    }

    db::Engine& engine_;
    const std::string program_;
    const std::string words_;
    bool was_there_ = false;  // the table, at the last look or use
};

}  // namespace

std::unique_ptr<InstanceBoard> open_database_board(db::Database& database, std::string program) {
    return std::make_unique<DatabaseBoard>(database, std::move(program));
}

}  // namespace brio::app
