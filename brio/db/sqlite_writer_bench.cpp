// Durable inserts, 64 at a time: SQLite's C API with one flush for each 64 rows, and Db::insert() by 64
// coroutines of one loop. The ratio is what the queue, the coroutines and the way between two threads cost.
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <brio/db/test_model.hpp>
#include <brio/runtime/scope.hpp>

namespace brio::db::test {
namespace {

constexpr int in_flight = 64;

NewResource a_resource(Id<User> owner_id) {
    return {owner_id, Text<120, 1>("a name of usual length"),
            Text<2000>("a description of usual length, say"), Status::active};
}

void raw_group_commit(benchmark::State& state) {
    const Folder folder;
    Migrator(folder.url(), migrations()).upgrade();
    sqlite3* handle = nullptr;
    sqlite3_open_v2(folder.file().c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    sqlite3_exec(handle,
                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                 "INSERT INTO users(email, name) VALUES ('a@x', 'a')",
                 nullptr, nullptr, nullptr);
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(
        handle,
        "INSERT INTO resources(owner_id, name, description, status, created_at, version) "
        "VALUES (1, 'a name of usual length', 'a description of usual length, say', 'active', ?, 1)",
        -1, &insert, nullptr);
    std::int64_t at = 0;
    for (auto _ : state) {
        sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
        for (int i = 0; i < in_flight; ++i) {
            sqlite3_bind_int64(insert, 1, ++at);
            sqlite3_step(insert);
            sqlite3_reset(insert);
        }
        sqlite3_exec(handle, "COMMIT", nullptr, nullptr, nullptr);
    }
    state.SetItemsProcessed(state.iterations() * in_flight);
    sqlite3_finalize(insert);
    sqlite3_close(handle);
}
BENCHMARK(raw_group_commit)->UseRealTime();

Async<void> insert_while(Db db, Id<User> owner_id, std::int64_t& left) {
    while (left-- > 0) {
        co_await db.insert(resources, a_resource(owner_id));
    }
}

Async<void> insert_concurrently(Db db, Id<User> owner_id, std::int64_t count) {
    runtime::Scope scope(co_await runtime::current_work);
    for (int i = 0; i < in_flight; ++i) {
        scope.start(insert_while(db, owner_id, count));
    }
    co_await scope.join();
}

void inserts_through_db(benchmark::State& state) {
    Fixture fixture;
    const User ann = a_user(fixture);
    constexpr std::int64_t many = in_flight * 16;
    for (auto _ : state) {
        fixture.run(insert_concurrently(fixture.db(), ann.id, many));
    }
    state.SetItemsProcessed(state.iterations() * many);
}
BENCHMARK(inserts_through_db)->UseRealTime();

void one_insert_at_a_time(benchmark::State& state) {
    Fixture fixture;
    const User ann = a_user(fixture);
    for (auto _ : state) {
        fixture.run(fixture.db().insert(resources, a_resource(ann.id)));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(one_insert_at_a_time)->UseRealTime();

}  // namespace
}  // namespace brio::db::test
