// Counts what operator new is asked for in this process, while somebody counts.
//
// The program's operator new is the one defined here, which the program may replace by its own, as may a
// sanitizer: then nothing is counted, and is_counted() says so. What C libraries take by malloc() is not
// seen.
#pragma once
#include <cstdint>

namespace brio::bench {

/// Whether allocations of this program can be counted.
bool are_allocations_counted() noexcept;

/// Counts those of all threads while it lives; one at a time. Cost: 5 ns an allocation meanwhile, one reading
/// of a flag at any other time.
class AllocationCount {
public:
    AllocationCount() noexcept;
    ~AllocationCount();
    AllocationCount(const AllocationCount&) = delete;
    AllocationCount& operator=(const AllocationCount&) = delete;

    /// Since it began.
    std::uint64_t value() const noexcept;
};

}  // namespace brio::bench
