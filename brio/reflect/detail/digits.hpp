// Fixed-width decimal digits, read and written.
#pragma once
#include <cstddef>
#include <cstring>
#include <optional>
#include <string_view>

namespace brio::reflect::detail {

inline constexpr char digit_pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051"
    "525354555657585960"
    "616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// Two digits of a number below 100; returns the place behind them.
inline char* put_pair(char* to, unsigned value) noexcept {
    std::memcpy(to, &digit_pairs[value * 2], 2);
    return to + 2;
}

/// Takes `count` digits off the front of `text`; nothing when it does not begin with so many.
constexpr std::optional<int> take_digits(std::string_view& text, std::size_t count) noexcept {
    if (text.size() < count) {
        return std::nullopt;
    }
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        }
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

/// Takes `c` off the front of `text`; false when it is not there.
constexpr bool take(std::string_view& text, char c) noexcept {
    if (text.empty() || text.front() != c) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

}  // namespace brio::reflect::detail
