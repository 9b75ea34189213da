// Route patterns: "/api/resources/{id}", "/files/{path...}". Checked when they are compiled.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string_view>

namespace brio::http {

/// Text as a template argument.
template <std::size_t N>
struct FixedText {
    char data[N]{};
    consteval FixedText(const char (&text)[N]) { std::copy_n(text, N, data); }
    constexpr std::string_view view() const noexcept { return {data, N - 1}; }
};

/// One segment of a pattern, without its slash.
struct PatternSegment {
    std::string_view text;  // of a parameter: its name
    bool is_parameter = false;
    bool takes_rest = false;  // {name...}: this and every following segment
};

/// Cuts the first segment off `rest`, which begins with '/'.
constexpr PatternSegment next_segment(std::string_view& rest) noexcept {
    rest.remove_prefix(1);
    auto const end = std::min(rest.find('/'), rest.size());
    auto const text = rest.substr(0, end);
    rest.remove_prefix(end);
    if (text.size() < 2 || text.front() != '{' || text.back() != '}') {
        return {text};
    }
    auto name = text.substr(1, text.size() - 2);
    bool const takes_rest = name.ends_with("...");
    if (takes_rest) {
        name.remove_suffix(3);
    }
    return {name, true, takes_rest};
}

/// Begins with '/', has no empty segment but "/" itself, braces only around whole segments, a name in each,
/// "..." only in the last.
constexpr bool is_valid_pattern(std::string_view pattern) noexcept {
    if (pattern.empty() || pattern.front() != '/') {
        return false;
    }
    if (pattern == "/") {
        return true;
    }
    for (auto rest = pattern; !rest.empty();) {
        auto const segment = next_segment(rest);
        if (segment.text.empty() || segment.text.find_first_of("{}?#% ") != std::string_view::npos ||
            (segment.takes_rest && !rest.empty())) {
            return false;
        }
    }
    return true;
}

constexpr std::size_t parameter_count(std::string_view pattern) noexcept {
    std::size_t count = 0;
    for (auto rest = pattern; !rest.empty();) {
        count += next_segment(rest).is_parameter ? 1 : 0;
    }
    return count;
}

constexpr bool has_parameter(std::string_view pattern, std::string_view name) noexcept {
    for (auto rest = pattern; !rest.empty();) {
        auto const segment = next_segment(rest);
        if (segment.is_parameter && segment.text == name) {
            return true;
        }
    }
    return false;
}

}  // namespace brio::http
