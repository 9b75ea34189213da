// Values whose JSON has a bounded size: written through a pointer into room that is already there.
#pragma once
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include <brio/json/codec.hpp>
#include <brio/json/detail/traits.hpp>
#include <brio/reflect/bytes.hpp>
#include <brio/reflect/date.hpp>
#include <brio/reflect/decimal.hpp>
#include <brio/reflect/enums.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/reflect/uuid.hpp>

namespace brio::json::detail {

/// Each returns the place behind what it wrote: at most 20 bytes for integers, 25 for numbers (`null` where
/// not finite).
char* put_unsigned(char* to, std::uint64_t value) noexcept;
char* put_integer(char* to, std::int64_t value) noexcept;
char* put_number(char* to, double value) noexcept;
char* put_number(char* to, float value) noexcept;

/// Types that write text_size characters at most.
template <class T>
concept FormatsItself =
    std::same_as<T, Timestamp> || std::same_as<T, Date> || std::same_as<T, Uuid> || reflect::is_decimal<T>;

template <class T>
consteval std::size_t find_fixed_size() {
    if constexpr (HasCodec<T>) {
        return 0;
    } else if constexpr (std::same_as<T, bool>) {
        return 5;
    } else if constexpr (Integer<T> || is_row_number<T>) {
        return 20;
    } else if constexpr (std::floating_point<T>) {
        return 25;
    } else if constexpr (std::is_enum_v<T>) {
        std::size_t longest = 2;  // null, where the value is no enumerator
        for (const auto name : reflect::enum_names<T>) {
            longest = std::max(longest, name.size());
        }
        return longest + 2;
    } else if constexpr (FormatsItself<T>) {
        return T::text_size + 2;
    } else if constexpr (is_optional<T>) {
        const auto size = find_fixed_size<typename T::value_type>();
        return size == 0 ? 0 : std::max<std::size_t>(size, 4);
    } else {
        return 0;
    }
}
/// The most bytes that a T takes, 0 when there is no bound.
template <class T>
inline constexpr std::size_t fixed_size = find_fixed_size<T>();

inline char* put_text(char* to, std::string_view text) noexcept {
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
}

inline char* put_name(char* to, std::string_view name) noexcept {
    if (name.empty()) {
        return put_text(to, "null");
    }
    *to = '"';
    to = put_text(to + 1, name);
    *to = '"';
    return to + 1;
}

/// Requires fixed_size<T> bytes of room.
template <class T>
char* put_fixed(char* to, const T& value) noexcept {
    if constexpr (std::same_as<T, bool>) {
        return put_text(to, value ? "true" : "false");
    } else if constexpr (is_row_number<T>) {
        return put_integer(to, value.value);
    } else if constexpr (std::signed_integral<T>) {
        return put_integer(to, value);
    } else if constexpr (std::unsigned_integral<T>) {
        return put_unsigned(to, value);
    } else if constexpr (std::same_as<T, float>) {
        return put_number(to, value);
    } else if constexpr (std::floating_point<T>) {
        return put_number(to, static_cast<double>(value));
    } else if constexpr (std::is_enum_v<T>) {
        return put_name(to, reflect::enum_name(value));
    } else if constexpr (is_optional<T>) {
        return value ? put_fixed(to, *value) : put_text(to, "null");
    } else {
        *to = '"';
        to = value.format(to + 1);
        *to = '"';
        return to + 1;
    }
}

}  // namespace brio::json::detail
