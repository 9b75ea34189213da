#include <brio/json/write.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <brio/base/text.hpp>
#include <brio/reflect/detail/digits.hpp>
#include <brio/reflect/utf8.hpp>

namespace brio::json {
namespace {

constexpr std::size_t block = 16;

constexpr bool is_plain(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}
constexpr bool needs_escape(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

#if defined(__SSE2__)
/// Copies 16 bytes and tells, as bits, which of them are to be escaped; with Ascii also those beyond it.
template <bool Ascii>
unsigned copy_block(char* to, const char* from) noexcept {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    // Signed: bytes beyond ASCII are below 0x20 as well.
    const __m128i low = Ascii ? _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20))
                              : _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, slashes), low)));
}
#else
template <bool Ascii>
unsigned copy_block(char* to, const char* from) noexcept {
    unsigned found = 0;
    for (std::size_t i = 0; i < block; ++i) {
        to[i] = from[i];
        found |= static_cast<unsigned>(Ascii ? !is_plain(from[i]) : needs_escape(from[i])) << i;
    }
    return found;
}
#endif

/// Copies 8 bytes; whether none of them is to be escaped nor, with Ascii, beyond it. By Sean Anderson's "Bit
/// Twiddling Hacks": a byte that is zero, or less than a number.
template <bool Ascii>
bool copy_word(char* to, const char* from) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t tops = ones * 0x80;
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    std::memcpy(to, &word, sizeof word);
    const std::uint64_t quotes = word ^ (ones * '"');
    const std::uint64_t slashes = word ^ (ones * '\\');
    const std::uint64_t found = ((word - ones * 0x20) & ~word) | ((quotes - ones) & ~quotes) |
                                ((slashes - ones) & ~slashes) | (Ascii ? word : 0);
    return (found & tops) == 0;
}

/// Copies what needs no escape; returns how many bytes. Requires block bytes of room beyond text.size().
template <bool Ascii>
std::size_t copy_plain(char* to, std::string_view text) noexcept {
    std::size_t at = 0;
    while (text.size() - at >= block) {
        const unsigned found = copy_block<Ascii>(to + at, text.data() + at);
        if (found != 0) {
            return at + static_cast<std::size_t>(std::countr_zero(found));
        }
        at += block;
    }
    if (text.size() >= 8) {  // the rest in words, the last of which overlaps what is copied already
        const std::size_t rest = text.size() - at;
        const std::size_t last = text.size() - 8;
        if ((rest < 8 || copy_word<Ascii>(to + at, text.data() + at)) &&
            (rest == 0 || copy_word<Ascii>(to + last, text.data() + last))) {
            return text.size();
        }
    }
    while (at < text.size() && (Ascii ? is_plain(text[at]) : !needs_escape(text[at]))) {
        to[at] = text[at];
        ++at;
    }
    return at;
}

char* put_escape(char* to, char c) noexcept {
    constexpr char digits[] = "0123456789abcdef";
    constexpr char letters[] = "btn\0fr";  // of 8 to 13
    *to++ = '\\';
    if (c == '"' || c == '\\') {
        *to = c;
        return to + 1;
    }
    if (c >= 8 && c <= 13 && c != 11) {
        *to = letters[c - 8];
        return to + 1;
    }
    to = detail::put_text(to, "u00");
    *to = digits[c >> 4];
    to[1] = digits[c & 15];
    return to + 2;
}

/// The content of a string, well-formed UTF-8, with its escapes.
void append_escaped(Buffer& out, std::string_view text) {
    while (!text.empty()) {
        char* to = out.prepare(text.size() + block + 6);
        const std::size_t plain = copy_plain<false>(to, text);
        out.commit(plain);
        text.remove_prefix(plain);
        if (!text.empty()) {
            char* end = put_escape(to + plain, text.front());
            out.commit(static_cast<std::size_t>(end - (to + plain)));
            text.remove_prefix(1);
        }
    }
}

void append_checked(Buffer& out, std::string_view text) {
    if (reflect::is_utf8(text)) {
        append_escaped(out, text);
    } else {
        append_escaped(out, valid_utf8(text));
    }
}

template <bool Ascii>
std::string_view begin_string(Buffer& out, std::string_view text) {
    char* to = out.prepare(text.size() + block + 2);
    *to = '"';
    const std::size_t plain = copy_plain<Ascii>(to + 1, text);
    to[plain + 1] = '"';  // where the string is over; else the rest overwrites it
    out.commit(plain + (plain == text.size() ? 2 : 1));
    return text.substr(plain);
}

}  // namespace

void write_string(Buffer& out, std::string_view text) {
    const auto rest = begin_string<true>(out, text);
    if (!rest.empty()) [[unlikely]] {
        append_checked(out, rest);
        out.push_back('"');
    }
}

void write_valid_string(Buffer& out, std::string_view text) {
    const auto rest = begin_string<false>(out, text);
    if (!rest.empty()) [[unlikely]] {
        append_escaped(out, rest);
        out.push_back('"');
    }
}

void write_integer(Buffer& out, std::int64_t value) {
    char* to = out.prepare(20);
    out.commit(static_cast<std::size_t>(detail::put_integer(to, value) - to));
}

void write_unsigned(Buffer& out, std::uint64_t value) {
    char* to = out.prepare(20);
    out.commit(static_cast<std::size_t>(detail::put_unsigned(to, value) - to));
}

void write_number(Buffer& out, double value) {
    char* to = out.prepare(25);
    out.commit(static_cast<std::size_t>(detail::put_number(to, value) - to));
}

void write_key(Buffer& out, std::string_view key) {
    write_string(out, key);
    out.push_back(':');
}

namespace detail {

namespace {

/// How many digits it has: from its bits, a factor of log10(2) and one comparison.
unsigned digits_of(std::uint64_t value) noexcept {
    static constexpr auto powers = [] {
        std::array<std::uint64_t, 20> made{};
        std::uint64_t power = 1;
        for (auto& each : made) {
            each = power;
            power *= 10;
        }
        return made;
    }();
    const auto about = static_cast<unsigned>(std::bit_width(value | 1)) * 1233 >> 12;
    return about + (value >= powers[about] ? 1 : 0);
}

}  // namespace

char* put_unsigned(char* to, std::uint64_t value) noexcept {
    char* const end = to + (value == 0 ? 1 : digits_of(value));
    char* at = end;
    while (value >= 100) {
        at -= 2;
        reflect::detail::put_pair(at, static_cast<unsigned>(value % 100));
        value /= 100;
    }
    if (value >= 10) {
        reflect::detail::put_pair(at - 2, static_cast<unsigned>(value));
    } else {
        at[-1] = static_cast<char>('0' + value);
    }
    return end;
}

char* put_integer(char* to, std::int64_t value) noexcept {
    if (value < 0) {
        *to = '-';
        return put_unsigned(to + 1, 0 - static_cast<std::uint64_t>(value));
    }
    return put_unsigned(to, static_cast<std::uint64_t>(value));
}

char* put_number(char* to, double value) noexcept {
    return std::isfinite(value) ? std::to_chars(to, to + 25, value).ptr : put_text(to, "null");
}

char* put_number(char* to, float value) noexcept {
    return std::isfinite(value) ? std::to_chars(to, to + 25, value).ptr : put_text(to, "null");
}

}  // namespace detail
}  // namespace brio::json
