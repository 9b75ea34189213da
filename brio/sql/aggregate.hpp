// Aggregates: what is computed of many rows, as a field of a plain struct.
//
//     struct StateSales { State state; std::int64_t many; std::int64_t amount; };
//     db.select(purchases).group_by<&Purchase::state>().into<StateSales>(
//         count().as<&StateSales::many>(), sum<&Purchase::amount>().as<&StateSales::amount>())
//
// count() and sum() of no rows are 0; min, max and avg of no rows, or of NULLs alone, are NULL. The sum of
// integers is exact and an error where 64 bits do not hold it; of Decimals it is a Decimal.
#pragma once
#include <type_traits>

#include <brio/sql/condition.hpp>

namespace brio::sql {

/// The aggregate is read into that field.
template <class A, auto Field>
struct As {
    using aggregate = A;
    static constexpr auto field = Field;
};

template <class A>
concept AggregateType = requires(StatementText& text) {
    typename A::row;
    typename A::value;
    A::write(text);
    A::may_be_null;
};

namespace detail {

template <class Self>
struct Aggregate {
    /// `count().as<&StateSales::many>()`
    template <auto Field>
    constexpr As<Self, Field> as() const {
        return {};
    }
};

/// ` sum(t."amount")`, with what stands around it.
void write_call(StatementText& text, std::string_view before, std::string_view column,
                std::string_view after);

template <auto P>
using plain_column = unwrapped<column_type<P>>;

/// What sum gives: of small integers a large one, of a Decimal one with as many digits as there are.
template <class T>
struct SumOf {
    using type = std::conditional_t<std::floating_point<T>, double, std::int64_t>;
};
template <unsigned Precision, unsigned Scale>
struct SumOf<Decimal<Precision, Scale>> {
    using type = Decimal<18, Scale>;
};

template <class T>
inline constexpr bool is_number =
    (std::integral<T> && !std::is_same_v<T, bool>) || std::floating_point<T> || reflect::is_decimal<T>;
template <class T>
inline constexpr bool has_order =
    is_number<T> || is_id<T> || is_text<T> || std::is_same_v<T, Timestamp> || std::is_same_v<T, Date>;

}  // namespace detail

struct Count : detail::Aggregate<Count> {
    using row = void;
    using value = std::int64_t;
    static constexpr bool may_be_null = false;
    static void write(StatementText& text) { text << "count(*)"; }
};

template <auto P>
struct CountDistinct : detail::Aggregate<CountDistinct<P>> {
    using row = column_row<P>;
    using value = std::int64_t;
    static constexpr bool may_be_null = false;
    static void write(StatementText& text) {
        detail::write_call(text, "count(DISTINCT ", column_name<P>, ")");
    }
};

template <auto P>
struct Sum : detail::Aggregate<Sum<P>> {
    static_assert(detail::is_number<detail::plain_column<P>>, "sum adds numbers");
    using row = column_row<P>;
    using value = typename detail::SumOf<detail::plain_column<P>>::type;
    static constexpr bool may_be_null = false;
    static void write(StatementText& text) {
        const bool cast = text.dialect() == Dialect::postgresql && std::is_same_v<value, std::int64_t>;
        detail::write_call(text, "coalesce(sum(", column_name<P>, cast ? "), 0)::bigint" : "), 0)");
    }
};

template <auto P>
struct Avg : detail::Aggregate<Avg<P>> {
    static_assert(detail::is_number<detail::plain_column<P>>, "avg is of numbers");
    using row = column_row<P>;
    using value = double;
    static constexpr bool may_be_null = true;
    static constexpr bool of_optional = unwrap<column_type<P>>::optional;
    static void write(StatementText& text) {
        if (text.dialect() == Dialect::postgresql) {
            detail::write_call(text, "avg(", column_name<P>, ")::double precision");
        } else {
            constexpr auto scale = digits_behind_point<detail::plain_column<P>>;
            detail::write_call(text, "avg(", column_name<P>,
                               scale == 0 ? ")" : concat({") / 1e", integer_text(scale)}));
        }
    }
};

template <auto P, bool Most>
struct Extreme : detail::Aggregate<Extreme<P, Most>> {
    static_assert(detail::has_order<detail::plain_column<P>>,
                  "min and max are of numbers, ids, texts and times");
    using row = column_row<P>;
    using value = detail::plain_column<P>;
    static constexpr auto column = P;
    static constexpr bool may_be_null = true;
    static constexpr bool of_optional = unwrap<column_type<P>>::optional;
    static void write(StatementText& text) {
        detail::write_call(text, Most ? "max(" : "min(", column_name<P>, ")");
    }
};

/// Rows.
constexpr Count count() { return {}; }
/// Different values that are not NULL.
template <auto P>
constexpr CountDistinct<P> count_distinct() {
    return {};
}
template <auto P>
constexpr Sum<P> sum() {
    return {};
}
/// The mean, in double precision.
template <auto P>
constexpr Avg<P> avg() {
    return {};
}
template <auto P>
constexpr Extreme<P, false> min() {
    return {};
}
template <auto P>
constexpr Extreme<P, true> max() {
    return {};
}

/// A condition on groups: `having(count() > 10)`.
template <AggregateType A, Comparison C, class V>
struct CompareAggregate {
    using row = typename A::row;
    V value;
    static void write(StatementText& text) {
        A::write(text);
        text << words_of(C);
        text.parameter();
    }
    void bind_to(Values& values) const { bind(values, value); }
    template <class T>
    static constexpr bool uses_index = true;
};

namespace detail {

/// The aggregate is NULL for a group, or for all rows where there are no groups.
template <class A, bool Grouped>
consteval bool is_nullable() {
    if constexpr (A::may_be_null && Grouped) {
        return A::of_optional;
    } else {
        return A::may_be_null;
    }
}

template <Comparison C, class A, class V>
auto compare_aggregate(const V& value) {
    using W = typename A::value;
    if constexpr (is_text<W>) {
        static_assert(std::is_convertible_v<const V&, std::string_view>,
                      "having: the value has another type than the aggregate");
        return CompareAggregate<A, C, std::string>{std::string(std::string_view(value))};
    } else {
        static_assert(std::is_arithmetic_v<W> ? std::is_arithmetic_v<V> : std::is_convertible_v<const V&, W>,
                      "having: the value has another type than the aggregate");
        return CompareAggregate<A, C, W>{static_cast<W>(value)};
    }
}

}  // namespace detail

template <AggregateType A, class V>
auto operator==(A, const V& value) {
    return detail::compare_aggregate<Comparison::equal, A>(value);
}
template <AggregateType A, class V>
auto operator!=(A, const V& value) {
    return detail::compare_aggregate<Comparison::unequal, A>(value);
}
template <AggregateType A, class V>
auto operator<(A, const V& value) {
    return detail::compare_aggregate<Comparison::less, A>(value);
}
template <AggregateType A, class V>
auto operator<=(A, const V& value) {
    return detail::compare_aggregate<Comparison::less_equal, A>(value);
}
template <AggregateType A, class V>
auto operator>(A, const V& value) {
    return detail::compare_aggregate<Comparison::greater, A>(value);
}
template <AggregateType A, class V>
auto operator>=(A, const V& value) {
    return detail::compare_aggregate<Comparison::greater_equal, A>(value);
}

}  // namespace brio::sql

namespace brio {
using sql::avg;
using sql::count;
using sql::count_distinct;
using sql::max;
using sql::min;
using sql::sum;
}  // namespace brio
