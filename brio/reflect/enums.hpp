// Enumerators by name, without a list of them.
//
// For scoped enumerations, and plain ones with a stated underlying type, whose enumerators have values from 0
// to 127 (gaps are allowed; of two names with one value the compiler's choice is used). Enumerators outside
// the range do not exist here.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace brio::reflect {

namespace detail {

inline constexpr std::size_t enum_values = 128;

template <auto... Values>
consteval std::string_view enum_text() {
    return __PRETTY_FUNCTION__;
}

struct EnumTable {
    std::array<std::string_view, enum_values> by_value{};  // empty: no enumerator has the value
    std::size_t count = 0;
};

/// Splits the compiler's text of all 128 values at the commas outside brackets. What is no enumerator reads
/// `(E)5`.
consteval EnumTable split_enum_text(std::string_view text) {
    EnumTable table;
    text = text.substr(text.find("Values = <") + 10);
    std::size_t value = 0;
    std::size_t start = 0;
    int depth = 0;
    for (std::size_t i = 0; i < text.size() && value < enum_values; ++i) {
        const char c = text[i];
        const bool ends = depth == 0 && (c == ',' || c == '>');
        depth += c == '(' || c == '<' || c == '{' ? 1 : 0;
        depth -= depth > 0 && (c == ')' || c == '>' || c == '}') ? 1 : 0;
        if (!ends) {
            continue;
        }
        const auto piece = text.substr(start, i - start);
        const auto name = piece.substr(piece.find_last_of(":)") + 1);
        if (!name.empty() && (name[0] < '0' || name[0] > '9')) {
            table.by_value[value] = name;
            ++table.count;
        }
        ++value;
        start = i + 2;
    }
    return table;
}

template <class E, std::size_t... I>
consteval EnumTable make_enum_table(std::index_sequence<I...>) {
    static_assert(std::is_enum_v<E>);
    static_assert(requires { E{0}; }, "enumerators by name need `enum class`, or `enum E : int`");
    constexpr EnumTable table = split_enum_text(enum_text<static_cast<E>(I)...>());
    static_assert(table.count > 0,
                  "no enumerator from 0 to 127 was found (none is, in an enumeration within a template)");
    return table;
}
template <class E>
inline constexpr EnumTable enum_table = make_enum_table<E>(std::make_index_sequence<enum_values>{});

template <class E>
consteval auto list_enum_names() {
    std::array<std::string_view, enum_table<E>.count> names{};
    std::size_t next = 0;
    for (const auto name : enum_table<E>.by_value) {
        if (!name.empty()) {
            names[next++] = name;
        }
    }
    return names;
}

}  // namespace detail

/// All names in the order of their values.
template <class E>
inline constexpr auto enum_names = detail::list_enum_names<E>();

/// Empty for a value that is no enumerator.
template <class E>
constexpr std::string_view enum_name(E value) noexcept {
    const auto index = static_cast<std::size_t>(static_cast<std::underlying_type_t<E>>(value));
    return index < detail::enum_values ? detail::enum_table<E>.by_value[index] : std::string_view{};
}

template <class E>
constexpr std::optional<E> enum_from_name(std::string_view name) noexcept {
    for (std::size_t value = 0; value < detail::enum_values; ++value) {
        if (!name.empty() && detail::enum_table<E>.by_value[value] == name) {
            return static_cast<E>(value);
        }
    }
    return std::nullopt;
}

}  // namespace brio::reflect
