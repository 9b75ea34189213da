#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/db/database.hpp>
#include <brio/db/sqlite_changes.hpp>
#include <brio/db/stored_schema.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::db::sqlite {

namespace {

struct TableRow {
    std::string name;
    std::string text;
};
struct ColumnRow {
    std::string name;
    std::string type;
    bool is_required;
    std::string otherwise;
    std::int64_t key;  // its place in the primary key, from 1
};
struct ReferenceRow {
    std::string column_name;
    std::string target;
    bool cascades;
};
struct IndexRow {
    std::string name;
    bool is_unique;
    bool is_partial;
};
struct KeyRow {
    std::optional<std::string> name;
};

std::vector<StoredColumn> columns_of(Connection& connection, const TableRow& table) {
    const std::string name = sql::quoted_text(table.name);
    const TableText text = parse_table(table.text);
    std::vector<StoredColumn> columns;
    const auto rows = rows_of<ColumnRow>(
        connection,
        concat({"SELECT name, lower(type) AS type, \"notnull\" AS is_required, coalesce(dflt_value, '') "
                "AS otherwise, pk AS key FROM pragma_table_info(",
                name, ")"}));
    const auto key_columns = std::ranges::count_if(rows, [](const ColumnRow& row) { return row.key != 0; });
    for (const ColumnRow& row : rows) {
        StoredColumn column{.name = row.name,
                            .engine_type = row.type,
                            .type = nearest_type(row.type, text.columns[text.find(row.name)]),
                            .is_key = row.key != 0 && key_columns == 1};
        column.type.is_optional = !row.is_required && row.key == 0;
        column.type.otherwise = row.otherwise;
        columns.push_back(std::move(column));
    }
    for (const ReferenceRow& row : rows_of<ReferenceRow>(
             connection,
             concat({"SELECT \"from\" AS column_name, \"table\" AS target, on_delete = 'CASCADE' AS "
                     "cascades FROM pragma_foreign_key_list(",
                     name, ")"}))) {
        for (StoredColumn& column : columns) {
            if (column.name == row.column_name) {
                column.type.kind = ColumnType::Kind::reference;
                column.type.target = row.target;
                column.type.cascades = row.cascades;
            }
        }
    }
    return columns;
}

std::vector<StoredIndex> indexes_of(Connection& connection, const TableRow& table) {
    std::vector<StoredIndex> indexes;
    for (const IndexRow& row : rows_of<IndexRow>(
             connection, concat({"SELECT name, \"unique\" AS is_unique, partial AS is_partial FROM "
                                 "pragma_index_list(",
                                 sql::quoted_text(table.name), ") WHERE origin <> 'pk' ORDER BY name"}))) {
        StoredIndex index{.name = row.name, .is_unique = row.is_unique, .is_plain = !row.is_partial};
        for (const KeyRow& key : rows_of<KeyRow>(connection, concat({"SELECT name FROM pragma_index_info(",
                                                                     sql::quoted_text(row.name), ")"}))) {
            index.is_plain = index.is_plain && key.name;
            index.columns.push_back(key.name.value_or(""));
        }
        indexes.push_back(std::move(index));
    }
    return indexes;
}

}  // namespace

std::vector<StoredTable> read_stored_schema(const std::string& url) {
    Connection connection({.path = sqlite_path(url)});
    std::vector<StoredTable> tables;
    for (const TableRow& table : rows_of<TableRow>(
             connection,
             "SELECT name, sql AS text FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
             "'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'brio\\_%' ESCAPE '\\' AND sql LIKE 'CREATE "
             "TABLE%' ORDER BY name")) {
        tables.push_back({.name = table.name,
                          .columns = columns_of(connection, table),
                          .indexes = indexes_of(connection, table)});
    }
    return tables;
}

}  // namespace brio::db::sqlite
