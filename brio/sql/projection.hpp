// Structs that hold some of a row's columns: what an insert brings, what a patch changes.
//
// A field of the part is a column of the same name and type; std::optional around a field means that it may
// be left out.
#pragma once
#include <cstdint>
#include <type_traits>
#include <utility>

#include <brio/sql/column.hpp>
#include <brio/sql/table.hpp>

namespace brio::sql {

namespace detail {

/// The field's index in the row, or field_count<Row>.
template <class Part, std::size_t I, class Row>
inline constexpr std::size_t place_in = reflect::field_index<Row>(reflect::field_names<Part>[I]);

template <class Part, std::size_t I, class Row>
consteval bool fits() {
    constexpr std::size_t place = place_in<Part, I, Row>;
    if constexpr (place == reflect::field_count<Row>) {
        return false;
    } else {
        using Given = reflect::field_t<Part, I>;
        using Wanted = reflect::field_t<Row, place>;
        return std::is_same_v<Given, Wanted> || std::is_same_v<unwrapped<Given>, Wanted> ||
               std::is_same_v<Given, unwrapped<Wanted>>;
    }
}

template <class Part, class Row, std::size_t... I>
consteval bool all_fit(std::index_sequence<I...>) {
    return (fits<Part, I, Row>() && ...);
}

}  // namespace detail

template <class Part, class Row>
inline constexpr bool projects =
    detail::all_fit<Part, Row>(std::make_index_sequence<reflect::field_count<Part>>{});

namespace detail {

template <auto Column, std::size_t I>
inline constexpr bool is_field = reflect::member_index<Column>() == I;
template <class Part, std::size_t I>
inline constexpr bool marks_created_at = false;
template <auto Column, std::size_t I>
inline constexpr bool marks_created_at<Created<Column>, I> = is_field<Column, I>;
template <class Part, std::size_t I>
inline constexpr bool marks_updated_at = false;
template <auto Column, std::size_t I>
inline constexpr bool marks_updated_at<Updated<Column>, I> = is_field<Column, I>;

template <class Row, std::size_t I>
inline constexpr bool is_timestamp = std::is_same_v<reflect::field_t<Row, I>, Timestamp>;

}  // namespace detail

template <class T, std::size_t I>
inline constexpr bool is_created_at = false;
template <class Row, class... Parts, std::size_t I>
inline constexpr bool is_created_at<Table<Row, Parts...>, I> =
    detail::is_timestamp<Row, I> &&
    (reflect::field_names<Row>[I] == "created_at" || (detail::marks_created_at<Parts, I> || ...));

template <class T, std::size_t I>
inline constexpr bool is_updated_at = false;
template <class Row, class... Parts, std::size_t I>
inline constexpr bool is_updated_at<Table<Row, Parts...>, I> =
    detail::is_timestamp<Row, I> &&
    (reflect::field_names<Row>[I] == "updated_at" || (detail::marks_updated_at<Parts, I> || ...));

template <class Row>
inline constexpr std::size_t id_index = reflect::field_index<Row>("id");

/// The row's field of type Version; field_count without one.
template <class Row>
inline constexpr std::size_t version_index = []<std::size_t... I>(std::index_sequence<I...>) {
    std::size_t found = sizeof...(I);
    ((std::is_same_v<reflect::field_t<Row, I>, Version> && found == sizeof...(I) ? void(found = I) : void()),
     ...);
    return found;
}(std::make_index_sequence<reflect::field_count<Row>>{});

template <class Row>
inline constexpr bool has_version = version_index<Row> < reflect::field_count<Row>;
template <class Row>
    requires has_version<Row>
inline constexpr std::string_view version_name = reflect::field_names<Row>[version_index<Row>];

/// The columns that an update sets to now, as bits.
template <class T>
inline constexpr std::uint64_t updated_columns = []<std::size_t... I>(std::index_sequence<I...>) {
    return (std::uint64_t{0} | ... | (std::uint64_t{is_updated_at<T, I>} << I));
}(std::make_index_sequence<reflect::field_count<typename T::row>>{});

namespace detail {

/// Columns that New must have: those which nothing else gives a value.
template <class T, class New, std::size_t I>
consteval bool is_given() {
    using Row = typename T::row;
    return I == id_index<Row> || I == version_index<Row> || is_created_at<T, I> || is_updated_at<T, I> ||
           unwrap<reflect::field_t<Row, I>>::optional ||
           reflect::field_index<New>(reflect::field_names<Row>[I]) < reflect::field_count<New>;
}

template <class T, class New, std::size_t... I>
consteval bool all_given(std::index_sequence<I...>) {
    return (is_given<T, New, I>() && ...);
}

}  // namespace detail

/// Every column of the table gets a value when a New is inserted.
template <class T, class New>
inline constexpr bool completes =
    detail::all_given<T, New>(std::make_index_sequence<reflect::field_count<typename T::row>>{});

/// The whole row that a New becomes; its id is still 0.
template <class T, class New>
typename T::row make_row(const New& given, Timestamp now) {
    using Row = typename T::row;
    static_assert(projects<New, Row>,
                  "insert: a field is no column of the table, or has another type than the column");
    static_assert(completes<T, New>,
                  "insert: a column of the table gets no value: add it to the struct that is inserted");
    Row row{};
    reflect::for_each_field(row, [&](auto index, std::string_view, auto& field) {
        constexpr std::size_t at = index;
        constexpr std::size_t from = reflect::field_index<New>(reflect::field_names<Row>[at]);
        if constexpr (from < reflect::field_count<New>) {
            const auto& value = std::get<from>(reflect::tie(given));
            using Given = std::remove_cvref_t<decltype(value)>;
            if constexpr (std::is_same_v<Given, std::optional<reflect::field_t<Row, at>>>) {
                if (value) {
                    field = *value;
                }
            } else {
                field = value;
            }
        } else if constexpr (at == version_index<Row>) {
            field = Version(1);
        } else if constexpr (is_created_at<T, at> || is_updated_at<T, at>) {
            field = now;
        }
    });
    return row;
}

}  // namespace brio::sql
