#include <brio/http/date.hpp>

#include <algorithm>

namespace brio::http {

namespace {

using namespace std::chrono;

constexpr std::string_view days = "SunMonTueWedThuFriSat";
constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";

char* write_digits(char* out, unsigned value, int count) noexcept {
    for (int i = count - 1; i >= 0; --i) {
        out[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

/// Digits only; nothing else in `text`.
std::optional<int> read_digits(std::string_view text) noexcept {
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + (c - '0');
    }
    return value;
}

}  // namespace

void write_http_date(sys_seconds time, std::span<char, http_date_size> out) noexcept {
    const auto day = floor<std::chrono::days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    std::copy_n("Sun, 06 Nov 1994 08:49:37 GMT", http_date_size, out.data());
    std::copy_n(days.data() + std::size_t{weekday{day}.c_encoding()} * 3, 3, out.data());
    write_digits(out.data() + 5, unsigned{date.day()}, 2);
    std::copy_n(months.data() + (std::size_t{unsigned{date.month()}} - 1) * 3, 3, out.data() + 8);
    write_digits(out.data() + 12, static_cast<unsigned>(int{date.year()}), 4);
    write_digits(out.data() + 17, static_cast<unsigned>(clock.hours().count()), 2);
    write_digits(out.data() + 20, static_cast<unsigned>(clock.minutes().count()), 2);
    write_digits(out.data() + 23, static_cast<unsigned>(clock.seconds().count()), 2);
}

std::array<char, http_date_size> http_date(sys_seconds time) noexcept {
    std::array<char, http_date_size> text{};
    write_http_date(time, text);
    return text;
}

std::optional<sys_seconds> parse_http_date(std::string_view text) noexcept {
    if (text.size() != http_date_size) {
        return std::nullopt;
    }
    const auto month_at = months.find(text.substr(8, 3));
    const auto day = read_digits(text.substr(5, 2));
    const auto year = read_digits(text.substr(12, 4));
    const auto hour = read_digits(text.substr(17, 2));
    const auto minute = read_digits(text.substr(20, 2));
    const auto second = read_digits(text.substr(23, 2));
    if (month_at == std::string_view::npos || month_at % 3 != 0 || !day || !year || !hour || !minute ||
        !second || *hour > 23 || *minute > 59 || *second > 59) {
        return std::nullopt;
    }
    const auto month = static_cast<unsigned>(month_at / 3 + 1);
    const auto date = std::chrono::year{*year} / std::chrono::month{month} / *day;
    if (!date.ok()) {
        return std::nullopt;
    }
    const auto time = sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second};
    const auto written =
        http_date(time);  // also holds the weekday, the commas and the spaces against the text
    if (text != std::string_view{written.data(), written.size()}) {
        return std::nullopt;
    }
    return time;
}

}  // namespace brio::http
