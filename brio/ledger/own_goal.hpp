// What one route, statement or kind of tasks has of a goal of its own.
#pragma once
#include <chrono>

namespace brio {

/// What is 0 is the program's.
struct OwnGoal {
    std::chrono::nanoseconds limit{0};
    double share = 0;  // of the work that must be within the limit

    bool is_sound() const noexcept { return limit.count() >= 0 && share >= 0 && share < 1; }
    bool operator==(const OwnGoal&) const = default;
};

}  // namespace brio
