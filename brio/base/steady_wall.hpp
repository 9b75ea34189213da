// The wall clock without its jumps: for what is due, expires or has an age, in times that are kept outside of
// this process and compared later.
//
// A clock that is set by an hour (a person, a machine with the wrong zone, the first answer of a time server)
// must not make everything expire at once, nor make what is due in a second due in an hour. So what is told
// goes on from where it was and approaches the wall clock: until it is there, a second of it takes from two
// thirds of one to two. A machine that slept is no such jump: the time that it slept is known and counts.
// Processes that run while the clock is set say the same afterwards; one that is started then begins at the
// wall clock. Logs, Date and what a token says go by wall_now().
#pragma once
#include <chrono>
#include <optional>

#include <brio/base/clock.hpp>

namespace brio {

class SteadyWall {
public:
    /// Forward, followed at once: a slow correction, and what it takes to read two clocks.
    static constexpr std::chrono::seconds small{1};
    /// Further off it is no wrong hour but another time, of a machine that was stopped for long: believed.
    static constexpr std::chrono::hours large{2};

    /// `elapsed`: of any clock that nobody sets, and that goes on while the machine sleeps; no less than
    /// before. Goes back for `large` only.
    WallTime next(WallTime wall, std::chrono::nanoseconds elapsed);

private:
    struct Last {
        std::chrono::sys_time<std::chrono::nanoseconds> told;  // so that it goes on however often it is asked
        std::chrono::nanoseconds elapsed;
    };
    std::optional<Last> last_;
};

/// The process's one. Any thread; cost: two readings of clocks and a lock.
WallTime steady_wall_now() noexcept;

}  // namespace brio
