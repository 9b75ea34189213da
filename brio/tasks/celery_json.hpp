// JSON as Celery's Python writes and reads it.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/json/raw.hpp>
#include <brio/json/read.hpp>

namespace brio::tasks {

using JsonMembers = std::map<std::string, json::Raw, std::less<>>;

/// Python writes NaN, Infinity and -Infinity, which no JSON has: here they are null. Within strings they
/// stay.
std::string without_infinities(std::string_view text);

/// `text` as a T, or nothing when it is none; Python's numbers beyond JSON are null.
template <class T>
std::optional<T> read_python(std::string_view text) {
    constexpr json::ReadLimits limits{.bytes = std::size_t{64} << 20, .depth = 256};
    if (auto value = json::read<T>(text, limits)) {
        return std::move(*value);
    }
    if (!text.contains("NaN") && !text.contains("Infinity")) {
        return std::nullopt;
    }
    auto value = json::read<T>(without_infinities(text), limits);
    return value ? std::optional<T>(std::move(*value)) : std::nullopt;
}

/// The text of a member; null where it is not there.
std::string_view member(const JsonMembers& object, std::string_view name) noexcept;
/// A member that is a string.
std::optional<std::string> text_member(const JsonMembers& object, std::string_view name);

}  // namespace brio::tasks
