#include <brio/base/figures.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include <brio/base/expect.hpp>
#include <brio/base/text.hpp>

namespace brio {

std::string grouped(std::uint64_t number) {
    std::string text = integer_text(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
        text.insert(static_cast<std::size_t>(at), 1, ',');
    }
    return text;
}

std::string decimal_text(double value, int decimals) {
    char digits[400];  // the largest double has 309 before the point
    const auto [end, error] =
        std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals);
    expect(std::isfinite(value) && error == std::errc(), "a decimal is finite and has few decimals");
    return {digits, end};
}

std::string rate_text(double rate) {
    const double tenths = std::round(rate * 10);
    if (tenths >= 1000) {
        return grouped(static_cast<std::uint64_t>(std::round(rate)));
    }
    return decimal_text(tenths / 10, std::fmod(tenths, 10) == 0 ? 0 : 1);
}

std::string percent_text(double share, int decimals) {
    if (share >= 1) {
        return "100 %";
    }
    constexpr double least = 0.001;
    double value = share * 100;
    if (value > 0 && value < least) {
        return "<0.001 %";
    }
    // What is not whole does not read as whole, and what is not nothing not as nothing.
    value = std::min(value, 100 - least);
    const auto units = [&] { return std::floor(value * std::pow(10, decimals) + 0.5); };
    while (units() >= 100 * std::pow(10, decimals) || (value > 0 && units() == 0)) {
        ++decimals;
    }
    auto text = decimal_text(value, decimals);
    if (decimals == 1 && text.ends_with('0')) {
        text.resize(text.size() - 2);
    }
    return text + " %";
}

}  // namespace brio
