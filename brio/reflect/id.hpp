// The key of a row of one table: an Id<User> is no Id<Resource>.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace brio {

/// Greater than 0 wherever it was parsed; 0 means none yet.
template <class Row>
struct Id {
    std::int64_t value = 0;

    constexpr Id() noexcept = default;
    constexpr explicit Id(std::int64_t number) noexcept : value(number) {}
    constexpr explicit operator std::int64_t() const noexcept { return value; }
    constexpr auto operator<=>(const Id&) const noexcept = default;
};

}  // namespace brio

template <class Row>
struct std::hash<brio::Id<Row>> {
    std::size_t operator()(brio::Id<Row> id) const noexcept { return std::hash<std::int64_t>{}(id.value); }
};
