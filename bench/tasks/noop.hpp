// The task of the benchmarks: it does nothing, and its result, null, is kept as any other.
#pragma once
#include <brio/tasks/policy.hpp>
#include <cstdint>

namespace bench {

struct Noop {
    std::int64_t number = 0;
    static constexpr brio::tasks::Policy policy{.name = "bench.noop"};
};
inline void noop(Noop /*task*/) {}

}  // namespace bench
