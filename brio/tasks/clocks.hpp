// What a broker knows of time; tests move it by hand.
#pragma once
#include <chrono>
#include <functional>

#include <brio/base/steady_wall.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio::tasks {

struct Clocks {
    std::function<std::chrono::nanoseconds()> monotonic = monotonic_now;            // decides about leases
    std::function<Timestamp()> wall = [] { return Timestamp(steady_wall_now()); };  // decides what is due
};

}  // namespace brio::tasks
