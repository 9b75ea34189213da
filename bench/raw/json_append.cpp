#include <bench/raw/json_append.hpp>

#include <charconv>
#include <cstring>

namespace bench {
namespace {

constexpr std::uint64_t ones = 0x0101010101010101;
constexpr std::uint64_t highs = 0x8080808080808080;

constexpr std::uint64_t has_byte(std::uint64_t word, unsigned char byte) {
    const std::uint64_t difference = word ^ (ones * byte);
    return (difference - ones) & ~difference & highs;
}

/// Non-zero when one of eight bytes needs an escape. A byte from 0x80 on never does.
constexpr std::uint64_t needs_escape(std::uint64_t word) {
    const std::uint64_t below_blank = (word - ones * 0x20) & ~word & highs;
    return below_blank | has_byte(word, '"') | has_byte(word, '\\');
}

char* escape(char* at, unsigned char byte) {
    constexpr char hex[] = "0123456789abcdef";
    *at++ = '\\';
    switch (byte) {
        case '"': *at++ = '"'; break;
        case '\\': *at++ = '\\'; break;
        case '\n': *at++ = 'n'; break;
        case '\r': *at++ = 'r'; break;
        case '\t': *at++ = 't'; break;
        case '\b': *at++ = 'b'; break;
        case '\f': *at++ = 'f'; break;
        default:
            std::memcpy(at, "u00", 3);
            at[3] = hex[byte >> 4];
            at[4] = hex[byte & 15];
            at += 5;
    }
    return at;
}

char* append_digits(char* at, unsigned number, int digits) {
    for (int i = digits - 1; i >= 0; --i) {
        at[i] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
    return at + digits;
}

}  // namespace

void append_string(brio::Buffer& out, std::string_view text) {
    char* const begin = out.prepare(text.size() * 6 + 2 + 8);
    char* at = begin;
    *at++ = '"';
    const char* from = text.data();
    const char* const end = from + text.size();
    while (from != end) {
        std::uint64_t word = 0;
        if (end - from >= 8 && (std::memcpy(&word, from, 8), needs_escape(word) == 0)) {
            std::memcpy(at, &word, 8);
            from += 8;
            at += 8;
            continue;
        }
        const char* const stop = end - from >= 8 ? from + 8 : end;
        for (; from != stop; ++from) {
            const auto byte = static_cast<unsigned char>(*from);
            if (byte < 0x20 || byte == '"' || byte == '\\') {
                at = escape(at, byte);
            } else {
                *at++ = *from;
            }
        }
    }
    *at++ = '"';
    out.commit(static_cast<std::size_t>(at - begin));
}

void append_number(brio::Buffer& out, std::int64_t number) {
    char* const begin = out.prepare(20);
    out.commit(static_cast<std::size_t>(std::to_chars(begin, begin + 20, number).ptr - begin));
}

void append_time(brio::Buffer& out, std::int64_t microseconds) {
    constexpr std::int64_t day = 86'400'000'000;
    const std::int64_t days = microseconds / day - (microseconds % day < 0 ? 1 : 0);
    const auto in_day = static_cast<std::uint64_t>(microseconds - days * day);
    // Days to a civil date by 400-year eras that begin in March, so that the leap day ends a year.
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
    const auto of_era = static_cast<unsigned>(shifted - era * 146'097);
    const unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
    const unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned month_from_march = (5 * of_year + 2) / 153;
    const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    const auto year = static_cast<unsigned>(era * 400 + year_of_era + (month <= 2 ? 1 : 0));

    char* const begin = out.prepare(29);
    char* at = begin;
    *at++ = '"';
    at = append_digits(at, year, 4);
    *at++ = '-';
    at = append_digits(at, month, 2);
    *at++ = '-';
    at = append_digits(at, of_year - (153 * month_from_march + 2) / 5 + 1, 2);
    *at++ = 'T';
    at = append_digits(at, static_cast<unsigned>(in_day / 3'600'000'000), 2);
    *at++ = ':';
    at = append_digits(at, static_cast<unsigned>(in_day / 60'000'000 % 60), 2);
    *at++ = ':';
    at = append_digits(at, static_cast<unsigned>(in_day / 1'000'000 % 60), 2);
    *at++ = '.';
    at = append_digits(at, static_cast<unsigned>(in_day % 1'000'000), 6);
    *at++ = 'Z';
    *at++ = '"';
    out.commit(static_cast<std::size_t>(at - begin));
}

}  // namespace bench
