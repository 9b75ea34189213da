// The fields of a plain struct as what a select gives: columns of the table by their names, and aggregates.
#pragma once
#include <array>
#include <string_view>

#include <brio/sql/aggregate.hpp>

namespace brio::sql {

/// The struct S of the columns Groups (an Index<…>) and of aggregates that say which field is theirs. With
/// neither, of any columns of Row.
template <class S, class Row, class Groups, class... Aggregates>
struct Into;

template <class S, class Row, auto... Groups, class... Aggregates>
struct Into<S, Row, Index<Groups...>, Aggregates...> {
    static_assert(reflect::Described<S>, "into: a plain struct");
    static constexpr bool grouped = sizeof...(Groups) != 0;
    static constexpr bool aggregated = sizeof...(Aggregates) != 0;

    /// `t."status" AS "status", count(*) AS "many"`, in the order of the fields.
    static void write(StatementText& text) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (write_field<I>(I == 0 ? text : text << ", "), ...);
        }(std::make_index_sequence<reflect::field_count<S>>{});
    }

    static consteval bool check() {
        static_assert((std::is_same_v<column_row<Aggregates::field>, S> && ...),
                      "into: as<…> names a field of another struct");
        static_assert((detail::same_row<typename Aggregates::aggregate::row, Row> && ...),
                      "into: an aggregate of another table's column");
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (check_field<I>(), ...);
        }(std::make_index_sequence<reflect::field_count<S>>{});
        return true;
    }

private:
    template <std::size_t I>
    using field = reflect::field_t<S, I>;
    template <std::size_t I>
    static constexpr std::size_t aggregates_of =
        (std::size_t{0} + ... + std::size_t{reflect::member_index<Aggregates::field>() == I});
    template <std::size_t I>
    static constexpr bool is_group = ((column_name<Groups> == reflect::field_names<S>[I]) || ...);
    template <std::size_t I>
    static constexpr std::size_t column = reflect::field_index<Row>(reflect::field_names<S>[I]);

    template <std::size_t I>
    static consteval void check_field() {
        static_assert(aggregates_of<I> < 2, "into: two aggregates for one field");
        if constexpr (aggregates_of<I> == 1) {
            (check_aggregate<I, Aggregates>(), ...);
        } else {
            static_assert(is_group<I> || !(grouped || aggregated),
                          "into: a field of the struct is neither a column of group_by<…> nor an aggregate: "
                          "give it one, as in sum<&Row::column>().as<&Struct::field>()");
            static_assert(column<I> < reflect::field_count<Row>,
                          "into: a field of the struct is no column of the table");
            if constexpr (column<I> < reflect::field_count<Row>) {
                static_assert(std::is_same_v<field<I>, reflect::field_t<Row, column<I>>>,
                              "into: a field of the struct has another type than its column");
            }
        }
    }
    template <std::size_t I, class A>
    static consteval void check_aggregate() {
        if constexpr (reflect::member_index<A::field>() == I) {
            using Aggregate = typename A::aggregate;
            using Field = unwrapped<field<I>>;
            using Value = typename Aggregate::value;
            static_assert(std::is_same_v<Field, Value> ||
                              (std::is_same_v<Value, std::int64_t> && std::is_same_v<Field, std::uint64_t>),
                          "into: the field has another type than the aggregate gives (count and sums of "
                          "integers: std::int64_t; avg: double; min and max: the column's)");
            static_assert(!detail::is_nullable<Aggregate, grouped>() || unwrap<field<I>>::optional,
                          "into: the aggregate is NULL where there are no values: make the field a "
                          "std::optional");
        }
    }
    template <std::size_t I>
    static void write_field(StatementText& text) {
        if constexpr (aggregates_of<I> == 1) {
            auto each = [&]<class A>(A) {
                if constexpr (reflect::member_index<A::field>() == I) {
                    A::aggregate::write(text);
                }
            };
            (each(Aggregates{}), ...);
        } else {
            text.column("t", reflect::field_names<S>[I]);
        }
        (text << " AS ").name(reflect::field_names<S>[I]);
    }
};

/// The order by a field of the struct: by what the select calls it.
template <class O>
void write_field_order(StatementText& text) {
    text.name(column_name<O::column>)
        .direction({.descending = O::descending, .nullable = unwrap<column_type<O::column>>::optional});
}

}  // namespace brio::sql
