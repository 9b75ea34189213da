// Values from the text of query strings, path segments, header fields and settings.
#pragma once
#include <concepts>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <brio/reflect/enums.hpp>
#include <brio/reflect/id.hpp>
#include <brio/reflect/version.hpp>

namespace brio::reflect {

/// A type that reads itself from text: Text, Timestamp, Date, Uuid, Bytes and the like.
template <class T>
concept ParsesText = requires(std::string_view text) {
    { T::parse(text) } -> std::same_as<std::expected<T, std::string>>;
};

namespace detail {
struct Range {
    std::int64_t least;
    std::uint64_t most;
};
/// The value as two's complement, in `range`.
std::expected<std::uint64_t, std::string> parse_integer(std::string_view text, Range range);
/// Finite, and no further from 0 than `most`.
std::expected<double, std::string> parse_double(std::string_view text, double most);
std::expected<bool, std::string> parse_bool(std::string_view text);
std::expected<std::string, std::string> parse_string(std::string_view text);
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_number_of_row = std::is_same_v<T, Version>;
template <class Row>
inline constexpr bool is_number_of_row<Id<Row>> = true;
template <class>
inline constexpr bool always_false = false;

template <class T, class Parsed>
std::expected<T, std::string> convert(std::expected<Parsed, std::string>&& parsed) {
    if (!parsed) {
        return std::unexpected(std::move(parsed.error()));
    }
    return static_cast<T>(std::move(*parsed));
}
}  // namespace detail

/// "must be one of draft, active, archived".
std::string one_of_text(std::span<const std::string_view> names);
/// "must be an integer from 1 to 100".
std::string integer_text(std::int64_t least, std::uint64_t most);

/// All of `text` as a T: integers (decimal, exact range), finite floating point, bool (true, false, 1, 0),
/// enumerators by name, Id and Version (> 0), std::string (well-formed UTF-8), what has parse(), and
/// std::optional of these (the empty text is a value like any other). The error says what was expected: "must
/// be an integer"; it never repeats the text.
template <class T>
std::expected<T, std::string> parse_text(std::string_view text) {
    if constexpr (detail::is_optional<T>) {
        return detail::convert<T>(parse_text<typename T::value_type>(text));
    } else if constexpr (std::same_as<T, bool>) {
        return detail::parse_bool(text);
    } else if constexpr (std::integral<T>) {
        const auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
        return detail::convert<T>(detail::parse_integer(text, {std::numeric_limits<T>::min(), most}));
    } else if constexpr (std::floating_point<T>) {
        return detail::convert<T>(detail::parse_double(text, std::numeric_limits<T>::max()));
    } else if constexpr (std::is_enum_v<T>) {
        if (const auto value = enum_from_name<T>(text)) {
            return *value;
        }
        return std::unexpected(one_of_text(enum_names<T>));
    } else if constexpr (detail::is_number_of_row<T>) {
        const std::uint64_t most = std::numeric_limits<std::int64_t>::max();
        return detail::convert<T>(detail::parse_integer(text, {1, most}));
    } else if constexpr (std::same_as<T, std::string>) {
        return detail::parse_string(text);
    } else if constexpr (ParsesText<T>) {
        return T::parse(text);
    } else {
        static_assert(detail::always_false<T>,
                      "parse_text: give the type a static parse(std::string_view) -> expected<T, string>");
    }
}

}  // namespace brio::reflect
