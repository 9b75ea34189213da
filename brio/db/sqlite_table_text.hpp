// The text of a table as SQLite keeps it, taken apart so that a column of it can be changed. Internal, pure.
//
// SQLite has no ALTER for a column's type, limit, NOT NULL or reference: the table is made again with the
// definition exchanged and everything else word for word (SQLite's documentation of ALTER TABLE, "Making
// Other Kinds Of Table Schema Changes").
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace brio::db::sqlite {

struct TableText {
    std::vector<std::string> columns;      // `"name" TEXT NOT NULL`
    std::vector<std::string> constraints;  // of the table: `CHECK (a < b)`
    std::string ending;                    // `WITHOUT ROWID`

    std::string statement(std::string_view table) const;
    /// The place of a column's definition. Throws MigrationError when there is none.
    std::size_t find(std::string_view column) const;
};

/// Of a CREATE TABLE statement. Throws MigrationError for what is none.
TableText parse_table(std::string_view text);

/// The word at the beginning without its quotes: of a definition, its column.
std::string first_name(std::string_view text);

/// The identifier stands in the text, in quotes or bare, whatever its case.
bool mentions(std::string_view text, std::string_view identifier);

}  // namespace brio::db::sqlite
