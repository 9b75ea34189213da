// Days since 1970 to and from the proleptic Gregorian calendar.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace brio::reflect::detail {

inline constexpr std::int32_t first_day = -719'528;  // 0000-01-01
inline constexpr std::int32_t last_day = 2'932'896;  // 9999-12-31

/// Takes YYYY-MM-DD off the front of `text` and gives its day; nothing when there is no such day.
std::optional<std::int32_t> take_date(std::string_view& text) noexcept;

/// Writes YYYY-MM-DD; returns the place behind it. Requires first_day <= days <= last_day.
char* put_date(char* to, std::int32_t days) noexcept;

}  // namespace brio::reflect::detail
