// A page of 20 rows with their owners: SQLite's C API alone, with a hand-written JSON appender, through the
// engine's encoder, and as a whole through Db. The difference of the third and the first is what the mapper
// costs.
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <charconv>

#include <brio/db/sqlite_connection.hpp>
#include <brio/db/test_model.hpp>
#include <brio/json/write.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::db::test {
namespace {

constexpr int row_count = 100'000;

/// 100,000 resources of 1,000 users, made once.
const Folder& filled() {
    static const Folder folder;
    static const bool done = [] {
        Migrator(folder.url(), migrations()).upgrade();
        sqlite::Connection connection({.path = folder.file(), .writes = true});
        connection.execute(
            "BEGIN;"
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000) "
            "INSERT INTO users(email, name) SELECT 'user' || x || '@example.org', 'User number ' || x FROM n;"
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000) "
            "INSERT INTO resources(owner_id, name, description, status, created_at) "
            "SELECT 1 + x % 1000, 'resource ' || x, 'A description of some length for number ' || x, "
            "CASE x % 3 WHEN 0 THEN 'draft' WHEN 1 THEN 'active' ELSE 'archived' END, 1700000000000000 + x * "
            "1000003 FROM n;"
            "COMMIT;");
        return true;
    }();
    static_cast<void>(done);
    return folder;
}

List<listing> request() {
    return *sql::parse_list<listing>(std::vector<sql::NamedValue>{
        {"sort_by", "created_at"}, {"sort_order", "desc"}, {"status", "active"}});
}

struct Bare {
    Bare() {
        sqlite3_open_v2(filled().file().c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        nullptr);
        sqlite3_exec(handle, "PRAGMA journal_mode=WAL; PRAGMA mmap_size=1073741824; PRAGMA cache_size=-16384",
                     nullptr, nullptr, nullptr);
        const auto text = sql::page_statement<listing, owner>(request()).text(sql::Dialect::sqlite);
        sqlite3_prepare_v3(handle, text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT,
                           &statement, nullptr);
    }
    ~Bare() {
        sqlite3_finalize(statement);
        sqlite3_close(handle);
    }
    void bind() {
        sqlite3_bind_text(statement, 1, "active", 6, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, 20);
        sqlite3_bind_int64(statement, 3, 0);
    }
    sqlite3* handle = nullptr;
    sqlite3_stmt* statement = nullptr;
};

void bare_steps(benchmark::State& state) {
    Bare bare;
    for (auto _ : state) {
        bare.bind();
        while (sqlite3_step(bare.statement) == SQLITE_ROW) {
            for (const int column : {0, 1, 5, 6, 7}) {
                benchmark::DoNotOptimize(sqlite3_column_int64(bare.statement, column));
            }
            for (const int column : {2, 3, 4, 8, 9}) {
                benchmark::DoNotOptimize(sqlite3_column_text(bare.statement, column));
                benchmark::DoNotOptimize(sqlite3_column_bytes(bare.statement, column));
            }
        }
        sqlite3_reset(bare.statement);
    }
}
BENCHMARK(bare_steps);

void bare_steps_only(benchmark::State& state) {
    Bare bare;
    for (auto _ : state) {
        bare.bind();
        while (sqlite3_step(bare.statement) == SQLITE_ROW) {
        }
        sqlite3_reset(bare.statement);
    }
}
BENCHMARK(bare_steps_only);

void append(std::string& out, std::string_view key, std::int64_t value) {
    char digits[20];
    out += key;
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}
void append(std::string& out, std::string_view key, sqlite3_stmt* statement, int column) {
    out += key;
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    for (int i = 0; i < sqlite3_column_bytes(statement, column); ++i) {
        if (text[i] == '"' || text[i] == '\\' || static_cast<unsigned char>(text[i]) < 0x20) {
            out += '\\';
        }
        out += text[i];
    }
    out += '"';
}

void bare_json(benchmark::State& state) {
    Bare bare;
    std::string out;
    for (auto _ : state) {
        bare.bind();
        out.clear();
        auto* s = bare.statement;
        while (sqlite3_step(s) == SQLITE_ROW) {
            append(out, "{\"id\":", sqlite3_column_int64(s, 0));
            append(out, ",\"owner_id\":", sqlite3_column_int64(s, 1));
            append(out, ",\"name\":\"", s, 2);
            append(out, ",\"description\":\"", s, 3);
            append(out, ",\"status\":\"", s, 4);
            append(out, ",\"created_at\":", sqlite3_column_int64(s, 5));
            append(out, ",\"version\":", sqlite3_column_int64(s, 6));
            append(out, ",\"owner\":{\"id\":", sqlite3_column_int64(s, 7));
            append(out, ",\"email\":\"", s, 8);
            append(out, ",\"name\":\"", s, 9);
            out += "}},";
        }
        sqlite3_reset(s);
        benchmark::DoNotOptimize(out.data());
    }
    state.counters["bytes"] = static_cast<double>(out.size());
}
BENCHMARK(bare_json);

void encoder(benchmark::State& state) {
    sqlite::Connection connection({.path = filled().file()});
    const auto list = request();
    JsonRows rows{.plan = &sql::json_plan_of<Resource, owner>(), .key = 5, .most = 20};
    Query query{.statement = &sql::page_statement<listing, owner>(list), .json = &rows};
    query.values.append(list.filter_values);
    query.values.add_integer(20);
    query.values.add_integer(0);
    for (auto _ : state) {
        connection.run(query);
        benchmark::DoNotOptimize(rows.out.data());
    }
    state.counters["bytes"] = static_cast<double>(rows.out.size());
}
BENCHMARK(encoder);

/// The whole way but HTTP: parameters, statement, placement, total kept, page as JSON.
void page_through_db(benchmark::State& state) {
    Database database({.url = filled().url()});
    runtime::Loop loop;
    runtime::Work work;
    ledger::Ledger ledger;
    ledger.start(ledger::Phase::handler);
    work.ledger = &ledger;
    work.loop = &loop;
    Buffer out;
    auto once = [&] {
        auto call = database.db().page_with<owner>(request());
        bool ended = false;
        call.start(work, [](void* flag) { *static_cast<bool*>(flag) = true; }, &ended);
        while (!ended) {
            loop.turn(std::chrono::milliseconds(10));
        }
        out.clear();
        json::write(out, call.result());
    };
    for (int i = 0; i < 100; ++i) {
        once();
    }
    for (auto _ : state) {
        once();
    }
    state.counters["bytes"] = static_cast<double>(out.size());
}
BENCHMARK(page_through_db);

void point_read_through_db(benchmark::State& state) {
    Database database({.url = filled().url()});
    runtime::Loop loop;
    runtime::Work work;
    work.loop = &loop;
    std::int64_t id = 1;
    auto once = [&] {
        auto call = database.db().find(resources, Id<Resource>(1 + id++ * 7919 % row_count));
        bool ended = false;
        call.start(work, [](void* flag) { *static_cast<bool*>(flag) = true; }, &ended);
        while (!ended) {
            loop.turn(std::chrono::milliseconds(10));
        }
        benchmark::DoNotOptimize(call.result());
    };
    for (auto _ : state) {
        once();
    }
}
BENCHMARK(point_read_through_db);

}  // namespace
}  // namespace brio::db::test
