// Which Known field a name is: one hash of its length and ends, one comparison.
#pragma once
#include <brio/http/head.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace brio::http::detail {

/// Multipliers that give every known name a slot of its own; found by trying them at compile time.
struct KnownHash {
    std::uint32_t by_first;
    std::uint32_t by_last;

    static constexpr std::size_t slots = 128;
    constexpr std::size_t operator()(std::string_view name) const noexcept {
        const auto first = static_cast<std::uint32_t>(name.front()) | 0x20U;
        const auto last = static_cast<std::uint32_t>(name.back()) | 0x20U;
        return (name.size() + first * by_first + last * by_last) % slots;
    }
};

inline constexpr KnownHash known_hash = [] {
    for (std::uint32_t first = 1; first < 64; ++first) {
        for (std::uint32_t last = 1; last < 64; ++last) {
            const KnownHash hash{first, last};
            std::array<bool, KnownHash::slots> taken{};
            bool distinct = true;
            for (const auto name : known_names) {
                distinct = distinct && !std::exchange(taken[hash(name)], true);
            }
            if (distinct) {
                return hash;
            }
        }
    }
    throw "no multipliers give every known name a slot of its own";
}();

/// Index + 1 into known_names; 0: none.
inline constexpr auto known_slots = [] {
    std::array<std::uint8_t, KnownHash::slots> table{};
    for (std::size_t i = 0; i < known_count; ++i) {
        table[known_hash(known_names[i])] = static_cast<std::uint8_t>(i + 1);
    }
    return table;
}();

/// `name` consists of token characters, of which setting bit 5 turns none but capitals into a letter and none
/// into '-': so the comparison is exact. Both have the same size, at least 4.
inline bool same_name(const char* name, const char* known, std::size_t size) noexcept {
    const auto differs = [&]<class Word>(Word, std::size_t at) {
        Word a, b;
        std::memcpy(&a, name + at, sizeof(Word));
        std::memcpy(&b, known + at, sizeof(Word));
        return ((a | static_cast<Word>(0x2020202020202020)) ^ b) != 0;
    };
    if (size < 8) {
        return !differs(std::uint32_t{}, 0) && !differs(std::uint32_t{}, size - 4);
    }
    for (std::size_t at = 0; at + 8 <= size; at += 8) {
        if (differs(std::uint64_t{}, at)) {
            return false;
        }
    }
    return !differs(std::uint64_t{}, size - 8);
}

/// `name` is a token.
inline std::optional<Known> known_name(std::string_view name) noexcept {
    const auto found = known_slots[known_hash(name)];
    if (found == 0) {
        return std::nullopt;
    }
    const auto known = known_names[found - 1U];
    if (known.size() != name.size() || !same_name(name.data(), known.data(), known.size())) {
        return std::nullopt;
    }
    return static_cast<Known>(found - 1U);
}

}  // namespace brio::http::detail
