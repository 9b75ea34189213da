// What a statement asks of each table, read from its text: which columns it compares, which order it wants.
//
// Pure. Understands the statements of the typed layer whole and plain SQL of one's own well enough for
// advice: what it does not understand is missing from the shape, never wrong in it. Columns without a table's
// name count for the first table.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace brio::db {

struct TableUse {
    std::string table;
    std::string alias;                  // the table's name where it has none
    std::vector<std::string> equal;     // columns compared by =, IN or IS with a value
    std::vector<std::string> joined;    // columns compared by = with another table's
    std::vector<std::string> compared;  // by <, >, BETWEEN or LIKE
    std::vector<std::string> ordered;   // in the order of ORDER BY
};

struct StatementShape {
    std::vector<TableUse> tables;  // in the order of their appearance; the first is what it is about
    bool has_or = false;           // so one index may not serve the conditions
    bool by_list = false;          // it compares with a whole list at once

    const TableUse* find(std::string_view table_or_alias) const noexcept;
    /// One row by its id, as find() reads it.
    bool is_by_id() const noexcept;
};

StatementShape shape_of(std::string_view text);

/// The columns that an index for this use would have, most useful first: those compared by =, then the order,
/// else one that is compared otherwise. Empty when none would help.
std::vector<std::string> index_columns(const TableUse& use);

}  // namespace brio::db
