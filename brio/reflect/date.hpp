// A day of the Gregorian calendar without a time zone: 2026-11-23.
#pragma once
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace brio {

struct Date {
    std::int32_t days = 0;  // since 1970-01-01

    static constexpr std::size_t text_size = 10;

    constexpr Date() noexcept = default;
    constexpr explicit Date(std::int32_t count) noexcept : days(count) {}
    constexpr Date(std::chrono::sys_days day) noexcept
        : days(static_cast<std::int32_t>(day.time_since_epoch().count())) {}
    constexpr operator std::chrono::sys_days() const noexcept {
        return std::chrono::sys_days(std::chrono::days(days));
    }
    constexpr auto operator<=>(const Date&) const noexcept = default;

    /// RFC 3339 full-date, years 0000 to 9999. The error says what was expected.
    static std::expected<Date, std::string> parse(std::string_view text);

    /// Writes text_size characters and returns the place behind them; a day outside the years 0000 to 9999 as
    /// the nearest within.
    char* format(char* to) const noexcept;
    std::string text() const;
};

}  // namespace brio
