// Tables as constants beside the structs that are their rows.
//
//     inline constexpr auto users = table<User>("users").unique<&User::email>("idx_user_email");
//
// A row type belongs to one table: Id<Row> names a row of it. Every field is a column of the same name. What
// the layer fills in by itself: the field `id` of type Id<Row> (the engine gives it), a Version (1, then one
// more with each update), and Timestamps named `created_at` and `updated_at`, or as .created<…>() and
// .updated<…>() say.
#pragma once
#include <array>
#include <string_view>
#include <type_traits>

#include <brio/reflect/fields.hpp>
#include <brio/reflect/id.hpp>
#include <brio/reflect/members.hpp>
#include <brio/reflect/text.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/reflect/version.hpp>

namespace brio::sql {

template <auto P>
using column_row = reflect::member_owner_t<P>;
template <auto P>
using column_type = reflect::member_type_t<P>;
template <auto P>
inline constexpr std::string_view column_name = reflect::member_name<P>();

template <auto... Columns>
struct Index {};
template <auto... Columns>
struct Unique {};
template <auto Column>
struct Created {};
template <auto Column>
struct Updated {};

/// A row: a plain struct with a field `id` of type Id<Row>.
template <class Row>
concept RowType = reflect::Described<Row> && requires(Row row) {
    { row.id } -> std::same_as<Id<Row>&>;
};

template <class Row, class... Parts>
struct Table {
    using row = Row;
    static constexpr std::size_t parts = sizeof...(Parts);
    std::string_view name;
    std::array<std::string_view, sizeof...(Parts)> part_names{};

    /// An index of these columns, in this order. Its name is what the migrations call it.
    template <auto... Columns>
    constexpr auto index(std::string_view index_name) const {
        return with<Index<Columns...>>(index_name);
    }
    template <auto... Columns>
    constexpr auto unique(std::string_view index_name) const {
        return with<Unique<Columns...>>(index_name);
    }
    /// The Timestamp that an insert sets to now.
    template <auto Column>
    constexpr auto created() const {
        static_assert(std::is_same_v<column_type<Column>, Timestamp>,
                      "created<>() names a Timestamp of the row");
        return with<Created<Column>>({});
    }
    /// The Timestamp that an insert and each update set to now.
    template <auto Column>
    constexpr auto updated() const {
        static_assert(std::is_same_v<column_type<Column>, Timestamp>,
                      "updated<>() names a Timestamp of the row");
        return with<Updated<Column>>({});
    }

private:
    template <class Part>
    constexpr auto with(std::string_view part_name) const {
        static_assert(of_this_row(Part{}), "the column belongs to another struct than the table's rows");
        Table<Row, Parts..., Part> next{name};
        for (std::size_t i = 0; i < sizeof...(Parts); ++i) {
            next.part_names[i] = part_names[i];
        }
        next.part_names.back() = part_name;
        return next;
    }
    template <template <auto...> class Part, auto... Columns>
    static consteval bool of_this_row(Part<Columns...>) {
        static_assert(sizeof...(Columns) > 0, "an index has at least one column");
        return (std::is_same_v<column_row<Columns>, Row> && ...);
    }
};

template <class Row>
constexpr Table<Row> table(std::string_view name) {
    static_assert(reflect::Described<Row>, "a row is a plain struct");
    static_assert(RowType<Row>, "a row has a field `Id<Row> id`");
    return {name};
}

namespace detail {

template <auto Column, class Part>
inline constexpr bool leads = false;
template <auto Column, auto First, auto... Rest>
inline constexpr bool leads<Column, Index<First, Rest...>> = reflect::same_member<Column, First>();
template <auto Column, auto First, auto... Rest>
inline constexpr bool leads<Column, Unique<First, Rest...>> = reflect::same_member<Column, First>();

template <auto Column, class Part>
inline constexpr bool marks_created = false;
template <auto Column>
inline constexpr bool marks_created<Column, Created<Column>> = true;
template <auto Column, class Part>
inline constexpr bool marks_updated = false;
template <auto Column>
inline constexpr bool marks_updated<Column, Updated<Column>> = true;

}  // namespace detail

/// The column is the id, or the first of an index.
template <auto Column, class T>
inline constexpr bool is_indexed = false;
template <auto Column, class Row, class... Parts>
inline constexpr bool is_indexed<Column, Table<Row, Parts...>> =
    reflect::same_member<Column, &Row::id>() || (detail::leads<Column, Parts> || ...);

namespace detail {

template <class Part, auto... Columns>
inline constexpr bool is_index_of = false;
template <auto... Columns>
inline constexpr bool is_index_of<Index<Columns...>, Columns...> = true;
template <auto... Columns>
inline constexpr bool is_index_of<Unique<Columns...>, Columns...> = true;

/// A Unique of these columns in any order.
template <class Part, auto... Columns>
inline constexpr bool is_unique_of = false;
template <auto... Of, auto... Columns>
inline constexpr bool is_unique_of<Unique<Of...>, Columns...> = sizeof...(Of) == sizeof...(Columns) && [] {
    auto among = []<auto Column>() { return (reflect::same_member<Column, Of>() || ...); };
    return (among.template operator()<Columns>() && ...);
}();

}  // namespace detail

/// Which part of the table is the index of these columns in this order; the number of parts without one.
template <class T, auto... Columns>
consteval std::size_t index_place() {
    return []<class Row, class... Parts>(std::type_identity<Table<Row, Parts...>>) {
        std::size_t place = 0;
        static_cast<void>(((detail::is_index_of<Parts, Columns...> || (++place, false)) || ...));
        return place;
    }(std::type_identity<T>{});
}

/// At most one row has these values: a unique index has exactly these columns.
template <class T, auto... Columns>
inline constexpr bool is_unique = false;
template <class Row, class... Parts, auto... Columns>
inline constexpr bool is_unique<Table<Row, Parts...>, Columns...> =
    (detail::is_unique_of<Parts, Columns...> || ...);

}  // namespace brio::sql

namespace brio {
using sql::table;
}
