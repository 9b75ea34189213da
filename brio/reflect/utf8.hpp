// UTF-8: is it well-formed, and how many characters has it (Unicode 15, table 3-7: no surrogates, no overlong
// forms).
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace brio::reflect {

bool is_ascii(std::string_view bytes) noexcept;

/// Cost: 16 bytes at a time while they are ASCII.
bool is_utf8(std::string_view bytes) noexcept;

/// Length in bytes of the longest well-formed beginning.
std::size_t utf8_prefix(std::string_view bytes) noexcept;

/// Code points of well-formed UTF-8, nothing when it is not.
std::optional<std::size_t> utf8_length(std::string_view bytes) noexcept;

/// At most `most` bytes of the front, never ending within a character; `text` is well-formed.
std::string_view utf8_front(std::string_view text, std::size_t most) noexcept;

}  // namespace brio::reflect
