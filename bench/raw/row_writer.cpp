#include <bench/raw/row_writer.hpp>

#include <bench/raw/page_store.hpp>
#include <chrono>
#include <stdexcept>

namespace bench {
namespace {

void bind_text(sqlite3_stmt* statement, int index, const std::string& text) {
    sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

void run(sqlite3* database, sqlite3_stmt* statement) {
    const int step = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (step != SQLITE_DONE) {
        throw std::runtime_error(std::string(sqlite3_sql(statement)) + ": " + sqlite3_errmsg(database));
    }
}

std::int64_t now_in_microseconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace

RowWriter::RowWriter(const std::string& path) : database_(open_database(path, SQLITE_OPEN_READWRITE)) {
    execute(database_,
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
            "PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000");
    begin_ = prepare(database_, "BEGIN IMMEDIATE");
    insert_ = prepare(database_,
                      "INSERT INTO resources(owner_id, name, description, status, created_at, version) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, 1)");
    commit_ = prepare(database_, "COMMIT");
}

RowWriter::~RowWriter() {
    sqlite3_finalize(begin_);
    sqlite3_finalize(insert_);
    sqlite3_finalize(commit_);
    sqlite3_close(database_);
}

std::vector<StoredRow> RowWriter::insert_all(std::span<const NewRow> rows) {
    std::vector<StoredRow> stored;
    stored.reserve(rows.size());
    run(database_, begin_);
    for (const NewRow& row : rows) {
        const std::int64_t now = now_in_microseconds();
        sqlite3_bind_int64(insert_, 1, row.owner_id);
        bind_text(insert_, 2, row.name);
        bind_text(insert_, 3, row.description);
        bind_text(insert_, 4, row.status);
        sqlite3_bind_int64(insert_, 5, now);
        const int step = sqlite3_step(insert_);
        sqlite3_reset(insert_);
        if (step == SQLITE_DONE) {
            stored.push_back({sqlite3_last_insert_rowid(database_), now});
        } else if (sqlite3_extended_errcode(database_) == SQLITE_CONSTRAINT_FOREIGNKEY) {
            stored.push_back({});
        } else {
            const std::string message = sqlite3_errmsg(database_);
            execute(database_, "ROLLBACK");
            throw std::runtime_error("storing a row: " + message);
        }
    }
    run(database_, commit_);
    return stored;
}

}  // namespace bench
