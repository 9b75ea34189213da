#include <brio/base/terminal_text.hpp>

#include <locale.h>
#include <wchar.h>

#include <algorithm>

#include <brio/base/text.hpp>

namespace brio {

namespace {

struct Rune {
    char32_t value;
    std::size_t bytes;
};

/// The first character of a text that is not empty; a byte that begins none is one.
Rune first_of(std::string_view text) noexcept {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t bytes = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (bytes == 1 || text.size() < bytes) {
        return {lead, 1};
    }
    char32_t value = lead & (0xffU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        value = value << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
    }
    return {value, bytes};
}

// Where lines end in Unicode, and what reorders the rest of a line (UAX #9).
bool disturbs(char32_t c) noexcept {
    return (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f ||
           c == 0x061c;
}

std::size_t width_of(char32_t c) {
    if (c < 0x300) {
        return 1;
    }
    static const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
    if (unicode == locale_t{}) {
        return 1;
    }
    const auto before = ::uselocale(unicode);
    const int width = ::wcwidth(static_cast<wchar_t>(c));
    ::uselocale(before);
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

}  // namespace

std::string without_controls(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const bool is_c1 = c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        result += c < ' ' || c == 0x7f || is_c1 ? ' ' : text[i];
        i += is_c1 ? 1 : 0;
    }
    return result;
}

std::string printable(std::string_view text) {
    const auto clean = without_controls(valid_utf8(text));
    std::string result;
    result.reserve(clean.size());
    for (std::string_view rest = clean; !rest.empty();) {
        const auto rune = first_of(rest);
        disturbs(rune.value) ? result.append(" ") : result.append(rest.substr(0, rune.bytes));
        rest.remove_prefix(rune.bytes);
    }
    return result;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const auto rune = first_of(text);
        width += width_of(rune.value);
        text.remove_prefix(rune.bytes);
    }
    return width;
}

std::string fit(std::string_view text, std::size_t columns) {
    constexpr std::size_t most_bytes = 16;  // of a column: a letter with its accents, not a tower of them
    auto line = printable(text);
    if (display_width(line) <= columns && line.size() <= columns * most_bytes) {
        return line;
    }
    std::size_t taken = 0;
    std::size_t bytes = 0;
    for (std::string_view rest = line; columns > 0 && !rest.empty();) {
        const auto rune = first_of(rest);
        const auto width = width_of(rune.value);
        if (taken + width > columns - 1 || bytes + rune.bytes > columns * most_bytes) {
            break;
        }
        taken += width;
        bytes += rune.bytes;
        rest.remove_prefix(rune.bytes);
    }
    line.resize(bytes);
    return columns == 0 ? line : line + "…";
}

}  // namespace brio
