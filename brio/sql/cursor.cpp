#include <brio/sql/cursor.hpp>

#include <bit>
#include <cstring>

namespace brio::sql {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct SipState {
    std::uint64_t v0, v1, v2, v3;
    void round() noexcept {
        v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
        v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
    }
    void absorb(std::uint64_t word) noexcept {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

static_assert(std::endian::native == std::endian::little, "words are stored as the machine has them");

std::uint64_t little_endian(const char* bytes, std::size_t count) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, count);
    return word;
}

std::string encode(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 4 / 3 + 3);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k) {
            group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        }
        for (std::size_t k = 0; k <= count; ++k) {
            text += alphabet[group >> (18 - 6 * k) & 63];
        }
    }
    return text;
}

std::optional<std::string> decode(std::string_view text) {
    if (text.size() % 4 == 1 || text.size() > 4096) {
        return std::nullopt;
    }
    std::string bytes;
    std::uint32_t group = 0;
    int bits = 0;
    for (const char c : text) {
        const auto value = alphabet.find(c);
        if (value == alphabet.npos) {
            return std::nullopt;
        }
        group = group << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(group >> bits & 0xff);
        }
    }
    // Bits left over are zero in what encode() makes: one text for one cursor.
    return (group & ((1u << bits) - 1)) == 0 ? std::optional(std::move(bytes)) : std::nullopt;
}

std::uint64_t tag(const CursorKey& key, std::string_view context, std::string_view place) {
    std::string bytes;
    bytes.reserve(context.size() + 1 + place.size());
    bytes.append(context).append(1, '\0').append(place);
    return siphash(key, bytes);
}

std::optional<Values> values_from(std::string_view bytes) {
    Values values;
    while (bytes.size() >= 9) {
        const auto kind = static_cast<ValueKind>(bytes[0]);
        const std::uint64_t word = little_endian(bytes.data() + 1, 8);
        bytes.remove_prefix(9);
        if (kind == ValueKind::integer) {
            values.add_integer(static_cast<std::int64_t>(word));
        } else if (kind == ValueKind::real) {
            values.add_real(std::bit_cast<double>(word));
        } else if (kind == ValueKind::text && word <= bytes.size()) {
            values.add_bytes(bytes.substr(0, word));
            bytes.remove_prefix(word);
        } else {
            return std::nullopt;
        }
    }
    return bytes.empty() ? std::optional(std::move(values)) : std::nullopt;
}

void put_word(std::string& out, std::uint64_t word) {
    out.append(reinterpret_cast<const char*>(&word), sizeof word);
}

}  // namespace

std::uint64_t siphash(const CursorKey& key, std::string_view bytes) noexcept {
    const auto* raw = reinterpret_cast<const char*>(key.data());
    const std::uint64_t k0 = little_endian(raw, 8);
    const std::uint64_t k1 = little_endian(raw + 8, 8);
    SipState state{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
                   k1 ^ 0x7465646279746573};
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        state.absorb(little_endian(bytes.data() + at, 8));
    }
    state.absorb(little_endian(bytes.data() + at, bytes.size() - at) | std::uint64_t{bytes.size() & 0xff}
                                                                           << 56);
    state.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) {
        state.round();
    }
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::string seal_cursor(const CursorKey& key, std::string_view context, const Values& place) {
    std::string bytes;
    bytes.reserve(64);
    put_word(bytes, 0);  // the tag's place
    for (std::size_t i = 0; i < place.size(); ++i) {
        const Value value = place[i];
        bytes += static_cast<char>(value.kind);
        if (value.kind == ValueKind::text) {
            put_word(bytes, value.bytes.size());
            bytes += value.bytes;
        } else if (value.kind == ValueKind::real) {
            put_word(bytes, std::bit_cast<std::uint64_t>(value.real));
        } else {
            put_word(bytes, static_cast<std::uint64_t>(value.integer));
        }
    }
    const std::uint64_t sealed = tag(key, context, std::string_view(bytes).substr(sizeof sealed));
    std::memcpy(bytes.data(), &sealed, sizeof sealed);
    return encode(bytes);
}

std::optional<Values> open_cursor(const CursorKey& key, std::string_view context, std::string_view text) {
    const auto sealed = decode(text);
    if (!sealed || sealed->size() < 8) {
        return std::nullopt;
    }
    const std::string_view place = std::string_view(*sealed).substr(8);
    if (little_endian(sealed->data(), 8) != tag(key, context, place)) {
        return std::nullopt;
    }
    return values_from(place);
}

}  // namespace brio::sql
