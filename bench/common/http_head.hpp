// The few facts of an HTTP/1.1 head that framing needs (RFC 9112, section 6), for well-formed peers on
// loopback.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bench {

/// Length of the head in front of `bytes`, its empty line included; nothing while that line has not come.
std::optional<std::size_t> head_length(std::string_view bytes) noexcept;

/// The value of the first field called `name` (lower case) in `head`, without blanks around it.
std::optional<std::string_view> field(std::string_view head, std::string_view name) noexcept;

/// The field Content-Length; nothing when it is absent or no number.
std::optional<std::uint64_t> content_length(std::string_view head) noexcept;

}  // namespace bench
