// A program's tables as a plain description, to be compared with a database: App::model(users, resources).
//
// It is made from the constants that the program uses anyway, so that there is nothing to keep in step by
// hand.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <brio/db/migration.hpp>
#include <brio/sql/column.hpp>
#include <brio/sql/table.hpp>

namespace brio::db {

struct ModelColumn {
    std::string name;
    ColumnType type;              // a reference's target is empty when its table is not in the model
    bool is_least_limit = false;  // the limit is what values need; the table may allow more
};

struct ModelIndex {
    std::string name;
    std::vector<std::string> columns;
    bool is_unique = false;
    bool operator==(const ModelIndex&) const = default;
};

struct ModelTable {
    std::string name;
    std::vector<ModelColumn> columns;
    std::vector<ModelIndex> indexes;
};

using Model = std::vector<ModelTable>;

namespace detail {

template <class T>
inline constexpr std::uint32_t text_limit = 0;
template <std::size_t Max, std::size_t Min>
inline constexpr std::uint32_t text_limit<Text<Max, Min>> = Max;

template <class E>
constexpr std::uint32_t longest_name() {
    std::size_t most = 0;
    for (const std::string_view name : reflect::enum_names<E>) {
        most = std::max(most, name.size());
    }
    return static_cast<std::uint32_t>(most);
}

/// The name of the table whose rows an id names; empty when it is none of them.
template <class T>
struct row_of;
template <class Row>
struct row_of<Id<Row>> {
    template <class... Tables>
    static std::string table(const Tables&... tables) {
        std::string name;
        ((std::is_same_v<typename Tables::row, Row> ? void(name = tables.name) : void()), ...);
        return name;
    }
};

template <class T>
ColumnType plain_type() {
    switch (sql::kind_of<T>()) {
        case sql::ValueKind::boolean: return column::boolean;
        case sql::ValueKind::integer: return std::is_same_v<T, Version> ? column::version : column::integer;
        case sql::ValueKind::real: return column::real;
        case sql::ValueKind::timestamp: return column::timestamp;
        case sql::ValueKind::blob: return column::bytes;
        case sql::ValueKind::json: return column::json;
        default: return column::text(text_limit<T>);
    }
}

template <class T, class... Tables>
ColumnType type_of(const Tables&... tables) {
    if constexpr (sql::is_id<T>) {
        return column::reference(row_of<T>::table(tables...));
    } else if constexpr (std::is_same_v<T, Date>) {
        return column::date;
    } else if constexpr (std::is_same_v<T, Uuid>) {
        return column::uuid;
    } else if constexpr (reflect::is_decimal<T>) {
        return column::decimal(T::precision, T::scale);
    } else if constexpr (std::is_enum_v<T>) {
        return column::text(longest_name<T>());
    } else {
        return plain_type<T>();
    }
}

template <class Row, class Field, class... Tables>
ModelColumn column_of(std::string_view name, const Tables&... tables) {
    using T = sql::unwrapped<Field>;
    if (name == "id" && std::is_same_v<Field, Id<Row>>) {
        return {.name = "id", .type = column::id};
    }
    ModelColumn made{
        .name = std::string(name), .type = type_of<T>(tables...), .is_least_limit = std::is_enum_v<T>};
    made.type.is_optional = sql::unwrap<Field>::optional;
    return made;
}

template <class Part>
inline constexpr bool is_index = false;
template <auto... Columns>
inline constexpr bool is_index<sql::Index<Columns...>> = true;
template <auto... Columns>
inline constexpr bool is_index<sql::Unique<Columns...>> = true;

template <auto... Columns>
ModelIndex index_of(sql::Index<Columns...>, std::string_view name) {
    return {.name = std::string(name), .columns = {std::string(sql::column_name<Columns>)...}};
}
template <auto... Columns>
ModelIndex index_of(sql::Unique<Columns...>, std::string_view name) {
    return {
        .name = std::string(name), .columns = {std::string(sql::column_name<Columns>)...}, .is_unique = true};
}

template <class Row, class... Parts, class... Tables>
ModelTable table_of(const sql::Table<Row, Parts...>& table, const Tables&... tables) {
    ModelTable made{.name = std::string(table.name)};
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (made.columns.push_back(
             column_of<Row, reflect::field_t<Row, I>>(reflect::field_names<Row>[I], tables...)),
         ...);
    }(std::make_index_sequence<reflect::field_count<Row>>{});
    std::size_t at = 0;
    const auto add = [&]<class Part>(Part part) {
        if constexpr (is_index<Part>) {
            made.indexes.push_back(index_of(part, table.part_names[at]));
        }
        ++at;
    };
    (add(Parts{}), ...);
    return made;
}

}  // namespace detail

/// All tables of a program together, since they refer to each other.
template <class... Tables>
Model model_of(const Tables&... tables) {
    return {detail::table_of(tables, tables...)...};
}

}  // namespace brio::db
