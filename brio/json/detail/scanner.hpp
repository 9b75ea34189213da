// A strict pull scanner of JSON text (RFC 8259): each call takes one piece off the front, or fails for good.
//
// Every byte is looked at once and checked, also of what is skipped. Views of strings last until the next
// string with escapes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace brio::json::detail {

enum class Next : std::uint8_t { item, end, failed };

struct Number {
    std::string_view text;
    bool is_integer;  // neither fraction nor exponent
};

class Scanner {
public:
    explicit Scanner(std::string_view text) noexcept
        : begin_(text.data()),
          at_(text.data()),
          end_(text.data() + text.size()) {}

    std::size_t offset() const noexcept { return static_cast<std::size_t>(at_ - begin_); }
    std::string_view between(std::size_t first, std::size_t last) const noexcept {
        return {begin_ + first, last - first};
    }
    /// `view` is part of the text, and not a string without its escapes.
    bool is_own(std::string_view view) const noexcept { return view.data() >= begin_ && view.data() < end_; }

    /// The first byte of the value at hand, after white space; 0 at the end.
    char peek() noexcept {
        while (at_ != end_ && static_cast<unsigned char>(*at_) <= ' ' && is_space(*at_)) {
            ++at_;
        }
        return at_ == end_ ? '\0' : *at_;
    }

    /// Only white space is left.
    bool is_at_end() noexcept { return peek() == '\0' && at_ == end_; }
    /// At a number: without fraction and exponent, as far as it is one.
    bool is_at_integer() const noexcept {
        const char* next = at_;
        while (next != end_ && (is_digit(*next) || *next == '-')) {
            ++next;
        }
        return next == end_ || (*next != '.' && (*next | 0x20) != 'e');
    }

    /// `literal` is one of true, false, null.
    bool take(std::string_view literal) noexcept {
        const auto left = static_cast<std::size_t>(end_ - at_);
        if (left < literal.size() || std::memcmp(at_, literal.data(), literal.size()) != 0) {
            return false;
        }
        at_ += literal.size();
        return true;
    }
    /// At the first digit or the minus.
    bool take_number(Number& number) noexcept;
    /// At the quote. Without its escapes, well-formed UTF-8.
    bool take_string(std::string_view& text);
    /// As take_string, but the text is not wanted.
    bool skip_string();

    /// At the bracket.
    void open() noexcept { ++at_; }
    /// Goes to the next item of an array, or takes its end.
    Next next_item(bool& is_first) noexcept { return next_after(']', is_first); }
    /// Takes the next key and its colon, or the end of the object. `guess`, a name without escapes, is what
    /// the key may well be.
    Next next_member(bool& is_first, std::string_view& key, std::string_view guess = {}) {
        const Next next = next_after('}', is_first);
        if (next != Next::item) {
            return next;
        }
        if (peek() != '"') {
            return Next::failed;
        }
        const std::size_t size = guess.size();
        if (size != 0 && static_cast<std::size_t>(end_ - at_) > size + 2 && at_[size + 1] == '"' &&
            std::memcmp(at_ + 1, guess.data(), size) == 0) {
            at_ += size + 2;
            key = guess;
        } else if (!take_string(key)) {
            return Next::failed;
        }
        if (peek() != ':') {
            return Next::failed;
        }
        ++at_;
        return Next::item;
    }

private:
    static bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
    static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

    Next next_after(char bracket, bool& is_first) noexcept;
    bool take_digits() noexcept;
    /// Moves over plain characters; tells whether one was beyond ASCII.
    bool pass_plain() noexcept;
    bool take_escape();
    bool take_unicode(std::uint32_t& code_unit) noexcept;
    bool take_escaped_string(const char* first, std::string_view& text);

    const char* begin_;
    const char* at_;
    const char* end_;
    std::string unescaped_;
};

}  // namespace brio::json::detail
