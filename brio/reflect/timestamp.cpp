#include <brio/reflect/timestamp.hpp>

#include <algorithm>
#include <optional>

#include <brio/reflect/detail/calendar.hpp>
#include <brio/reflect/detail/digits.hpp>

namespace brio {
namespace {

using reflect::detail::put_pair;
using reflect::detail::take;
using reflect::detail::take_digits;

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;

struct TimeOfDay {
    std::int64_t microseconds;
    bool is_leap_second;
};

/// `.` and 1 to 9 digits; 0 microseconds where there is no dot.
std::optional<std::int64_t> take_fraction(std::string_view& text) noexcept {
    if (!take(text, '.')) {
        return 0;
    }
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
        if (digits < 6) {
            value = value * 10 + (text[digits] - '0');
        }
    }
    if (digits == 0 || digits > 9) {
        return std::nullopt;
    }
    text.remove_prefix(digits);
    for (; digits < 6; ++digits) {
        value *= 10;
    }
    return value;
}

std::optional<TimeOfDay> take_time(std::string_view& text) noexcept {
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) {
        return std::nullopt;
    }
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) {
        return std::nullopt;
    }
    const auto seconds = take_digits(text, 2);
    if (!seconds || *seconds > 60) {
        return std::nullopt;
    }
    const auto fraction = take_fraction(text);
    if (!fraction) {
        return std::nullopt;
    }
    const std::int64_t whole = (*hour * 60 + *minute) * 60 + *seconds;
    return TimeOfDay{whole * second + (*seconds == 60 ? 0 : *fraction), *seconds == 60};
}

/// `Z`, or the offset as microseconds to subtract.
std::optional<std::int64_t> take_offset(std::string_view& text) noexcept {
    if (take(text, 'Z') || take(text, 'z')) {
        return 0;
    }
    const bool west = take(text, '-');
    if (!west && !take(text, '+')) {
        return std::nullopt;
    }
    const auto hours = take_digits(text, 2);
    if (!hours || *hours > 23 || !take(text, ':')) {
        return std::nullopt;
    }
    const auto minutes = take_digits(text, 2);
    if (!minutes || *minutes > 59) {
        return std::nullopt;
    }
    const std::int64_t offset = (*hours * 60 + *minutes) * 60 * second;
    return west ? -offset : offset;
}

std::optional<Timestamp> read(std::string_view text) noexcept {
    const auto date = reflect::detail::take_date(text);
    if (!date || (!take(text, 'T') && !take(text, 't'))) {
        return std::nullopt;
    }
    const auto time = take_time(text);
    if (!time) {
        return std::nullopt;
    }
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) {
        return std::nullopt;
    }
    const Timestamp moment(*date * day + time->microseconds - *offset);
    const bool leaps_at_midnight = moment.microseconds % day == 0;
    if (moment.microseconds < Timestamp::least || moment.microseconds > Timestamp::most ||
        (time->is_leap_second && !leaps_at_midnight)) {
        return std::nullopt;
    }
    return moment;
}

}  // namespace

std::expected<Timestamp, std::string> Timestamp::parse(std::string_view text) {
    const auto moment = read(text);
    if (!moment) {
        return std::unexpected("must be a time like 2026-11-23T05:17:23Z");
    }
    return *moment;
}

char* Timestamp::format(char* to) const noexcept {
    const std::int64_t moment =
        std::clamp(microseconds, least, most) - least;  // not negative: division rounds down
    const auto days = static_cast<std::int32_t>(moment / day);
    const auto rest = static_cast<std::uint64_t>(moment % day);
    const auto seconds = static_cast<unsigned>(rest / second);
    const auto fraction = static_cast<unsigned>(rest % second);
    to = reflect::detail::put_date(to, days + reflect::detail::first_day);
    *to = 'T';
    to = put_pair(to + 1, seconds / 3600);
    *to = ':';
    to = put_pair(to + 1, seconds / 60 % 60);
    *to = ':';
    to = put_pair(to + 1, seconds % 60);
    *to = '.';
    to = put_pair(to + 1, fraction / 10'000);
    to = put_pair(to, fraction / 100 % 100);
    to = put_pair(to, fraction % 100);
    *to = 'Z';
    return to + 1;
}

std::string Timestamp::text() const {
    char text[text_size];
    return {text, format(text)};
}

}  // namespace brio
