// Carries out one operation on a SQLite database, by ALTER where SQLite can and by making the table again
// where it cannot. Internal.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/db/migration.hpp>
#include <brio/db/rows.hpp>
#include <brio/db/sqlite_connection.hpp>
#include <brio/db/sqlite_table_text.hpp>

namespace brio::db::sqlite {

/// The table is made again: foreign keys must be off, which is possible outside of transactions only, and be
/// checked before the commit.
bool makes_table_again(const Operation& operation);
bool make_tables_again(std::span<const Operation> operations);

class Changes {
public:
    /// The texts of what is run are appended to `log` when there is one.
    explicit Changes(Connection& connection, std::vector<std::string>* log = nullptr) noexcept
        : connection_(connection),
          log_(log) {}

    /// Throws MigrationError with the statement that failed.
    void carry_out(const Operation& operation);
    /// Throws MigrationError that names a table with rows that refer to nothing.
    void check_references();

private:
    void execute(const std::string& text);
    TableText table_text(const std::string& table);
    void make_again(const Operation& operation);
    void drop_column(const Operation& operation);
    /// Of the table: texts of those that nobody else makes, without those that mention `dropped`.
    std::vector<std::string> companions(const std::string& table, std::string_view dropped);
    void copy(const Operation& operation, const std::string& made);

    Connection& connection_;
    std::vector<std::string>* log_;
};

/// The rows of a text that is made for once.
template <class Row>
std::vector<Row> rows_of(Connection& connection, const std::string& text) {
    const sql::Statement statement({.type = sql::type_of(text), .name = "migrations"},
                                   [&](sql::Dialect) { return text; });
    NamedRowsSink<Row> sink;
    Query query{.statement = &statement, .sink = &sink};
    connection.run(query);
    return std::move(sink.values);
}

}  // namespace brio::db::sqlite
