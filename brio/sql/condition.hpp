// Typed conditions: `col<&Resource::status> == Status::active && col<&Resource::owner_id> == id`.
//
// A condition's type holds its shape, so the statement's text is made once per type; the object holds the
// values, which are always bound. A value of another type than its column (a wrong Id, a wrong enumeration)
// does not compile.
#pragma once
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <brio/sql/column.hpp>
#include <brio/sql/statement_text.hpp>
#include <brio/sql/table.hpp>
#include <brio/sql/value_list.hpp>

namespace brio::sql {

template <auto P>
struct Column {};
template <auto P>
inline constexpr Column<P> col{};

/// What may be compared with the column: its own type; any integer with an integer, any text with a text.
template <auto P, class V>
inline constexpr bool comparable = [] {
    using C = unwrapped<column_type<P>>;
    if constexpr (std::is_same_v<C, bool> || std::is_same_v<V, bool>) {
        return std::is_same_v<C, V>;
    } else if constexpr (std::integral<C>) {
        return std::integral<V>;
    } else if constexpr (std::floating_point<C>) {
        return std::is_arithmetic_v<V>;
    } else if constexpr (is_text<C>) {
        return std::is_convertible_v<const V&, std::string_view>;
    } else {
        return std::is_convertible_v<const V&, C>;
    }
}();

/// The value as the column would hold it.
template <auto P, class V>
void bind_as(Values& values, const V& value) {
    using C = unwrapped<column_type<P>>;
    if constexpr (is_text<C>) {
        values.add_bytes(checked_text(value));
    } else if constexpr (std::integral<C> || std::floating_point<C>) {
        bind(values, value);
    } else {
        bind(values, static_cast<const C&>(C(value)));
    }
}

/// What all conditions have in common; `row` is the struct that they speak of.
template <class C>
concept ConditionType = requires(const C& condition, StatementText& text, Values& values) {
    typename C::row;
    C::write(text);
    condition.bind_to(values);
};

enum class Comparison : std::uint8_t { equal, unequal, less, less_equal, greater, greater_equal };
constexpr std::string_view words_of(Comparison comparison) {
    constexpr std::string_view words[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};
    return words[static_cast<std::size_t>(comparison)];
}

template <auto P, Comparison C, class V>
struct Compare {
    using row = column_row<P>;
    V value;
    static void write(StatementText& text) {
        text.column("t", column_name<P>) << words_of(C);
        text.parameter();
    }
    void bind_to(Values& values) const { bind_as<P>(values, value); }
    template <class T>
    static constexpr bool uses_index = C != Comparison::unequal && is_indexed<P, T>;
};

template <auto P, bool CaseSensitive>
struct Like {
    using row = column_row<P>;
    std::string pattern;
    static void write(StatementText& text) { text.column("t", column_name<P>).like(CaseSensitive); }
    void bind_to(Values& values) const {
        values.add_bytes(pattern, CaseSensitive ? ValueKind::pattern : ValueKind::text);
    }
    template <class T>
    static constexpr bool uses_index = false;
};

template <auto P, class V>
struct Between {
    using row = column_row<P>;
    V low;
    V high;
    static void write(StatementText& text) {
        text.column("t", column_name<P>) << " BETWEEN ";
        text.parameter() << " AND ";
        text.parameter();
    }
    void bind_to(Values& values) const {
        bind_as<P>(values, low);
        bind_as<P>(values, high);
    }
    template <class T>
    static constexpr bool uses_index = is_indexed<P, T>;
};

template <auto P>
struct In {
    using row = column_row<P>;
    std::string list;  // a JSON array
    static void write(StatementText& text) {
        text.column("t", column_name<P>).in_list(list_cast<unwrapped<column_type<P>>>());
    }
    void bind_to(Values& values) const { values.add_bytes(list, ValueKind::list); }
    template <class T>
    static constexpr bool uses_index = is_indexed<P, T>;
};

template <auto P, bool Null>
struct IsNull {
    using row = column_row<P>;
    static void write(StatementText& text) {
        text.column("t", column_name<P>) << (Null ? " IS NULL" : " IS NOT NULL");
    }
    void bind_to(Values&) const {}
    template <class T>
    static constexpr bool uses_index = Null && is_indexed<P, T>;
};

template <ConditionType A, ConditionType B, bool Both>
struct Joined {
    using row = std::conditional_t<std::is_void_v<typename A::row>, typename B::row, typename A::row>;
    A a;
    B b;
    static void write(StatementText& text) {
        text << "(";
        A::write(text);
        text << (Both ? " AND " : " OR ");
        B::write(text);
        text << ")";
    }
    void bind_to(Values& values) const {
        a.bind_to(values);
        b.bind_to(values);
    }
    template <class T>
    static constexpr bool uses_index = Both ? (A::template uses_index<T> || B::template uses_index<T>)
                                            : (A::template uses_index<T> && B::template uses_index<T>);
};

template <ConditionType A>
struct Negated {
    using row = typename A::row;
    A a;
    static void write(StatementText& text) {
        text << "NOT (";
        A::write(text);
        text << ")";
    }
    void bind_to(Values& values) const { a.bind_to(values); }
    template <class T>
    static constexpr bool uses_index = false;
};

/// No condition.
template <class Row>
struct Everything {
    using row = Row;
    static void write(StatementText&) {}
    void bind_to(Values&) const {}
    template <class T>
    static constexpr bool uses_index = true;
};

/// A condition that no index serves, said on purpose.
template <ConditionType A>
struct Unindexed : A {
    template <class T>
    static constexpr bool uses_index = true;
};
/// `why` is for the reader of the code.
template <ConditionType A>
constexpr Unindexed<A> unindexed(std::string_view why, A condition) {
    static_cast<void>(why);
    return {std::move(condition)};
}

namespace detail {

template <auto P, class V>
consteval void check_comparison() {
    using C = unwrapped<column_type<P>>;
    static_assert(kind_of<C>() != ValueKind::json, "a JSON column is not compared");
    if constexpr (unwrap<V>::optional || std::is_same_v<V, std::nullopt_t>) {
        static_assert(always_false<V>,
                      "NULL equals nothing, not even NULL: ask is_null(col<…>), or compare with the value in "
                      "the optional");
    } else {
        static_assert(comparable<P, V>, "the value has another type than the column it is compared with");
    }
}

template <auto P, Comparison C, class V>
constexpr auto compare(const V& value) {
    detail::check_comparison<P, V>();
    if constexpr (std::is_convertible_v<const V&, std::string_view>) {
        return Compare<P, C, std::string>{std::string(std::string_view(value))};
    } else {
        return Compare<P, C, V>{value};
    }
}

}  // namespace detail

template <auto P, class V>
constexpr auto operator==(Column<P>, const V& value) {
    return detail::compare<P, Comparison::equal>(value);
}
template <auto P, class V>
constexpr auto operator!=(Column<P>, const V& value) {
    return detail::compare<P, Comparison::unequal>(value);
}
template <auto P, class V>
constexpr auto operator<(Column<P>, const V& value) {
    return detail::compare<P, Comparison::less>(value);
}
template <auto P, class V>
constexpr auto operator<=(Column<P>, const V& value) {
    return detail::compare<P, Comparison::less_equal>(value);
}
template <auto P, class V>
constexpr auto operator>(Column<P>, const V& value) {
    return detail::compare<P, Comparison::greater>(value);
}
template <auto P, class V>
constexpr auto operator>=(Column<P>, const V& value) {
    return detail::compare<P, Comparison::greater_equal>(value);
}

/// `%` and `_` in the pattern are wildcards, `\` makes the next character a plain one. The case counts.
template <auto P>
auto like(Column<P>, std::string_view pattern) {
    static_assert(is_text<unwrapped<column_type<P>>>, "like compares texts");
    return Like<P, true>{sound_pattern(pattern)};
}
/// The same but for the case of ASCII letters.
template <auto P>
auto ilike(Column<P>, std::string_view pattern) {
    static_assert(is_text<unwrapped<column_type<P>>>, "ilike compares texts");
    return Like<P, false>{sound_pattern(pattern)};
}
template <auto P, class V>
auto between(Column<P>, V low, V high) {
    detail::check_comparison<P, V>();
    return Between<P, V>{std::move(low), std::move(high)};
}
template <auto P>
constexpr IsNull<P, true> is_null(Column<P>) {
    static_assert(unwrap<column_type<P>>::optional,
                  "the column is never null: its field is no std::optional");
    return {};
}
template <auto P>
constexpr IsNull<P, false> is_not_null(Column<P>) {
    static_assert(unwrap<column_type<P>>::optional,
                  "the column is never null: its field is no std::optional");
    return {};
}
/// Any number of values, also none.
template <auto P, class Range>
auto in(Column<P>, const Range& range) {
    using V = std::remove_cvref_t<decltype(*std::begin(range))>;
    using C = unwrapped<column_type<P>>;
    detail::check_comparison<P, V>();
    ValueList list;
    for (const V& value : range) {
        if constexpr (is_text<C>) {
            list.add(checked_text(value));
        } else {
            list.add(static_cast<C>(value));
        }
    }
    return In<P>{std::move(list).json()};
}

namespace detail {
/// count() speaks of every table.
template <class A, class B>
inline constexpr bool same_row = std::is_same_v<A, B> || std::is_void_v<A> || std::is_void_v<B>;
}  // namespace detail

template <ConditionType A, ConditionType B>
constexpr Joined<A, B, true> operator&&(A a, B b) {
    static_assert(detail::same_row<typename A::row, typename B::row>,
                  "the two conditions speak of two tables");
    return {std::move(a), std::move(b)};
}
template <ConditionType A, ConditionType B>
constexpr Joined<A, B, false> operator||(A a, B b) {
    static_assert(detail::same_row<typename A::row, typename B::row>,
                  "the two conditions speak of two tables");
    return {std::move(a), std::move(b)};
}
template <ConditionType A>
constexpr Negated<A> operator!(A a) {
    return {std::move(a)};
}

/// In the order of a column. NULL is less than every value on every engine.
template <auto P, bool Descending>
struct Ordering {
    using row = column_row<P>;
    static constexpr auto column = P;
    static constexpr bool descending = Descending;
    static void write(StatementText& text) {
        text.column("t", column_name<P>)
            .direction({.descending = Descending, .nullable = unwrap<column_type<P>>::optional});
    }
};
template <auto P>
inline constexpr Ordering<P, false> asc{};
template <auto P>
inline constexpr Ordering<P, true> desc{};

}  // namespace brio::sql

namespace brio {
using sql::asc;
using sql::between;
using sql::col;
using sql::desc;
using sql::ilike;
using sql::in;
using sql::is_not_null;
using sql::is_null;
using sql::like;
using sql::unindexed;
}  // namespace brio
