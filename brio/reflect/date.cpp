#include <brio/reflect/date.hpp>

#include <algorithm>

#include <brio/reflect/detail/calendar.hpp>
#include <brio/reflect/detail/digits.hpp>

namespace brio {
namespace reflect::detail {

std::optional<std::int32_t> take_date(std::string_view& text) noexcept {
    const auto year = take_digits(text, 4);
    if (!year || !take(text, '-')) {
        return std::nullopt;
    }
    const auto month = take_digits(text, 2);
    if (!month || !take(text, '-')) {
        return std::nullopt;
    }
    const auto day = take_digits(text, 2);
    if (!day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date(std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) {
        return std::nullopt;
    }
    return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

char* put_date(char* to, std::int32_t days) noexcept {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    to = put_pair(to, year / 100);
    to = put_pair(to, year % 100);
    *to = '-';
    to = put_pair(to + 1, static_cast<unsigned>(date.month()));
    *to = '-';
    return put_pair(to + 1, static_cast<unsigned>(date.day()));
}

}  // namespace reflect::detail

std::expected<Date, std::string> Date::parse(std::string_view text) {
    const auto day = reflect::detail::take_date(text);
    if (!day || !text.empty()) {
        return std::unexpected("must be a date like 2026-11-23");
    }
    return Date(*day);
}

char* Date::format(char* to) const noexcept {
    return reflect::detail::put_date(to,
                                     std::clamp(days, reflect::detail::first_day, reflect::detail::last_day));
}

std::string Date::text() const {
    char text[text_size];
    return {text, format(text)};
}

}  // namespace brio
