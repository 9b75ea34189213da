// The tables that a database has, as far as a model can say something about them. Blocks: for command lines.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <brio/db/migration.hpp>

namespace brio::db {

struct StoredColumn {
    std::string name;
    std::string engine_type;  // in the engine's words, in lower case: "bigint", "numeric(10,2)"
    ColumnType type;          // the nearest that there is
    bool is_key = false;      // the table's primary key alone
};

struct StoredIndex {
    std::string name;
    std::vector<std::string> columns;
    bool is_unique = false;
    bool is_plain = true;  // of columns and of all rows
    bool is_valid = true;  // on PostgreSQL: its building came to an end
};

struct StoredTable {
    std::string name;
    std::vector<StoredColumn> columns;
    std::vector<StoredIndex> indexes;  // without that of the primary key
};

/// In the order of their names; what is Brio's own or the engine's is left out. Throws error.hpp's
/// exceptions.
std::vector<StoredTable> read_stored_schema(const std::string& url);

namespace sqlite {
std::vector<StoredTable> read_stored_schema(const std::string& url);
}
namespace postgres {
std::vector<StoredTable> read_stored_schema(const std::string& url);
}

/// The nearest column type of what the engine says; `limit` is the text of a CHECK, `length("name") <= 120`.
ColumnType nearest_type(std::string_view engine_type, std::string_view limit);

}  // namespace brio::db
