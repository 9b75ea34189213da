// The statements of a table: their texts are made once per type, at first use.
//
// A row type belongs to one table, so a type names a table's name; a second table of the same rows stops the
// program.
#pragma once
#include <string>

#include <brio/base/expect.hpp>
#include <brio/sql/condition.hpp>
#include <brio/sql/projection.hpp>
#include <brio/sql/row_text.hpp>
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

template <class T>
RowText row_text(const T& table) {
    return {.table = table.name,
            .columns = reflect::field_names<typename T::row>,
            .id = id_index<typename T::row>};
}

/// `$1` is the id.
template <class T, auto const&... Relations>
const Statement& find_statement(const T& table) {
    static const Statement made = make_statement({.type = StatementType::select,
                                                  .name = statement_name(table.name, "by id"),
                                                  .reads = tables_read<T, Relations...>(table)},
                                                 [&](StatementText& text) {
                                                     write_select<T, Relations...>(text, table);
                                                     (text << " WHERE t.\"id\" = ").parameter();
                                                 });
    expect_one_table(table);
    return made;
}

/// Whether there is a row of the id `$1`.
template <class T>
const Statement& exists_statement(const T& table) {
    static const Statement made = make_statement({.type = StatementType::select,
                                                  .name = statement_name(table.name, "exists"),
                                                  .reads = {std::string(table.name)}},
                                                 [&](StatementText& text) {
                                                     write_from(text << "SELECT 1", table.name);
                                                     (text << " WHERE t.\"id\" = ").parameter();
                                                 });
    expect_one_table(table);
    return made;
}

/// All columns but the id, in their order; PostgreSQL's returns the id.
template <class T>
const Statement& insert_statement(const T& table) {
    static const Statement made =
        make_statement({.type = StatementType::insert,
                        .name = statement_name(table.name, "insert"),
                        .writes = {std::string(table.name)}},
                       [&](StatementText& text) {
                           write_insert(text, row_text(table));
                           text << (text.dialect() == Dialect::postgresql ? " RETURNING \"id\"" : "");
                       });
    expect_one_table(table);
    return made;
}

/// `$1` is the id, `$2` the version when `versioned`.
template <class T>
const Statement& erase_statement(const T& table, bool versioned) {
    auto make = [&](bool with_version) {
        return make_statement({.type = StatementType::erase,
                               .name = statement_name(table.name, "erase"),
                               .writes = {std::string(table.name)}},
                              [&](StatementText& text) {
                                  (text << "DELETE FROM ").name(table.name) << " WHERE \"id\" = ";
                                  text.parameter();
                                  if constexpr (has_version<typename T::row>) {
                                      if (with_version) {
                                          text << " AND ";
                                          text.name(version_name<typename T::row>) << " = ";
                                          text.parameter();
                                      }
                                  }
                              });
    };
    static const Statement plain = make(false);
    static const Statement compared = make(true);
    expect_one_table(table);
    return versioned ? compared : plain;
}

/// The rows of which the condition holds; gives them when `returning`.
template <class T, ConditionType C>
const Statement& erase_where_statement(const T& table, bool returning) {
    auto make = [&](bool gives_rows) {
        return make_statement({.type = StatementType::erase,
                               .name = statement_name(table.name, "erase where"),
                               .writes = {std::string(table.name)}},
                              [&](StatementText& text) {
                                  (text << "DELETE FROM ").name(table.name) << " AS t";
                                  write_where<C>(text);
                                  if (gives_rows) {
                                      write_returning(text, row_text(table));
                                  }
                              });
    };
    static const Statement plain = make(false);
    static const Statement giving = make(true);
    expect_one_table(table);
    return returning ? giving : plain;
}

/// The rows of a to-many relation whose key is in the list `$1`, each after its key, in the order of key and
/// id.
template <auto const& Relation>
const Statement& children_statement() {
    using R = relation_type<Relation>;
    static const Statement made =
        make_statement({.type = StatementType::select,
                        .name = statement_name(Relation.table.name, concat({"by ", column_name<R::key>})),
                        .reads = children_read<Relation>()},
                       [](StatementText& text) { write_children<Relation>(text); });
    expect_one_table(Relation.table);
    return made;
}

}  // namespace brio::sql
