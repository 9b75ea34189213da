#include <brio/cache/key.hpp>

#include <xxhash.h>

namespace brio::cache {

KeyHash hash_of_key(std::string_view canonical) noexcept {
    const XXH128_hash_t hash = XXH3_128bits(canonical.data(), canonical.size());
    return {hash.low64, hash.high64};
}

std::string KeyHash::text() const {
    std::string digits(32, '0');
    for (std::size_t i = 0; i < 32; ++i) {
        const std::uint64_t word = i < 16 ? high : low;
        digits[i] = "0123456789abcdef"[word >> (60 - i % 16 * 4) & 15];
    }
    return digits;
}

}  // namespace brio::cache
