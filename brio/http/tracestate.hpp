// W3C Trace Context, level 1: the tracestate field, which goes on as it came.
#pragma once
#include <string_view>

namespace brio::http {

/// Whether it does: no longer than the 512 bytes that §3.3.1.5 asks to pass on, and printable.
bool is_tracestate(std::string_view text) noexcept;

}  // namespace brio::http
