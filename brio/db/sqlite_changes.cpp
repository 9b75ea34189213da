#include <brio/db/sqlite_changes.hpp>

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/db/migrate.hpp>
#include <brio/db/migration_text.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::db::sqlite {

namespace {

using Kind = Operation::Kind;
using sql::quoted_name;
using sql::quoted_text;
constexpr auto dialect = sql::Dialect::sqlite;

struct Text {
    std::string text;
};
struct Companion {
    std::string type;
    std::string name;
    std::string text;
};
struct Dangling {
    std::string child;
    std::string parent;
};

/// ALTER TABLE ADD COLUMN takes constants only, and no default for a reference.
bool is_beyond_add_column(const ColumnType& type) {
    const std::string& value = type.otherwise;
    return !value.empty() && (type.kind == ColumnType::Kind::reference || value.contains('(') ||
                              lower(value).starts_with("current_"));
}

}  // namespace

bool makes_table_again(const Operation& operation) {
    return operation.kind == Kind::alter_column || operation.kind == Kind::drop_column ||
           (operation.kind == Kind::add_column && is_beyond_add_column(operation.columns.at(0).type));
}

bool make_tables_again(std::span<const Operation> operations) {
    return std::ranges::any_of(operations, makes_table_again);
}

void Changes::execute(const std::string& text) {
    if (text.empty()) {
        return;
    }
    try {
        connection_.execute(text.c_str());
    } catch (const std::exception& error) {
        throw MigrationError(concat({error.what(), "\n", text}));
    }
    if (log_ != nullptr) {
        log_->push_back(text);
    }
}

void Changes::carry_out(const Operation& operation) {
    if (operation.kind == Kind::drop_column) {
        drop_column(operation);
    } else if (makes_table_again(operation)) {
        make_again(operation);
    } else {
        execute(render(operation, dialect));
    }
}

TableText Changes::table_text(const std::string& table) {
    const auto found =
        rows_of<Text>(connection_, concat({"SELECT sql AS text FROM sqlite_schema WHERE type = 'table' AND "
                                           "name = ",
                                           quoted_text(table), " COLLATE NOCASE"}));
    if (found.empty()) {
        throw MigrationError(concat({"there is no table ", table}));
    }
    return parse_table(found.front().text);
}

std::vector<std::string> Changes::companions(const std::string& table, std::string_view dropped) {
    std::vector<std::string> texts;
    for (auto& each : rows_of<Companion>(
             connection_, concat({"SELECT type, name, sql AS text FROM sqlite_schema WHERE type IN ('index', "
                                  "'trigger') AND sql IS NOT NULL AND tbl_name = ",
                                  quoted_text(table), " COLLATE NOCASE ORDER BY rowid"}))) {
        if (dropped.empty() || each.type != "index" || !mentions(each.text, dropped)) {
            texts.push_back(std::move(each.text));
        }
    }
    return texts;
}

// As PostgreSQL does, indexes that need the column go with it. A column that refers to another table is
// beyond ALTER TABLE DROP COLUMN.
void Changes::drop_column(const Operation& operation) {
    const TableText table = table_text(operation.table);
    if (mentions(table.columns[table.find(operation.name)], "references")) {
        return make_again(operation);
    }
    for (const auto& each : rows_of<Companion>(
             connection_,
             concat({"SELECT type, name, sql AS text FROM sqlite_schema WHERE type = 'index' AND "
                     "sql IS NOT NULL AND tbl_name = ",
                     quoted_text(operation.table), " COLLATE NOCASE"}))) {
        if (mentions(each.text, operation.name)) {
            execute(concat({"DROP INDEX ", quoted_name(each.name)}));
        }
    }
    execute(render(operation, dialect));
}

void Changes::make_again(const Operation& operation) {
    TableText table = table_text(operation.table);
    const bool drops = operation.kind == Kind::drop_column;
    if (operation.kind == Kind::add_column) {
        table.columns.push_back(column_text(operation.columns.at(0), dialect));
    } else if (const auto at = table.find(operation.name); drops) {
        table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
        table.columns[at] = column_text(operation.columns.at(1), dialect);
    }
    const auto after = companions(operation.table, drops ? operation.name : "");
    const std::string made = "brio_made_" + operation.table;
    execute(table.statement(made));
    copy(operation, made);
    execute(concat({"DROP TABLE ", quoted_name(operation.table)}));
    // Views and triggers that name the table are not to be touched, nor to be complained of, on the way.
    execute("PRAGMA legacy_alter_table=ON");
    execute(concat({"ALTER TABLE ", quoted_name(made), " RENAME TO ", quoted_name(operation.table)}));
    execute("PRAGMA legacy_alter_table=OFF");
    for (const std::string& text : after) {
        execute(text);
    }
}

void Changes::copy(const Operation& operation, const std::string& made) {
    std::string columns;
    std::string values;
    // hidden: 0 is a column that can be written, 2 and 3 are generated
    for (const auto& column :
         rows_of<Text>(connection_, concat({"SELECT name AS text FROM pragma_table_xinfo(", quoted_text(made),
                                            ") WHERE hidden = 0"}))) {
        const bool is_it = equal_ignoring_case(column.text, operation.name);
        if (is_it && operation.kind == Kind::add_column) {
            continue;  // its default
        }
        const std::string_view comma = columns.empty() ? "" : ", ";
        columns += concat({comma, quoted_name(column.text)});
        values += concat({comma, is_it && !operation.conversion.empty() ? operation.conversion
                                                                        : quoted_name(column.text)});
    }
    execute(concat({"INSERT INTO ", quoted_name(made), " (", columns, ") SELECT ", values, " FROM ",
                    quoted_name(operation.table)}));
}

void Changes::check_references() {
    const auto dangling = rows_of<Dangling>(
        connection_, "SELECT \"table\" AS child, parent FROM pragma_foreign_key_check LIMIT 1");
    if (!dangling.empty()) {
        throw MigrationError(concat({"rows of ", dangling.front().child, " refer to rows of ",
                                     dangling.front().parent, " that are not there"}));
    }
}

}  // namespace brio::db::sqlite
