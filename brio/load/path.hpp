// Where a request goes, and what it is called in the statistics.
#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace brio::load {

/// From plain text the name is the text without its query.
struct Path {
    std::string name;
    std::string text;  // with its query, escaped

    Path(const char* whole) : Path(std::string_view(whole)) {}
    Path(const std::string& whole) : Path(std::string_view(whole)) {}
    Path(std::string_view whole) : name(whole.substr(0, whole.find('?'))), text(whole) {}
    Path(std::string its_name, std::string its_text) : name(std::move(its_name)), text(std::move(its_text)) {}
};

namespace detail {
std::string fill(std::string_view pattern, std::initializer_list<std::string> values);

template <class T>
std::string text_of(const T& value) {
    if constexpr (std::integral<T>) {
        return std::to_string(value);
    } else if constexpr (requires { std::int64_t{value.value}; }) {  // Id, Version
        return std::to_string(value.value);
    } else {
        return std::string(std::string_view(value));
    }
}
}  // namespace detail

/// `path("/api/resources/{id}", id)`: each {…} is replaced by the next value, percent-encoded, and the name
/// stays the pattern, so that statistics do not grow with the ids. Throws std::invalid_argument when values
/// and places are not equally many.
template <class... Values>
Path path(std::string_view pattern, const Values&... values) {
    return {std::string(pattern.substr(0, pattern.find('?'))),
            detail::fill(pattern, {detail::text_of(values)...})};
}

}  // namespace brio::load
