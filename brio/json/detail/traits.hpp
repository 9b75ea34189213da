// Which kind of JSON a C++ type is.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <brio/reflect/id.hpp>
#include <brio/reflect/text.hpp>
#include <brio/reflect/version.hpp>

namespace brio::json::detail {

template <class T>
inline constexpr bool is_text = false;
template <std::size_t Max, std::size_t Min>
inline constexpr bool is_text<Text<Max, Min>> = true;

template <class T>
inline constexpr bool is_row_number = std::is_same_v<T, Version>;
template <class Row>
inline constexpr bool is_row_number<Id<Row>> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_vector = false;
template <class T, class A>
inline constexpr bool is_vector<std::vector<T, A>> = true;

template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t N>
inline constexpr bool is_array<std::array<T, N>> = true;

template <class T>
inline constexpr bool is_span = false;
template <class T, std::size_t N>
inline constexpr bool is_span<std::span<T, N>> = true;

template <class T>
inline constexpr bool is_ordered_map = false;
template <class T, class Less, class A>
inline constexpr bool is_ordered_map<std::map<std::string, T, Less, A>> = true;
template <class T>
inline constexpr bool is_map = is_ordered_map<T>;
template <class T, class Hash, class Equal, class A>
inline constexpr bool is_map<std::unordered_map<std::string, T, Hash, Equal, A>> = true;

template <class T>
inline constexpr bool is_variant = false;
template <class... T>
inline constexpr bool is_variant<std::variant<T...>> = true;

template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;
template <class A, class B>
inline constexpr bool is_tuple<std::pair<A, B>> = true;

/// Integers proper: no bool, no character.
template <class T>
concept Integer =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class T>
consteval bool find_nothing() {
    if constexpr (is_text<T>) {
        return T::min_characters == 0;
    } else {
        return is_optional<T> || is_vector<T> || is_map<T>;
    }
}
/// The type has a value that stands for "not given".
template <class T>
inline constexpr bool has_nothing = find_nothing<T>();

template <class>
inline constexpr bool always_false = false;

}  // namespace brio::json::detail
