#include <brio/reflect/bytes.hpp>

#include <array>
#include <cstdint>
#include <optional>

namespace brio {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t wrong = 64;

constexpr auto values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(wrong);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}();

std::uint32_t value_of(char c) noexcept { return values[static_cast<unsigned char>(c)]; }

/// The last four characters, which may be padded. False when they are wrong or leave bits over.
bool read_last(std::string_view four, std::string& out) {
    const std::size_t padding = four[3] != '=' ? 0 : four[2] != '=' ? 1 : 2;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const bool pads = i >= 4 - padding;
        const std::uint32_t value = pads ? 0 : value_of(four[i]);
        if (value == wrong) {
            return false;
        }
        bits = bits << 6 | value;
    }
    for (std::size_t i = 0; i < 3 - padding; ++i) {
        out.push_back(static_cast<char>(bits >> (16 - 8 * i)));
    }
    const std::uint32_t left_over = padding == 0 ? 0 : bits & ((1U << (8 * padding)) - 1);
    return left_over == 0;
}

std::optional<std::string> read(std::string_view text) {
    std::string out;
    if (text.empty()) {
        return out;
    }
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    out.reserve(text.size() / 4 * 3);
    for (; text.size() > 4; text.remove_prefix(4)) {
        const std::uint32_t a = value_of(text[0]);
        const std::uint32_t b = value_of(text[1]);
        const std::uint32_t c = value_of(text[2]);
        const std::uint32_t d = value_of(text[3]);
        if (((a | b | c | d) & wrong) != 0) {
            return std::nullopt;
        }
        const std::uint32_t bits = a << 18 | b << 12 | c << 6 | d;
        out.push_back(static_cast<char>(bits >> 16));
        out.push_back(static_cast<char>(bits >> 8));
        out.push_back(static_cast<char>(bits));
    }
    if (!read_last(text, out)) {
        return std::nullopt;
    }
    return out;
}

}  // namespace

std::expected<Bytes, std::string> Bytes::parse(std::string_view text) {
    auto data = read(text);
    if (!data) {
        return std::unexpected("must be base64 with its padding");
    }
    return Bytes(std::move(*data));
}

char* Bytes::format(char* to) const noexcept {
    const auto byte = [this](std::size_t i) -> std::uint32_t {
        return i < value.size() ? static_cast<unsigned char>(value[i]) : 0;
    };
    for (std::size_t i = 0; i < value.size(); i += 3) {
        const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        *to++ = alphabet[bits >> 18];
        *to++ = alphabet[bits >> 12 & 63];
        *to++ = i + 1 < value.size() ? alphabet[bits >> 6 & 63] : '=';
        *to++ = i + 2 < value.size() ? alphabet[bits & 63] : '=';
    }
    return to;
}

std::string Bytes::text() const {
    std::string text(text_size(), '\0');
    format(text.data());
    return text;
}

}  // namespace brio
