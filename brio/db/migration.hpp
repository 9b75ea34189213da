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
#include <array>
#include <cstdint>
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
        decimal,
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
    std::uint32_t most = 0;   // of a text: characters; of a decimal: digits; 0: no limit
    std::uint32_t scale = 0;  // of a decimal: digits behind the point
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
/// Of a Decimal<precision, scale>.
inline ColumnType decimal(std::uint32_t precision, std::uint32_t scale) {
    return {.kind = ColumnType::Kind::decimal, .most = precision, .scale = scale};
}
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

/// A part of an index: a column by its name, or an expression.
struct IndexKey {
    IndexKey(const char* column) : text(column) {}
    IndexKey(std::string column) : text(std::move(column)) {}

    std::string text;
    bool is_expression = false;
    bool is_descending = false;
};
/// SQL over the row's columns, the same on every engine: "lower(email)".
IndexKey expression(std::string text);
IndexKey descending(IndexKey key);

/// What a column is and what it becomes.
struct ColumnChange {
    ColumnType from;
    ColumnType to;
    std::string conversion = {};  // SQL that gives the new value; none: the old one, cast
};

/// One change of the schema.
struct Operation {
    enum class Kind : std::uint8_t {
        create_table,
        drop_table,
        rename_table,
        add_column,
        drop_column,
        rename_column,
        alter_column,
        create_index,
        drop_index,
        raw,
    };
    Kind kind;
    std::string table = {};                      // that it is about; empty for drop_index and raw
    std::string name = {};                       // of the column or index
    std::string new_name = {};                   // of what is renamed
    std::vector<ColumnDefinition> columns = {};  // of a table; the one that is added; before and after
    std::vector<IndexKey> keys = {};             // of an index
    std::string condition = {};                  // of a partial index
    std::string conversion = {};                 // of an altered column
    std::array<std::string, sql::dialect_count> texts = {};  // of raw; an empty one does nothing
    std::string accepted = {};                               // why it may be done although it is dangerous
    bool is_unique = false;

    /// Of an index: only of the rows that this SQL condition holds for.
    Operation where(std::string rows) const;
};

Operation create_table(std::string name, std::vector<ColumnDefinition> columns);
Operation drop_table(std::string name);
Operation rename_table(std::string from, std::string to);
/// A NOT NULL column needs a default.
Operation add_column(std::string table, std::string name, ColumnType type);
Operation drop_column(std::string table, std::string name);
Operation rename_column(std::string table, std::string from, std::string to);
/// Another type, limit, default, NULL or NOT NULL, reference or none: what differs between the two.
Operation alter_column(std::string table, std::string name, ColumnChange change);
/// The column's values become references: `reference` is what the column is from then on.
Operation add_foreign_key(std::string table, std::string column, ColumnType reference);
/// They are plain integers again; `reference` is what the column was until then.
Operation drop_foreign_key(std::string table, std::string column, ColumnType reference);
/// On a table that was there before the migration, PostgreSQL builds it while others go on writing.
Operation create_index(std::string name, std::string table, std::vector<IndexKey> keys,
                       Uniqueness uniqueness = Uniqueness::any);
Operation drop_index(std::string name);
/// Text as it is, for what the other operations cannot say. One that says CONCURRENTLY runs outside of
/// transactions, and once more when a run was killed meanwhile.
Operation raw(std::string text);
/// Another text for each engine; an empty one does nothing there.
Operation raw(std::string sqlite, std::string postgresql);
/// The operation, which would be refused otherwise: it loses data, blocks others for long, or breaks running
/// instances of the program. `why` says why it may be done all the same.
Operation dangerous(std::string why, Operation operation);

template <class... Operations>
std::vector<Operation> up(Operations... operations) {
    return {std::move(operations)...};
}
template <class... Operations>
std::vector<Operation> down(Operations... operations) {
    return {std::move(operations)...};
}

enum class Direction : std::uint8_t { up, down };
std::string_view name_of(Direction direction) noexcept;

struct Migration {
    std::string revision;
    std::vector<Operation> upgrade;
    std::vector<Operation> downgrade;

    const std::vector<Operation>& operations(Direction direction) const noexcept {
        return direction == Direction::up ? upgrade : downgrade;
    }
    /// Of the revision and the operations upwards, the same on every engine and for ever.
    std::uint64_t checksum() const;
};

}  // namespace brio::db

namespace brio {
using db::add_column;
using db::add_foreign_key;
using db::alter_column;
using db::create_index;
using db::create_table;
using db::dangerous;
using db::descending;
using db::down;
using db::drop_column;
using db::drop_foreign_key;
using db::drop_index;
using db::drop_table;
using db::expression;
using db::Migration;
using db::raw;
using db::rename_column;
using db::rename_table;
using db::unique;
using db::up;
namespace column = db::column;
}  // namespace brio
