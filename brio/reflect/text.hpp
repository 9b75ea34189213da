// Text<Max, Min>: a string of Min to Max characters that was checked when it was made.
#pragma once
#include <compare>
#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace brio {

namespace reflect {
/// What is wrong with `text` as well-formed UTF-8 of `min` to `max` code points without NUL: "must have 1 to
/// 120 characters".
std::optional<std::string> text_fault(std::string_view text, std::size_t min, std::size_t max);
}  // namespace reflect

/// Characters are Unicode code points; well-formed UTF-8 without NUL. Default-made it is empty, also where
/// Min is not 0: that is a field that nothing was assigned to yet.
template <std::size_t Max, std::size_t Min = 0>
class Text {
    static_assert(Min <= Max);

public:
    static constexpr std::size_t max_characters = Max;
    static constexpr std::size_t min_characters = Min;

    constexpr Text() noexcept = default;
    /// Throws std::invalid_argument that says what was expected.
    explicit Text(std::string text) : value_(std::move(text)) {
        if (auto fault = reflect::text_fault(value_, Min, Max)) {
            throw std::invalid_argument(*fault);
        }
    }
    explicit Text(const char* text) : Text(std::string(text)) {}
    explicit Text(std::string_view text) : Text(std::string(text)) {}

    /// The error says what was expected.
    static std::expected<Text, std::string> parse(std::string_view text) {
        if (auto fault = reflect::text_fault(text, Min, Max)) {
            return std::unexpected(std::move(*fault));
        }
        return unchecked(std::string(text));
    }
    /// For text that was checked before it was stored: rows of the database.
    static Text unchecked(std::string text) noexcept {
        Text made;
        made.value_ = std::move(text);
        return made;
    }

    constexpr const std::string& str() const noexcept { return value_; }
    constexpr std::string_view view() const noexcept { return value_; }
    constexpr bool empty() const noexcept { return value_.empty(); }
    constexpr operator const std::string&() const noexcept { return value_; }
    constexpr operator std::string_view() const noexcept { return value_; }

    friend constexpr bool operator==(const Text& a, const Text& b) noexcept { return a.value_ == b.value_; }
    friend constexpr auto operator<=>(const Text& a, const Text& b) noexcept { return a.value_ <=> b.value_; }
    friend constexpr bool operator==(const Text& a, std::string_view b) noexcept { return a.value_ == b; }
    friend constexpr bool operator==(const Text& a, const char* b) noexcept { return a.value_ == b; }

private:
    std::string value_;
};

}  // namespace brio

template <std::size_t Max, std::size_t Min>
struct std::hash<brio::Text<Max, Min>> {
    std::size_t operator()(const brio::Text<Max, Min>& text) const noexcept {
        return std::hash<std::string_view>{}(text.view());
    }
};
