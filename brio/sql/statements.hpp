// The statements of a table: their texts are made once per type, at first use.
//
// A row type belongs to one table, so a type names a table's name; a second table of the same rows stops the
// program.
#pragma once
#include <string>

#include <brio/base/expect.hpp>
#include <brio/sql/condition.hpp>
#include <brio/sql/projection.hpp>
#include <brio/sql/select_text.hpp>
#include <brio/sql/statement.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::sql {

template <class T>
void expect_one_table(const T& table) {
    static const std::string_view name = table.name;
    expect(name.data() == table.name.data() || name == table.name, "a row type belongs to one table");
}

template <ConditionType C>
void write_where(StatementText& text) {
    if constexpr (!std::is_same_v<C, Everything<typename C::row>>) {
        text << " WHERE ";
        C::write(text);
    }
}

inline std::string statement_name(std::string_view table, std::string_view what) {
    return concat({table, " ", what});
}

/// `$1` is the id.
template <class T, auto const&... Relations>
const Statement& find_statement(const T& table) {
    static const Statement made({.type = StatementType::select,
                                 .name = statement_name(table.name, "by id"),
                                 .reads = tables_read<T, Relations...>(table)},
                                [&](Dialect dialect) {
                                    StatementText text(dialect);
                                    write_select<T, Relations...>(text, table);
                                    text << " WHERE t.\"id\" = ";
                                    text.parameter();
                                    return std::move(text).take();
                                });
    expect_one_table(table);
    return made;
}

/// All columns but the id, in their order; PostgreSQL's returns the id.
template <class T>
const Statement& insert_statement(const T& table) {
    using Row = typename T::row;
    static const Statement made(
        {.type = StatementType::insert,
         .name = statement_name(table.name, "insert"),
         .writes = {std::string(table.name)}},
        [&](Dialect dialect) {
            StatementText text(dialect);
            (text << "INSERT INTO ").name(table.name) << " (";
            std::string_view comma;
            for (std::size_t i = 0; i < reflect::field_count<Row>; ++i) {
                if (i != id_index<Row>) {
                    (text << std::exchange(comma, ", ")).name(reflect::field_names<Row>[i]);
                }
            }
            text << ") VALUES (";
            comma = {};
            for (std::size_t i = 1; i < reflect::field_count<Row>; ++i) {
                (text << std::exchange(comma, ", ")).parameter();
            }
            text << ")" << (dialect == Dialect::postgresql ? " RETURNING \"id\"" : "");
            return std::move(text).take();
        });
    expect_one_table(table);
    return made;
}

/// `$1` is the id, `$2` the version when `versioned`.
template <class T>
const Statement& erase_statement(const T& table, bool versioned) {
    auto make = [&](Dialect dialect, bool with_version) {
        StatementText text(dialect);
        (text << "DELETE FROM ").name(table.name) << " WHERE \"id\" = ";
        text.parameter();
        if constexpr (has_version<typename T::row>) {
            if (with_version) {
                (text << " AND ").name(reflect::field_names<typename T::row>[version_index<typename T::row>])
                    << " = ";
                text.parameter();
            }
        }
        return std::move(text).take();
    };
    auto parts = [&] {
        return StatementParts{.type = StatementType::erase,
                              .name = statement_name(table.name, "erase"),
                              .writes = {std::string(table.name)}};
    };
    static const Statement plain(parts(), [&](Dialect dialect) { return make(dialect, false); });
    static const Statement compared(parts(), [&](Dialect dialect) { return make(dialect, true); });
    expect_one_table(table);
    return versioned ? compared : plain;
}

/// The rows of a to-many relation whose key is in the list `$1`, each after its key, in the order of key and
/// id.
template <auto const& Relation>
const Statement& children_statement() {
    using R = relation_type<Relation>;
    static const Statement made(
        {.type = StatementType::select,
         .name = statement_name(Relation.table.name, concat({"by ", column_name<R::key>})),
         .reads = children_read<Relation>()},
        [](Dialect dialect) {
            StatementText text(dialect);
            write_children<Relation>(text);
            return std::move(text).take();
        });
    expect_one_table(Relation.table);
    return made;
}

}  // namespace brio::sql
