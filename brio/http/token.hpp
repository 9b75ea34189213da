// The character classes and small comparisons that every HTTP field grammar is made of (RFC 9110 §5.6).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace brio::http {

/// Bits of char_class.
enum CharClass : std::uint8_t {
    token_char = 1,    // tchar
    value_char = 2,    // what a field value may hold: HTAB, SP, VCHAR, obs-text
    target_char = 4,   // what a request target may hold: VCHAR but '#'
    hex_char = 8,      // HEXDIG of either case
    host_char = 16,    // unreserved and sub-delims but ',' (RFC 3986 §3.2.2)
    quoted_char = 32,  // qdtext
    path_mark = 64,    // what ends a path or may make it one that is refused: '?', '%', '.'
};

inline constexpr std::array<std::uint8_t, 256> char_class = [] {
    std::array<std::uint8_t, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool digit = c >= '0' && c <= '9';
        const bool alpha = (c | 0x20U) >= 'a' && (c | 0x20U) <= 'z';
        const auto among = [c](std::string_view set) {
            return c != 0 && c < 128 && set.find(static_cast<char>(c)) != std::string_view::npos;
        };
        unsigned bits = 0;
        bits |= digit || alpha || among("!#$%&'*+-.^_`|~") ? token_char : 0U;
        bits |= c == '\t' || (c >= 0x20 && c != 0x7f) ? value_char : 0U;
        bits |= c > 0x20 && c < 0x7f && c != '#' ? target_char : 0U;
        bits |= digit || ((c | 0x20U) >= 'a' && (c | 0x20U) <= 'f') ? hex_char : 0U;
        bits |= digit || alpha || among("-._~!$&'()*+;=") ? host_char : 0U;
        bits |= c == '\t' || (c >= 0x20 && c != 0x7f && c != '"' && c != '\\') ? quoted_char : 0U;
        bits |= among("?%.") ? path_mark : 0U;
        table[c] = static_cast<std::uint8_t>(bits);
    }
    return table;
}();

constexpr bool has_class(char c, CharClass bit) noexcept {
    return (char_class[static_cast<unsigned char>(c)] & bit) != 0;
}

constexpr bool all_of_class(std::string_view text, CharClass bit) noexcept {
    for (const char c : text) {
        if (!has_class(c, bit)) {
            return false;
        }
    }
    return true;
}

constexpr bool is_token(std::string_view text) noexcept {
    return !text.empty() && all_of_class(text, token_char);
}

/// 0 to 15; only for a hex_char.
constexpr unsigned hex_value(char c) noexcept {
    return c <= '9' ? static_cast<unsigned>(c - '0') : (static_cast<unsigned>(c) | 0x20U) - 'a' + 10U;
}

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

/// ASCII letters only, as field names, codings and most tokens are compared.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

/// Without the spaces and tabs around it.
constexpr std::string_view trim(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Cuts the part before the first `separator` off `rest`, trimmed; `rest` is empty after the last part. For
/// lists whose elements hold no quoted strings.
constexpr std::string_view next_part(std::string_view& rest, char separator) noexcept {
    const auto end = rest.find(separator);
    const auto part = trim(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return part;
}

}  // namespace brio::http
