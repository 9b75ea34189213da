// Rows of a SQLite statement: as sql::Columns for code that wants values, and straight into JSON. Internal.
#pragma once
#include <brio/db/engine.hpp>

struct sqlite3_stmt;

namespace brio::db::sqlite {

class StatementColumns final : public sql::Columns {
public:
    explicit StatementColumns(sqlite3_stmt* statement) noexcept : statement_(statement) {}
    bool is_null(int column) const override;
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string_view text(int column) const override;
    std::int64_t timestamp(int column) const override;
    int count() const override;
    std::string_view name(int column) const override;

private:
    sqlite3_stmt* statement_;
};

/// Steps to the end, or until one row more than `rows.most`. Returns SQLite's code (SQLITE_DONE when all went
/// well).
int encode_rows(sqlite3_stmt* statement, JsonRows& rows);

}  // namespace brio::db::sqlite
