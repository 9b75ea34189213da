// Test-only: turns of a loop until something has come about.
#pragma once
#include <chrono>
#include <functional>

#include <brio/base/clock.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::runtime::test {

/// Makes turns of `loop` until `holds()`; false when it does not within the test's patience. The patience is
/// of real time, also where the loop's is the test's own.
inline bool turn_until(Loop& loop, const std::function<bool()>& holds,
                       std::chrono::seconds patience = std::chrono::seconds(20)) {
    auto const until = monotonic_now() + patience;
    while (!holds()) {
        if (monotonic_now() > until) {
            return false;
        }
        loop.turn(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace brio::runtime::test
