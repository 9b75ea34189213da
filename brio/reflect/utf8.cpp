#include <brio/reflect/utf8.hpp>

#include <cstdint>
#include <cstring>

namespace brio::reflect {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080;

std::uint64_t load(const char* from) noexcept {
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Bytes of the well-formed sequence at `at`, 0 when there is none (Unicode 15, table 3-7).
std::size_t sequence_size(std::string_view bytes, std::size_t at) noexcept {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t size = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (size == 0 || bytes.size() - at < size) {
        return 0;
    }
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    const unsigned least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < least || second > most) {
        return 0;
    }
    for (std::size_t i = 2; i < size; ++i) {
        if (!is_continuation(bytes[at + i])) {
            return 0;
        }
    }
    return size;
}

}  // namespace

std::size_t utf8_prefix(std::string_view bytes) noexcept {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (bytes.size() - at >= 16 && ((load(&bytes[at]) | load(&bytes[at + 8])) & high_bits) == 0) {
            at += 16;
            continue;
        }
        const std::size_t size = sequence_size(bytes, at);
        if (size == 0) {
            break;
        }
        at += size;
    }
    return at;
}

bool is_ascii(std::string_view bytes) noexcept {
    const char* at = bytes.data();
    const char* end = at + bytes.size();
    if (bytes.size() < 8) {
        unsigned char all = 0;
        for (; at != end; ++at) {
            all |= static_cast<unsigned char>(*at);
        }
        return all < 0x80;
    }
    std::uint64_t all = load(end - 8);  // overlaps what comes before
    for (; end - at >= 8; at += 8) {
        all |= load(at);
    }
    return (all & high_bits) == 0;
}

bool is_utf8(std::string_view bytes) noexcept { return utf8_prefix(bytes) == bytes.size(); }

std::optional<std::size_t> utf8_length(std::string_view bytes) noexcept {
    if (is_ascii(bytes)) {
        return bytes.size();
    }
    if (!is_utf8(bytes)) {
        return std::nullopt;
    }
    std::size_t length = 0;
    for (const char c : bytes) {
        length += is_continuation(c) ? 0 : 1;
    }
    return length;
}

std::string_view utf8_front(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) {
        return text;
    }
    while (most > 0 && is_continuation(text[most])) {
        --most;
    }
    return text.substr(0, most);
}

}  // namespace brio::reflect
