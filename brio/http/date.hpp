// Dates as HTTP writes them (IMF-fixdate, RFC 9110 §5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT".
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace brio::http {

inline constexpr std::size_t http_date_size = 29;

/// Years 0 to 9999. About 20 ns; a server writes it once a second.
void write_http_date(std::chrono::sys_seconds time, std::span<char, http_date_size> out) noexcept;
std::array<char, http_date_size> http_date(std::chrono::sys_seconds time) noexcept;
/// IMF-fixdate only; the two obsolete forms, a wrong weekday and a day that does not exist give nothing.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) noexcept;

}  // namespace brio::http
