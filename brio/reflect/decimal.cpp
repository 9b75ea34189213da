#include <brio/reflect/decimal.hpp>

#include <charconv>

#include <brio/base/text.hpp>

namespace brio::reflect::detail {

namespace {

std::string expected_decimal(DecimalShape shape) {
    return concat({"must be a decimal number of at most ", brio::integer_text(shape.precision - shape.scale),
                   " digits before and ", brio::integer_text(shape.scale), " behind the point"});
}

bool are_digits(std::string_view text) noexcept { return text.find_first_not_of("0123456789") == text.npos; }

}  // namespace

std::expected<std::int64_t, std::string> parse_decimal(std::string_view text, DecimalShape shape) {
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    const std::size_t point = text.find('.');
    std::string_view whole = text.substr(0, point);
    const std::string_view behind = point == text.npos ? std::string_view() : text.substr(point + 1);
    const bool sound = !whole.empty() && are_digits(whole) && are_digits(behind) &&
                       (point == text.npos || !behind.empty()) && behind.size() <= shape.scale;
    whole.remove_prefix(sound ? std::min(whole.find_first_not_of('0'), whole.size()) : 0);
    if (!sound || whole.size() > shape.precision - shape.scale) {
        return std::unexpected(expected_decimal(shape));
    }
    std::string digits(whole);
    digits += behind;
    digits.append(shape.scale - behind.size(), '0');
    std::int64_t units = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), units);
    return negative ? -units : units;
}

char* format_decimal(char* to, std::int64_t units, unsigned scale) noexcept {
    const auto one = static_cast<std::uint64_t>(power_of_ten(scale));
    const std::uint64_t size =
        units < 0 ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units);
    if (units < 0) {
        *to++ = '-';
    }
    to = std::to_chars(to, to + 20, size / one).ptr;
    if (scale == 0) {
        return to;
    }
    *to++ = '.';
    std::uint64_t rest = size % one;
    for (unsigned i = scale; i > 0; --i) {
        to[i - 1] = static_cast<char>('0' + rest % 10);
        rest /= 10;
    }
    return to + scale;
}

}  // namespace brio::reflect::detail
