// The fields of plain structs: how many, their names, types and references, without any description of the
// struct.
//
// An aggregate (no constructors, no private data, no base class) of up to 64 fields. Local types, types in
// anonymous namespaces, default member initialisers, move-only fields and nested aggregates work; base
// classes, C arrays, bit-fields and references do not, and say so when compiled. Everything happens at
// compile time; nothing allocates.
//
// The technique: an aggregate takes as many initialisers as it has fields, structured bindings give
// references to them, and the compiler's text for a pointer to a field of an object that is never defined
// ends with the field's name.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <brio/reflect/detail/bindings.hpp>
#include <brio/reflect/detail/count.hpp>

namespace brio::reflect {

/// A struct whose fields can be found.
template <class T>
concept Described =
    std::is_class_v<T> && std::is_aggregate_v<T> && !detail::is_std_array<T> && !detail::has_base<T> &&
    detail::initialisers<T> <= detail::most_fields && !detail::has_array<T>;

namespace detail {

template <class T>
consteval std::size_t checked_count() {
    static_assert(std::is_class_v<T> && std::is_aggregate_v<T>,
                  "only aggregates have fields that can be found: no constructors, no private data, no "
                  "virtual functions");
    static_assert(!has_base<T>,
                  "a struct with a base class has no fields that can be found: make the base a field");
    static_assert(initialisers<T> <= most_fields,
                  "a struct with a reference, or with more than 64 fields: use a value or a pointer, group "
                  "fields in structs");
    static_assert(!has_array<T>, "a struct with a C array has no fields that can be found: use std::array");
    return initialisers<T>;
}

template <class... T>
consteval bool are_bindable() {
    return (!std::is_array_v<T> && ...);
}

}  // namespace detail

template <class T>
inline constexpr std::size_t field_count = detail::checked_count<std::remove_cv_t<T>>();

/// Calls `use(field0, field1, …)` and returns what it returns.
template <class T, class Use>
constexpr decltype(auto) with_fields(T& value, Use&& use) {
    return detail::Bindings<field_count<T>>::with(value, [&use](auto&... fields) -> decltype(auto) {
        static_assert(detail::are_bindable<std::remove_reference_t<decltype(fields)>...>(),
                      "a struct with a C array has no fields that can be found: use std::array");
        return use(fields...);
    });
}

/// References to all fields, in their order.
template <class T>
constexpr auto tie(T& value) {
    return with_fields(value, [](auto&... fields) { return std::tuple<decltype(fields)...>(fields...); });
}

namespace detail {

template <class T>
struct Fake {
    T value;
};
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif
/// Declared and never defined: only addresses within it are used, and only by the compiler.
template <class T>
extern const Fake<T> fake;

/// A bare pointer to a field is no template argument for clang 19; one wrapped in a struct is.
template <class T>
struct Pointer {
    const T* value;
};
template <class T>
Pointer(const T*) -> Pointer<T>;

/// The last identifier in the compiler's text for the template argument P.
template <auto P>
consteval std::string_view argument_name() {
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_suffix(1);
    while (text.ends_with(')') || text.ends_with('}')) {
        text.remove_suffix(1);
    }
    return text.substr(text.find_last_of(":.") + 1);
}

template <class T>
concept Addressable = requires { typename std::bool_constant<(tie(fake<T>.value), true)>; };

template <class T, std::size_t... I>
consteval auto name_fields(std::index_sequence<I...>) {
    static_assert(
        Addressable<T>,
        "a struct with a reference or a bit-field has no fields that can be found: use a plain value");
    constexpr auto fields = tie(fake<T>.value);
    return std::array<std::string_view, sizeof...(I)>{argument_name<Pointer{&std::get<I>(fields)}>()...};
}
#if defined(__clang__)
#pragma clang diagnostic pop
#endif

}  // namespace detail

template <class T>
inline constexpr std::array<std::string_view, field_count<T>> field_names =
    detail::name_fields<std::remove_cv_t<T>>(std::make_index_sequence<field_count<T>>{});

template <class T, std::size_t I>
using field_t = std::remove_cvref_t<std::tuple_element_t<I, decltype(tie(std::declval<T&>()))>>;

/// Calls `use(std::integral_constant<std::size_t, I>{}, name, field)` for each field in order. The index
/// converts to std::size_t in constant expressions.
template <class T, class Use>
constexpr void for_each_field(T& value, Use&& use) {
    with_fields(value, [&use](auto&... fields) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (use(std::integral_constant<std::size_t, I>{}, field_names<T>[I], fields), ...);
        }(std::make_index_sequence<sizeof...(fields)>{});
    });
}

/// field_count when there is no field of that name.
template <class T>
constexpr std::size_t field_index(std::string_view name) {
    std::size_t index = 0;
    while (index < field_count<T> && field_names<T>[index] != name) {
        ++index;
    }
    return index;
}

}  // namespace brio::reflect
