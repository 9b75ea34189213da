#include <brio/cache/key.hpp>

#include <xxhash.h>

namespace brio::cache {

KeyHash hash_of_key(std::string_view canonical) noexcept {
    const XXH128_hash_t hash = XXH3_128bits(canonical.data(), canonical.size());
    return {hash.low64, hash.high64};
}

void KeyHash::append_to(std::string& text) const {
    for (const std::uint64_t word : {high, low}) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            text += "0123456789abcdef"[word >> shift & 15];
        }
    }
}

std::string KeyHash::text() const {
    std::string digits;
    digits.reserve(32);
    append_to(digits);
    return digits;
}

}  // namespace brio::cache
