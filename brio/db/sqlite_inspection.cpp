#include <brio/db/sqlite_inspection.hpp>

#include <sqlite3.h>

#include <brio/base/text.hpp>
#include <brio/db/sqlite_connection.hpp>
#include <brio/db/sqlite_file.hpp>

namespace brio::db {
namespace {

constexpr std::size_t most_shown = 10;

/// Calls `row` with the statement at each row of its result.
template <class Row>
void each_row(sqlite::Connection& connection, const char* text, Row row) {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(connection.handle(), text, -1, &statement, nullptr);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
            row(statement);
        }
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) {
        sqlite::throw_error(connection.handle(), code, text);
    }
}

std::string text_of(sqlite3_stmt* statement, int column) {
    auto const* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    return text != nullptr ? text : "";
}

}  // namespace

SqliteInspection inspect_sqlite(const std::string& path) {
    sqlite::Connection connection({.path = path});
    SqliteInspection found;
    each_row(connection, "PRAGMA journal_mode",
             [&](sqlite3_stmt* row) { found.journal_mode = text_of(row, 0); });
    each_row(connection, "PRAGMA integrity_check(10)", [&](sqlite3_stmt* row) {
        if (auto words = text_of(row, 0); words != "ok") {
            found.damage.push_back(std::move(words));
        }
    });
    each_row(connection, "PRAGMA foreign_key_check", [&](sqlite3_stmt* row) {
        ++found.orphan_count;
        if (found.orphans.size() < most_shown) {
            found.orphans.push_back(concat({text_of(row, 0), " ", text_of(row, 1), " refers to a row of ",
                                            text_of(row, 2), " that is not there"}));
        }
    });
    const auto page = static_cast<std::uint64_t>(connection.integer("PRAGMA page_size"));
    found.free_bytes = page * static_cast<std::uint64_t>(connection.integer("PRAGMA freelist_count"));
    found.file_bytes = sqlite::file_bytes(path);
    found.wal_bytes = sqlite::file_bytes(sqlite::wal_path(path));
    return found;
}

}  // namespace brio::db
