#include <brio/http/token.hpp>
#include <brio/http/traceparent.hpp>

namespace brio::http {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// Lower-case hex only; nothing for anything else.
std::optional<std::uint64_t> read_hex(std::string_view text) noexcept {
    std::uint64_t value = 0;
    for (const char c : text) {
        if (!has_class(c, hex_char) || (c >= 'A' && c <= 'F')) {
            return std::nullopt;
        }
        value = value * 16 + hex_value(c);
    }
    return value;
}

void write_hex(char* out, std::uint64_t value, int digits) noexcept {
    for (int i = digits - 1; i >= 0; --i) {
        out[i] = hex_digits[value & 15U];
        value >>= 4U;
    }
}

std::uint64_t not_zero(std::uint64_t random) noexcept { return random == 0 ? 1 : random; }

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) noexcept {
    if (text.size() < traceparent_size || text[2] != '-' || text[35] != '-' || text[52] != '-') {
        return std::nullopt;
    }
    const auto version = read_hex(text.substr(0, 2));
    const bool longer = text.size() > traceparent_size;
    if (!version || *version == 0xff || (longer && (*version == 0 || text[traceparent_size] != '-'))) {
        return std::nullopt;
    }
    const auto high = read_hex(text.substr(3, 16));
    const auto low = read_hex(text.substr(19, 16));
    const auto span = read_hex(text.substr(36, 16));
    const auto flags = read_hex(text.substr(53, 2));
    if (!high || !low || !span || !flags || (*high | *low) == 0 || *span == 0) {
        return std::nullopt;
    }
    return TraceContext{*high, *low, *span, static_cast<std::uint8_t>(*flags)};
}

std::array<char, traceparent_size> format_traceparent(const TraceContext& context) noexcept {
    std::array<char, traceparent_size> text;
    text.fill('-');
    write_hex(text.data(), 0, 2);
    write_hex(text.data() + 3, context.trace_high, 16);
    write_hex(text.data() + 19, context.trace_low, 16);
    write_hex(text.data() + 36, context.span, 16);
    write_hex(text.data() + 53, context.flags, 2);
    return text;
}

TraceContext child_of(const TraceContext& parent, std::uint64_t random) noexcept {
    auto child = parent;
    child.span = not_zero(random);
    child.flags &= 1;  // of the others nothing is known, so nothing is promised (§3.2.2.5)
    return child;
}

TraceContext new_trace(std::uint64_t random_high, std::uint64_t random_low,
                       std::uint64_t random_span) noexcept {
    return {random_high, random_high == 0 ? not_zero(random_low) : random_low, not_zero(random_span), 0};
}

}  // namespace brio::http
