// Exact decimal numbers of a fixed number of digits: prices, rates, weights.
//
//     Decimal<10, 2> price = *Decimal<10, 2>::parse("12.5");   // 12.50
//
// Kept as an integer of units, the smallest of which is 10^-Scale, so that adding, comparing and ordering are
// exact. In JSON it is a string, "12.50": most readers take JSON's numbers for binary floating point, which
// has no 0.1. SQLite keeps the units, PostgreSQL numeric(Precision, Scale).
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <stdexcept>
#include <string>
#include <string_view>

namespace brio {

namespace reflect::detail {

struct DecimalShape {
    unsigned precision;
    unsigned scale;
};
constexpr std::int64_t power_of_ten(unsigned exponent) noexcept {
    std::int64_t power = 1;
    for (; exponent > 0; --exponent) {
        power *= 10;
    }
    return power;
}
/// The error says what was expected: "must be a decimal number of at most 8 digits before and 2 behind the
/// point".
std::expected<std::int64_t, std::string> parse_decimal(std::string_view text, DecimalShape shape);
/// At most 21 characters; returns the place behind them.
char* format_decimal(char* to, std::int64_t units, unsigned scale) noexcept;

}  // namespace reflect::detail

template <unsigned Precision, unsigned Scale>
struct Decimal {
    static_assert(Precision >= 1 && Precision <= 18, "a Decimal has 1 to 18 digits");
    static_assert(Scale <= Precision, "a Decimal has at most as many digits behind the point as in all");

    std::int64_t units = 0;

    static constexpr unsigned precision = Precision;
    static constexpr unsigned scale = Scale;
    static constexpr std::int64_t one = reflect::detail::power_of_ten(Scale);           // in units
    static constexpr std::int64_t most = reflect::detail::power_of_ten(Precision) - 1;  // and -most, in units
    static constexpr std::size_t text_size = Precision + 3;                             // at most

    constexpr Decimal() noexcept = default;
    /// Throws std::overflow_error beyond `most` and -most.
    static constexpr Decimal of_units(std::int64_t count) {
        if (count > most || count < -most) {
            throw std::overflow_error("a decimal number has more digits than its type");
        }
        Decimal made;
        made.units = count;
        return made;
    }
    /// `-12.5`: digits, a point and at most Scale digits behind it; neither an exponent nor a plus. The error
    /// says what was expected.
    static std::expected<Decimal, std::string> parse(std::string_view text) {
        auto units = reflect::detail::parse_decimal(text, {Precision, Scale});
        if (!units) {
            return std::unexpected(std::move(units.error()));
        }
        return of_units(*units);
    }

    /// All Scale digits behind the point: `-12.50`. Returns the place behind.
    char* format(char* to) const noexcept { return reflect::detail::format_decimal(to, units, Scale); }
    std::string text() const {
        char text[text_size];
        return {text, format(text)};
    }

    constexpr auto operator<=>(const Decimal&) const noexcept = default;
    constexpr Decimal operator-() const noexcept {
        Decimal made;
        made.units = -units;
        return made;
    }
    // Throw std::overflow_error.
    friend constexpr Decimal operator+(Decimal a, Decimal b) { return of_units(a.units + b.units); }
    friend constexpr Decimal operator-(Decimal a, Decimal b) { return of_units(a.units - b.units); }
    friend constexpr Decimal operator*(Decimal a, std::int64_t times) {
        std::int64_t product = 0;
        if (__builtin_mul_overflow(a.units, times, &product)) {
            throw std::overflow_error("a decimal number has more digits than its type");
        }
        return of_units(product);
    }
};

namespace reflect {
template <class T>
inline constexpr bool is_decimal = false;
template <unsigned Precision, unsigned Scale>
inline constexpr bool is_decimal<Decimal<Precision, Scale>> = true;
}  // namespace reflect

}  // namespace brio
