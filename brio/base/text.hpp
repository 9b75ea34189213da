// Small text: comparing, trimming, and numbers and durations written without printf.
#pragma once
#include <brio/base/buffer.hpp>

#include <charconv>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace brio {

constexpr char ascii_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
/// Equal but for the case of ASCII letters; other bytes must be the same.
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (ascii_lower(a[i]) != ascii_lower(b[i])) {
            return false;
        }
    }
    return true;
}
std::string lower(std::string_view text);

/// Without the spaces, tabs, carriage returns and line feeds at both ends.
constexpr std::string_view trim(std::string_view text) noexcept {
    constexpr std::string_view blank = " \t\r\n";
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// One allocation.
std::string concat(std::initializer_list<std::string_view> parts);

template <std::integral Integer>
void append_integer(Buffer& out, Integer value) {
    char* to = out.prepare(21);
    out.commit(static_cast<std::size_t>(std::to_chars(to, to + 21, value).ptr - to));
}
template <std::integral Integer>
std::string integer_text(Integer value) {
    char digits[21];
    return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

/// The shortest decimal that reads back as the same double; `NaN`, `+Inf`, `-Inf`.
void append_number(Buffer& out, double value);

/// Milliseconds with two decimals, rounded to the nearest: `0.21`, `12.00`. Cost: 4 ns (base_bench).
void append_milliseconds(Buffer& out, std::uint64_t nanoseconds);

/// For people, three figures and the unit that suits: `210ns`, `4.20us`, `42.1ms`, `1.50s`, `1200s`.
std::string duration_text(std::chrono::nanoseconds duration);

/// What is not well-formed UTF-8 becomes U+FFFD, one for each maximal wrong part (Unicode 15, 3.9 "U+FFFD
/// substitution").
std::string valid_utf8(std::string_view bytes);

}  // namespace brio
