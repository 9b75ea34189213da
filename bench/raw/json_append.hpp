// Hand-written JSON appending for the raw limit: the least work that still gives correct JSON.
#pragma once
#include <brio/base/buffer.hpp>
#include <cstdint>
#include <string_view>

namespace bench {

/// `text` (UTF-8) with its quotes, escaped as RFC 8259 section 7 demands and no further.
void append_string(brio::Buffer& out, std::string_view text);
void append_number(brio::Buffer& out, std::int64_t number);
/// Microseconds since 1970 in UTC as a quoted RFC 3339 time with six decimals; years 0000 to 9999.
void append_time(brio::Buffer& out, std::int64_t microseconds);

}  // namespace bench
