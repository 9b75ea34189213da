// How many fields an aggregate has, found by how many initialisers it takes, and why it cannot be reflected.
#pragma once
#include <array>
#include <cstddef>
#include <cstdlib>
#include <type_traits>
#include <utility>

namespace brio::reflect::detail {

inline constexpr std::size_t most_fields = 64;

template <class T>
inline constexpr bool is_std_array = false;
template <class T, std::size_t N>
inline constexpr bool is_std_array<std::array<T, N>> = true;

/// Converts to any one type, so that an aggregate field takes exactly one of it (no brace elision). Never
/// called, but defined: compilers instantiate the constructors that would, and a type without linkage could
/// not be left to another file.
struct Any {
    template <class T>
    operator T() const {
        std::abort();
    }
};
template <class Derived>
struct AnyBase {
    AnyBase(const AnyBase&) = delete;  // else a std::any takes it
    template <class T>
        requires(std::is_base_of_v<T, Derived> && !std::is_same_v<T, Derived>)
    operator T() const;
};

template <std::size_t>
using AnyAt = Any;

template <class T, class Sequence>
inline constexpr bool takes = false;
template <class T, std::size_t... I>
inline constexpr bool takes<T, std::index_sequence<I...>> = requires { T{AnyAt<I>{}...}; };

/// The greatest number of initialisers that T takes, from N on. Fewer than it has fields are too few where a
/// field cannot be left to itself, so the numbers it takes are a range. More than most_fields: none, as of a
/// struct with a reference.
template <class T, std::size_t N = 0, bool Began = false>
consteval std::size_t count_initialisers() {
    if constexpr (takes<T, std::make_index_sequence<N>>) {
        return count_initialisers<T, N + 1, true>();
    } else if constexpr (!Began && N <= most_fields) {
        return count_initialisers<T, N + 1, false>();
    } else {
        return N - (Began ? 1 : 0);
    }
}

template <class T>
inline constexpr std::size_t initialisers = count_initialisers<T>();

template <class T>
inline constexpr bool has_base = requires(AnyBase<T> (*any)()) { T{any()}; };

/// An array takes as many bare initialisers as it has elements, but only one pair of braces.
template <class T, class Before, class After>
inline constexpr bool is_array_at = false;
template <class T, std::size_t... Before, std::size_t... After>
inline constexpr bool is_array_at<T, std::index_sequence<Before...>, std::index_sequence<After...>> =
    requires { T{AnyAt<Before>{}..., {}}; } && !requires { T{AnyAt<Before>{}..., {}, AnyAt<After>{}...}; };

template <class T, std::size_t... I>
consteval bool find_array(std::index_sequence<I...>) {
    constexpr std::size_t count = sizeof...(I);
    return (is_array_at<T, std::make_index_sequence<I>, std::make_index_sequence<count - I - 1>> || ...);
}
template <class T>
inline constexpr bool has_array = find_array<T>(std::make_index_sequence<initialisers<T>>{});

}  // namespace brio::reflect::detail
