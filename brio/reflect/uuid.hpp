// Universally unique identifiers (RFC 9562).
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include <brio/base/random.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    static constexpr std::size_t text_size = 36;

    constexpr Uuid() noexcept = default;
    constexpr explicit Uuid(const std::array<std::uint8_t, 16>& octets) noexcept : bytes(octets) {}
    constexpr auto operator<=>(const Uuid&) const noexcept = default;

    /// Version 7: milliseconds of `now`, then random bits, so that later ones sort behind earlier ones.
    /// Identifies; it is no secret.
    static Uuid v7(Timestamp now, Random& random) noexcept;

    /// 8-4-4-4-12 hexadecimal digits of either case, any version. The error says what was expected.
    static std::expected<Uuid, std::string> parse(std::string_view text);

    /// Writes text_size characters, lower case, and returns the place behind them.
    char* format(char* to) const noexcept;
    std::string text() const;
};

}  // namespace brio
