#include <brio/db/sqlite_explain.hpp>

#include <sqlite3.h>

#include <functional>
#include <unordered_map>

#include <brio/base/text.hpp>

namespace brio::db::sqlite {

namespace {

using Statement = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;

Statement prepare(Connection& connection, const std::string& text) {
    sqlite3_stmt* made = nullptr;
    const int code =
        sqlite3_prepare_v2(connection.handle(), text.c_str(), static_cast<int>(text.size()), &made, nullptr);
    if (code != SQLITE_OK) {
        throw_error(connection.handle(), code, text);
    }
    return {made, &sqlite3_finalize};
}

std::string text_at(sqlite3_stmt* row, int column) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
    return text == nullptr ? std::string() : std::string(text);
}

void each_row(Connection& connection, const std::string& text,
              const std::function<void(sqlite3_stmt*)>& row) {
    const Statement statement = prepare(connection, text);
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
        row(statement.get());
    }
    if (code != SQLITE_DONE) {
        throw_error(connection.handle(), code, text);
    }
}

std::string text_literal(std::string_view value) {
    std::string text = "'";
    for (const char c : value) {
        text += c;
        text += c == '\'' ? "'" : "";
    }
    return text + "'";
}

}  // namespace

std::string explain(Connection& connection, const sql::Statement& statement) {
    std::string plan;
    std::unordered_map<int, std::size_t> depths;  // of the nodes above
    each_row(connection, concat({"EXPLAIN QUERY PLAN ", statement.text(sql::Dialect::sqlite)}),
             [&](sqlite3_stmt* row) {
                 const auto parent = depths.find(sqlite3_column_int(row, 1));
                 const std::size_t depth = parent == depths.end() ? 0 : parent->second + 1;
                 depths[sqlite3_column_int(row, 0)] = depth;
                 plan.append(plan.empty() ? "" : "\n").append(2 * depth, ' ').append(text_at(row, 3));
             });
    return plan;
}

std::unique_ptr<Connection> schema_copy(Connection& connection) {
    auto copy = std::make_unique<Connection>(ConnectionOptions{.path = ":memory:", .writes = true});
    // Tables before what stands on them. What SQLite makes by itself has no text.
    each_row(connection,
             "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
             "ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END",
             [&](sqlite3_stmt* row) { copy->execute(text_at(row, 0).c_str()); });
    bool analyzed = false;
    each_row(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'",
             [&](sqlite3_stmt*) { analyzed = true; });
    if (analyzed) {
        copy->execute("ANALYZE");  // makes its tables
        each_row(connection, "SELECT tbl, idx, stat FROM sqlite_stat1", [&](sqlite3_stmt* row) {
            const bool of_table = sqlite3_column_type(row, 1) == SQLITE_NULL;
            copy->execute(concat({"INSERT INTO sqlite_stat1 VALUES (", text_literal(text_at(row, 0)), ", ",
                                  of_table ? std::string("NULL") : text_literal(text_at(row, 1)), ", ",
                                  text_literal(text_at(row, 2)), ")"})
                              .c_str());
        });
        copy->execute("ANALYZE sqlite_schema");  // reads them
    }
    return copy;
}

}  // namespace brio::db::sqlite
