// An example of what a histogram counted: one measurement and the trace it came from.
#pragma once
#include <cstdint>

namespace brio::metrics {

/// A W3C trace id. Zero is none.
struct TraceId {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
};

struct Exemplar {
    TraceId trace;
    std::uint64_t ns;      // what was measured
    std::int64_t wall_us;  // when, since 1970
};

}  // namespace brio::metrics
