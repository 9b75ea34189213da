#include <brio/json/detail/scanner.hpp>

#include <bit>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <brio/reflect/utf8.hpp>

namespace brio::json::detail {
namespace {

bool is_plain(char c) noexcept { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0 | code_point >> 6);
        put(0x80 | (code_point & 63));
    } else if (code_point < 0x10000) {
        put(0xE0 | code_point >> 12);
        put(0x80 | (code_point >> 6 & 63));
        put(0x80 | (code_point & 63));
    } else {
        put(0xF0 | code_point >> 18);
        put(0x80 | (code_point >> 12 & 63));
        put(0x80 | (code_point >> 6 & 63));
        put(0x80 | (code_point & 63));
    }
}

}  // namespace

Next Scanner::next_after(char bracket, bool& is_first) noexcept {
    const char c = peek();
    if (c == bracket) {
        ++at_;
        return Next::end;
    }
    if (is_first) {
        is_first = false;
        return Next::item;
    }
    if (c != ',') {
        return Next::failed;
    }
    ++at_;
    return peek() == bracket ? Next::failed : Next::item;
}

bool Scanner::take_digits() noexcept {
    const char* first = at_;
    while (at_ != end_ && is_digit(*at_)) {
        ++at_;
    }
    return at_ != first;
}

bool Scanner::take_number(Number& number) noexcept {
    const char* first = at_;
    number.is_integer = true;
    at_ += *at_ == '-' ? 1 : 0;
    if (at_ != end_ && *at_ == '0') {
        ++at_;
    } else if (!take_digits()) {
        return false;
    }
    if (at_ != end_ && *at_ == '.') {
        ++at_;
        number.is_integer = false;
        if (!take_digits()) {
            return false;
        }
    }
    if (at_ != end_ && (*at_ | 0x20) == 'e') {
        ++at_;
        number.is_integer = false;
        at_ += at_ != end_ && (*at_ == '+' || *at_ == '-') ? 1 : 0;
        if (!take_digits()) {
            return false;
        }
    }
    number.text = {first, at_};
    return true;
}

bool Scanner::pass_plain() noexcept {
    bool beyond_ascii = false;
#if defined(__SSE2__)
    while (end_ - at_ >= 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at_));
        const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        const __m128i slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
        const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
        const auto stops =
            static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, slashes), low)));
        const auto high = static_cast<unsigned>(_mm_movemask_epi8(bytes));
        if (stops != 0) {
            const unsigned before = (stops & (0 - stops)) - 1;
            at_ += std::countr_zero(stops);
            return beyond_ascii || (high & before) != 0;
        }
        beyond_ascii = beyond_ascii || high != 0;
        at_ += 16;
    }
#endif
    while (at_ != end_ && is_plain(*at_)) {
        beyond_ascii = beyond_ascii || static_cast<signed char>(*at_) < 0;
        ++at_;
    }
    return beyond_ascii;
}

bool Scanner::take_string(std::string_view& text) {
    const char* first = ++at_;
    const bool beyond_ascii = pass_plain();
    if (at_ == end_ || (*at_ != '"' && *at_ != '\\')) {
        return false;
    }
    if (*at_ == '\\') {
        return take_escaped_string(first, text);
    }
    text = {first, at_};
    if (beyond_ascii && !reflect::is_utf8(text)) {
        return false;
    }
    ++at_;
    return true;
}

bool Scanner::skip_string() {
    std::string_view text;
    return take_string(text);
}

bool Scanner::take_escaped_string(const char* first, std::string_view& text) {
    unescaped_.assign(first, at_);
    while (*at_ != '"') {
        if (!take_escape()) {
            return false;
        }
        const char* plain = at_;
        pass_plain();
        if (at_ == end_ || (*at_ != '"' && *at_ != '\\')) {
            return false;
        }
        unescaped_.append(plain, at_);
    }
    ++at_;
    text = unescaped_;
    return reflect::is_utf8(text);
}

bool Scanner::take_escape() {
    if (end_ - at_ < 2) {
        return false;
    }
    const char letter = at_[1];
    at_ += 2;
    switch (letter) {
        case '"':
        case '\\':
        case '/': unescaped_.push_back(letter); return true;
        case 'b': unescaped_.push_back('\b'); return true;
        case 'f': unescaped_.push_back('\f'); return true;
        case 'n': unescaped_.push_back('\n'); return true;
        case 'r': unescaped_.push_back('\r'); return true;
        case 't': unescaped_.push_back('\t'); return true;
        case 'u': break;
        default: return false;
    }
    std::uint32_t unit = 0;
    if (!take_unicode(unit) || (unit >= 0xDC00 && unit <= 0xDFFF)) {
        return false;
    }
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        std::uint32_t low = 0;
        if (!take("\\u") || !take_unicode(low) || low < 0xDC00 || low > 0xDFFF) {
            return false;
        }
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(unescaped_, unit);
    return true;
}

bool Scanner::take_unicode(std::uint32_t& code_unit) noexcept {
    if (end_ - at_ < 4) {
        return false;
    }
    for (int i = 0; i < 4; ++i, ++at_) {
        const int digit = hex_value(*at_);
        if (digit < 0) {
            return false;
        }
        code_unit = code_unit << 4 | static_cast<std::uint32_t>(digit);
    }
    return true;
}

}  // namespace brio::json::detail
