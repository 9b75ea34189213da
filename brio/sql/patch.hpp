// Updates of the fields that a patch holds.
#pragma once
#include <array>

#include <brio/sql/statements.hpp>

namespace brio::sql {

/// Which columns of the row a patch changes: those whose optional holds a value, and those that are no
/// optionals. A field of type optional<optional<X>> tells "make it null" from "leave it".
template <class Row, class Patch>
std::uint64_t changed_columns(const Patch& patch) {
    static_assert(projects<Patch, Row>,
                  "update: a field is no column of the table, or has another type than the column");
    static_assert(reflect::field_index<Patch>("id") == reflect::field_count<Patch>,
                  "update: an id does not change");
    std::uint64_t changed = 0;
    reflect::for_each_field(patch, [&](auto index, std::string_view, const auto& field) {
        constexpr std::size_t place = reflect::field_index<Row>(reflect::field_names<Patch>[index]);
        using Field = std::remove_cvref_t<decltype(field)>;
        bool given = true;
        if constexpr (unwrap<Field>::optional) {
            given = field.has_value();
        }
        changed |= std::uint64_t{given} << place;
    });
    return changed;
}

/// Binds what changed_columns() found, in the order of the row's columns.
template <class Row, class Patch>
void bind_patch(Values& values, const Patch& patch) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        auto each = [&]<std::size_t At>(std::integral_constant<std::size_t, At>) {
            constexpr std::size_t from = reflect::field_index<Patch>(reflect::field_names<Row>[At]);
            if constexpr (from < reflect::field_count<Patch>) {
                const auto& field = std::get<from>(reflect::tie(patch));
                if constexpr (unwrap<std::remove_cvref_t<decltype(field)>>::optional) {
                    if (field) {
                        bind(values, *field);
                    }
                } else {
                    bind(values, field);
                }
            }
        };
        (each(std::integral_constant<std::size_t, I>{}), ...);
    }(std::make_index_sequence<reflect::field_count<Row>>{});
}

/// What an update of those columns sets besides: times of the last change, and the version.
template <class T>
constexpr RowChanges changes_of(std::uint64_t changed) {
    using Row = typename T::row;
    RowChanges changes{.given = changed, .now = updated_columns<T> & ~changed};
    if constexpr (has_version<Row>) {
        changes.counted = (std::uint64_t{1} << version_index<Row>)&~changed;
    }
    return changes;
}

/// Binds now for each column that an update sets to it.
template <class T>
void bind_updated_at(Values& values, std::uint64_t changed, Timestamp now) {
    for (auto bits = changes_of<T>(changed).now; bits != 0; bits &= bits - 1) {
        bind(values, now);
    }
}

/// Parameters: the changed values, now for each column of updated() that is not among them, the id, the
/// expected version when `versioned`. Gives the whole row.
template <class T>
const Statement& update_statement(const T& table, std::uint64_t changed, bool versioned) {
    static ChangeStatements made;
    expect_one_table(table);
    return made.find(changed, versioned ? 1 : 0, [&] {
        return make_statement({.type = StatementType::update,
                               .name = statement_name(table.name, "update"),
                               .writes = {std::string(table.name)}},
                              [&](StatementText& text) {
                                  write_update(text, row_text(table), changes_of<T>(changed));
                                  (text << " WHERE t.\"id\" = ").parameter();
                                  if constexpr (has_version<typename T::row>) {
                                      if (versioned) {
                                          (text << " AND ").column("t", version_name<typename T::row>)
                                              << " = ";
                                          text.parameter();
                                      }
                                  }
                                  write_returning(text, row_text(table));
                              });
    });
}

/// Parameters: the changed values, now for each column of updated() that is not among them, the condition's.
/// Gives the rows when `returning`.
template <class T, ConditionType C>
const Statement& update_where_statement(const T& table, std::uint64_t changed, bool returning) {
    static ChangeStatements made;
    expect_one_table(table);
    return made.find(changed, returning ? 1 : 0, [&] {
        return make_statement({.type = StatementType::update,
                               .name = statement_name(table.name, "update where"),
                               .writes = {std::string(table.name)}},
                              [&](StatementText& text) {
                                  write_update(text, row_text(table), changes_of<T>(changed));
                                  write_where<C>(text);
                                  if (returning) {
                                      write_returning(text, row_text(table));
                                  }
                              });
    });
}

/// The columns that changing<…>() names: what an upsert changes of a row that is there.
template <auto... Columns>
struct Changing {};
template <auto... Columns>
constexpr Changing<Columns...> changing() {
    return {};
}

namespace detail {
template <auto... Columns>
inline constexpr std::uint64_t bits_of =
    (std::uint64_t{0} | ... | (std::uint64_t{1} << reflect::member_index<Columns>()));
}  // namespace detail

/// Parameters as of insert_statement(). Where a row has the values of Unique already, it gets those of
/// `changed` (the times of the last change and the version besides, unless nothing is changed). Gives the
/// whole row.
template <auto... Unique, class T>
const Statement& upsert_statement(const T& table, std::uint64_t changed) {
    static ChangeStatements made;
    expect_one_table(table);
    return made.find(changed, 0, [&] {
        return make_statement({.type = StatementType::insert,
                               .name = statement_name(table.name, "upsert"),
                               .writes = {std::string(table.name)}},
                              [&](StatementText& text) {
                                  constexpr std::array unique{column_name<Unique>...};
                                  write_insert(text, row_text(table), "t");
                                  write_on_conflict(text, row_text(table), unique,
                                                    changed == 0 ? RowChanges{} : changes_of<T>(changed));
                                  write_returning(text, row_text(table));
                              });
    });
}

}  // namespace brio::sql

namespace brio {
using sql::changing;
}
