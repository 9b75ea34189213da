// Texts of the statements that write rows, and the statements of one table's updates, by what they change.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>

#include <brio/sql/statement.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::sql {

struct RowText {
    std::string_view table;
    std::span<const std::string_view> columns;
    std::size_t id;
};

/// What an update sets, as bits of columns.
struct RowChanges {
    std::uint64_t given = 0;    // to a parameter each
    std::uint64_t now = 0;      // to a parameter each, behind those
    std::uint64_t counted = 0;  // the version: one more
};

/// `INSERT INTO "things" (…) VALUES (…)` of every column but the id, a parameter each.
void write_insert(StatementText& text, const RowText& row, std::string_view alias = {});
/// ` ON CONFLICT (…) DO UPDATE SET …` for write_insert() with the alias t: `given` and `now` are what the
/// insert would have stored.
void write_on_conflict(StatementText& text, const RowText& row, std::span<const std::string_view> unique,
                       const RowChanges& changes);
/// `UPDATE "things" AS t SET …`; changes nothing when there are no changes.
void write_update(StatementText& text, const RowText& row, const RowChanges& changes);
/// ` RETURNING "id", …` of every column.
void write_returning(StatementText& text, const RowText& row);

/// Statements by the columns that they change and a number of their kind, made at first use. Any thread. At
/// most 256 of them; further ones stop the program.
class ChangeStatements {
public:
    const Statement& find(std::uint64_t changed, unsigned kind, const std::function<Statement()>& make);

private:
    std::mutex mutex_;
    std::map<std::pair<std::uint64_t, unsigned>, std::unique_ptr<const Statement>>
        made_;  // guarded by mutex_
};

}  // namespace brio::sql
