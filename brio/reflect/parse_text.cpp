#include <brio/reflect/parse_text.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include <brio/base/text.hpp>
#include <brio/reflect/utf8.hpp>

namespace brio::reflect {
namespace {

/// Of a number outside the range of double: it is too near to 0, not too far from it.
bool is_tiny(std::string_view number) noexcept {
    const std::size_t e = number.find_first_of("eE");
    const std::string_view digits = number.substr(0, e);
    const auto first = static_cast<std::int64_t>(digits.find_first_of("123456789"));
    const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
    if (e == std::string_view::npos) {
        return first > point;
    }
    std::string_view power = number.substr(e + 1);
    power.remove_prefix(power.starts_with('+') ? 1 : 0);
    int exponent = 0;
    if (std::from_chars(power.data(), power.data() + power.size(), exponent).ec != std::errc()) {
        return power.starts_with('-');
    }
    return point - first + exponent < 0;
}

}  // namespace

namespace detail {

std::expected<std::uint64_t, std::string> parse_integer(std::string_view text, Range range) {
    const bool negative = text.starts_with('-');
    const char* first = text.data() + (negative ? 1 : 0);
    const char* last = text.data() + text.size();
    std::uint64_t magnitude = 0;
    const auto [end, error] = std::from_chars(first, last, magnitude);
    if (end != last || error == std::errc::invalid_argument) {
        return std::unexpected("must be an integer");
    }
    const std::uint64_t lowest = range.least < 0 ? 0 - static_cast<std::uint64_t>(range.least) : 0;
    const bool too_low = negative ? magnitude > lowest || (range.least > 0)
                                  : range.least > 0 && magnitude < static_cast<std::uint64_t>(range.least);
    if (error == std::errc::result_out_of_range || too_low || (!negative && magnitude > range.most)) {
        return std::unexpected(integer_text(range.least, range.most));
    }
    return negative ? 0 - magnitude : magnitude;
}

std::expected<double, std::string> parse_double(std::string_view text, double most) {
    double value = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (end == last && error == std::errc::result_out_of_range && is_tiny(text)) {
        return text.starts_with('-') ? -0.0 : 0.0;
    }
    if (end != last || error != std::errc() || !std::isfinite(value) || std::abs(value) > most) {
        return std::unexpected("must be a number");
    }
    return value;
}

std::expected<bool, std::string> parse_bool(std::string_view text) {
    if (text == "true" || text == "1") {
        return true;
    }
    if (text == "false" || text == "0") {
        return false;
    }
    return std::unexpected("must be true or false");
}

std::expected<std::string, std::string> parse_string(std::string_view text) {
    if (!is_utf8(text)) {
        return std::unexpected("must be well-formed UTF-8");
    }
    return std::string(text);
}

}  // namespace detail

std::string one_of_text(std::span<const std::string_view> names) {
    std::string text = "must be one of ";
    for (const auto name : names) {
        text.append(name == names.front() ? "" : ", ").append(name);
    }
    return text;
}

std::string integer_text(std::int64_t least, std::uint64_t most) {
    constexpr std::uint64_t most_signed = INT64_MAX;
    if (least == 1 && most == most_signed) {
        return "must be a positive integer of at most 64 bits";
    }
    return concat({"must be an integer from ", brio::integer_text(least), " to ", brio::integer_text(most)});
}

}  // namespace brio::reflect
