// The version of a row: moves with each update, and is what ETag and If-Match compare.
#pragma once
#include <compare>
#include <cstdint>

namespace brio {

struct Version {
    std::int64_t value = 0;

    constexpr Version() noexcept = default;
    constexpr explicit Version(std::int64_t number) noexcept : value(number) {}
    constexpr explicit operator std::int64_t() const noexcept { return value; }
    constexpr auto operator<=>(const Version&) const noexcept = default;
};

}  // namespace brio
