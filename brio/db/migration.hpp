// Migrations as values: frozen descriptions of what changes, in each direction.
//
//     const Migration migrations[] = {
//         {"0001_users_and_resources",
//          up(create_table("users", {{"id", column::id}, {"email", column::text(254)}, {"name",
//          column::text(120)}}),
//             create_table("resources", {{"id", column::id}, {"owner_id", column::reference("users")}, …})),
//          down(drop_table("resources"), drop_table("users"))},
//         {"0002_performance_indexes", up(create_index("idx_user_email", "users", {"email"}, unique)),
//         down(drop_index("idx_user_email"))},
//     };
//
// They are not derived from the program's structs, so that a migration means the same for ever. Each is
// rendered for the engine in use; what is applied is remembered with a checksum of its operations.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/sql/statement.hpp>

namespace brio::db {

/// A column's type and constraints. NOT NULL unless optional().
struct ColumnType {
    enum class Kind : std::uint8_t {
        id,
        integer,
        real,
        boolean,
        text,
        bytes,
        timestamp,
        date,
        uuid,
        json,
        reference
    };
    Kind kind = Kind::text;
    std::uint32_t most = 0;   // of a text: characters; 0: no limit
    std::string target = {};  // of a reference: the table
    bool is_optional = false;
    bool cascades = false;       // of a reference: rows go with the one that they refer to
    std::string otherwise = {};  // SQL of the default

    /// May be NULL.
    ColumnType optional() const;
    /// The rows go with the one that they refer to.
    ColumnType on_delete_cascade() const;
    /// An SQL constant: "0", "'draft'".
    ColumnType by_default(std::string constant) const;
};

/// The types of columns. `id` is the key that the engine numbers.
namespace column {
inline const ColumnType id{.kind = ColumnType::Kind::id};
inline const ColumnType integer{.kind = ColumnType::Kind::integer};
inline const ColumnType real{.kind = ColumnType::Kind::real};
inline const ColumnType boolean{.kind = ColumnType::Kind::boolean};
inline const ColumnType bytes{.kind = ColumnType::Kind::bytes};
inline const ColumnType timestamp{.kind = ColumnType::Kind::timestamp};
inline const ColumnType date{.kind = ColumnType::Kind::date};
inline const ColumnType uuid{.kind = ColumnType::Kind::uuid};
inline const ColumnType json{.kind = ColumnType::Kind::json};
inline const ColumnType version{.kind = ColumnType::Kind::integer, .otherwise = "1"};
inline ColumnType text(std::uint32_t most = 0) { return {.kind = ColumnType::Kind::text, .most = most}; }
/// The id of a row of that table.
inline ColumnType reference(std::string table) {
    return {.kind = ColumnType::Kind::reference, .target = std::move(table)};
}
}  // namespace column

struct ColumnDefinition {
    std::string name;
    ColumnType type;
};

enum class Uniqueness : std::uint8_t { any, unique };
inline constexpr Uniqueness unique = Uniqueness::unique;

/// One change of the schema.
struct Operation {
    enum class Kind : std::uint8_t {
        create_table,
        drop_table,
        rename_table,
        add_column,
        drop_column,
        rename_column,
        create_index,
        drop_index,
        raw,
    };
    Kind kind;
    std::string name;                            // of the table or the index; the text of raw
    std::string table = {};                      // of an index or a column; the new name of a table
    std::vector<ColumnDefinition> columns = {};  // of a table; the one that is added
    std::vector<std::string> names = {};         // columns of an index; old (and new) name of a column
    bool is_unique = false;
};

Operation create_table(std::string name, std::vector<ColumnDefinition> columns);
Operation drop_table(std::string name);
Operation rename_table(std::string from, std::string to);
/// A NOT NULL column needs a default.
Operation add_column(std::string table, std::string name, ColumnType type);
Operation drop_column(std::string table, std::string name);
Operation rename_column(std::string table, std::string from, std::string to);
Operation create_index(std::string name, std::string table, std::vector<std::string> columns,
                       Uniqueness uniqueness = Uniqueness::any);
Operation drop_index(std::string name);
/// Text as it is, for what the other operations cannot say.
Operation raw(std::string text);

template <class... Operations>
std::vector<Operation> up(Operations... operations) {
    return {std::move(operations)...};
}
template <class... Operations>
std::vector<Operation> down(Operations... operations) {
    return {std::move(operations)...};
}

struct Migration {
    std::string revision;
    std::vector<Operation> upgrade;
    std::vector<Operation> downgrade;

    /// Of the revision and the operations upwards, the same on every engine and for ever.
    std::uint64_t checksum() const;
};

/// The statement without a final semicolon.
std::string render(const Operation& operation, sql::Dialect dialect);

}  // namespace brio::db

namespace brio {
using db::add_column;
using db::create_index;
using db::create_table;
using db::down;
using db::drop_column;
using db::drop_index;
using db::drop_table;
using db::Migration;
using db::raw;
using db::rename_column;
using db::rename_table;
using db::unique;
using db::up;
namespace column = db::column;
}  // namespace brio
