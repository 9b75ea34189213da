#include <brio/http/percent.hpp>
#include <brio/http/token.hpp>

namespace brio::http {

std::optional<std::string_view> percent_decode(std::string_view encoded, Plus plus, Buffer& scratch) {
    const bool plus_is_space = plus == Plus::space;
    if (encoded.find('%') == std::string_view::npos &&
        (!plus_is_space || encoded.find('+') == std::string_view::npos)) {
        return encoded;
    }
    char* const begin = scratch.prepare(encoded.size());
    char* out = begin;
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        const char c = encoded[at];
        if (c != '%') {
            *out++ = c == '+' && plus_is_space ? ' ' : c;
            continue;
        }
        if (encoded.size() - at < 3 || !has_class(encoded[at + 1], hex_char) ||
            !has_class(encoded[at + 2], hex_char)) {
            return std::nullopt;
        }
        const auto octet = hex_value(encoded[at + 1]) * 16 + hex_value(encoded[at + 2]);
        if (octet == 0) {
            return std::nullopt;
        }
        *out++ = static_cast<char>(octet);
        at += 2;
    }
    const auto size = static_cast<std::size_t>(out - begin);
    scratch.commit(size);
    return std::string_view{begin, size};
}

void percent_encode(std::string_view text, Buffer& out) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        const bool letter = (octet | 0x20U) >= 'a' && (octet | 0x20U) <= 'z';
        const bool digit = c >= '0' && c <= '9';
        if (letter || digit || c == '-' || c == '.' || c == '_' || c == '~') {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(digits[octet >> 4U]);
            out.push_back(digits[octet & 15U]);
        }
    }
}

}  // namespace brio::http
