// Finds the first byte that ends a run of name, target or value characters, 16 bytes at a time where SSE2 is
// there (every x86-64) and by table elsewhere. Both give the same answer for every input.
#pragma once
#include <brio/http/token.hpp>

#include <cstddef>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace brio::http::detail {

inline const char* scan_by_table(const char* at, const char* end, CharClass bit) noexcept {
    while (at != end && has_class(*at, bit)) {
        ++at;
    }
    return at;
}

#ifdef __SSE2__
/// Bytes from `low` to `high`, both included.
inline __m128i in_range(__m128i bytes, char low, char high) noexcept {
    const auto from_low = _mm_sub_epi8(bytes, _mm_set1_epi8(low));
    return _mm_cmpeq_epi8(_mm_min_epu8(from_low, _mm_set1_epi8(static_cast<char>(high - low))), from_low);
}

struct ValueStop {
    static constexpr CharClass bit = value_char;
    static __m128i stops(__m128i bytes) noexcept {
        const auto control = in_range(bytes, 0, 0x1f);
        const auto tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
        return _mm_or_si128(_mm_andnot_si128(tab, control), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
    }
};

struct TargetStop {
    static constexpr CharClass bit = target_char;
    static __m128i stops(__m128i bytes) noexcept {
        const auto fragment = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('#'));
        return _mm_or_si128(fragment, _mm_andnot_si128(in_range(bytes, 0x21, 0x7e), _mm_set1_epi8(-1)));
    }
};

/// Stops at every byte but letters, digits, '-' and '_'; the rarer token characters are left to the caller.
struct NameStop {
    static constexpr CharClass bit = token_char;
    static __m128i stops(__m128i bytes) noexcept {
        const auto letter = in_range(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
        const auto digit = in_range(bytes, '0', '9');
        const auto dash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-'));
        const auto low_line = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));
        const auto name = _mm_or_si128(_mm_or_si128(letter, digit), _mm_or_si128(dash, low_line));
        return _mm_andnot_si128(name, _mm_set1_epi8(-1));
    }
};

/// The first stopping byte in [at, end), else `end`. [begin, end) is readable and holds `at`.
template <class Stop>
const char* scan(const char* begin, const char* at, const char* end) noexcept {
    for (; end - at >= 16; at += 16) {
        const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(Stop::stops(bytes))); mask != 0) {
            return at + __builtin_ctz(mask);
        }
    }
    if (end - begin >= 16 && at != end) {  // the rest: the last 16 bytes, without those before `at`
        const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(end - 16));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(Stop::stops(bytes))) >> (16 - (end - at));
        return mask != 0 ? at + __builtin_ctz(mask) : end;
    }
    return scan_by_table(at, end, Stop::bit);
}
#else
struct ValueStop {
    static constexpr CharClass bit = value_char;
};
struct TargetStop {
    static constexpr CharClass bit = target_char;
};
struct NameStop {
    static constexpr CharClass bit = token_char;
};
template <class Stop>
const char* scan(const char*, const char* at, const char* end) noexcept {
    return scan_by_table(at, end, Stop::bit);
}
#endif

inline const char* scan_value(const char* begin, const char* at, const char* end) noexcept {
    return scan<ValueStop>(begin, at, end);
}
inline const char* scan_target(const char* begin, const char* at, const char* end) noexcept {
    return scan<TargetStop>(begin, at, end);
}
inline const char* scan_name(const char* begin, const char* at, const char* end) noexcept {
    for (;;) {
        at = scan<NameStop>(begin, at, end);
        if (at == end || *at == ':' || !has_class(*at, token_char)) {
            return at;
        }
        ++at;
    }
}

}  // namespace brio::http::detail
