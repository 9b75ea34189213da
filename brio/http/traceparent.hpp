// W3C Trace Context, level 1: the traceparent field.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace brio::http {

struct TraceContext {
    std::uint64_t trace_high = 0;
    std::uint64_t trace_low = 0;  // the two are not both 0
    std::uint64_t span = 0;       // not 0
    std::uint8_t flags = 0;       // bit 0: sampled

    bool sampled() const noexcept { return (flags & 1) != 0; }
    friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

inline constexpr std::size_t traceparent_size = 55;

/// Nothing for what the specification calls invalid (§3.2.2.3: zero ids, version ff, capitals, wrong
/// lengths); versions above 00 are read by their first four parts.
std::optional<TraceContext> parse_traceparent(std::string_view text) noexcept;
/// "00-<trace>-<span>-<flags>".
std::array<char, traceparent_size> format_traceparent(const TraceContext& context) noexcept;
/// The same trace, a new span. `random` may be anything.
TraceContext child_of(const TraceContext& parent, std::uint64_t random) noexcept;
/// A new, unsampled trace from three random numbers.
TraceContext new_trace(std::uint64_t random_high, std::uint64_t random_low,
                       std::uint64_t random_span) noexcept;

}  // namespace brio::http
