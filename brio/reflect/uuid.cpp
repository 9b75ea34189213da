#include <brio/reflect/uuid.hpp>

namespace brio {
namespace {

constexpr char digits[] = "0123456789abcdef";

int digit_of(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

constexpr bool is_dash(std::size_t at) noexcept { return at == 8 || at == 13 || at == 18 || at == 23; }

bool read(std::string_view text, std::array<std::uint8_t, 16>& bytes) noexcept {
    if (text.size() != Uuid::text_size) {
        return false;
    }
    std::size_t next = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (is_dash(at)) {
            if (text[at] != '-') {
                return false;
            }
            ++at;
            continue;
        }
        const int high = digit_of(text[at]);
        const int low = digit_of(text[at + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[next++] = static_cast<std::uint8_t>(high << 4 | low);
        at += 2;
    }
    return true;
}

}  // namespace

Uuid Uuid::v7(Timestamp now, Random& random) noexcept {
    Uuid made;
    const auto milliseconds = static_cast<std::uint64_t>(now.microseconds / 1000);
    for (unsigned i = 0; i < 6; ++i) {
        made.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
    }
    const std::uint64_t first = random();
    const std::uint64_t second = random();
    made.bytes[6] = static_cast<std::uint8_t>(0x70 | (first & 0x0F));
    made.bytes[7] = static_cast<std::uint8_t>(first >> 8);
    for (unsigned i = 0; i < 8; ++i) {
        made.bytes[8 + i] = static_cast<std::uint8_t>(second >> (8 * i));
    }
    made.bytes[8] = static_cast<std::uint8_t>(0x80 | (made.bytes[8] & 0x3F));
    return made;
}

std::expected<Uuid, std::string> Uuid::parse(std::string_view text) {
    Uuid made;
    if (!read(text, made.bytes)) {
        return std::unexpected("must be a UUID like 0192f3a4-5b6c-7d8e-9f01-23456789abcd");
    }
    return made;
}

char* Uuid::format(char* to) const noexcept {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *to++ = '-';
        }
        *to++ = digits[bytes[i] >> 4];
        *to++ = digits[bytes[i] & 15];
    }
    return to;
}

std::string Uuid::text() const {
    char text[text_size];
    return {text, format(text)};
}

}  // namespace brio
