#include <brio/base/steady_wall.hpp>

#include <algorithm>
#include <ctime>
#include <mutex>

namespace brio {

using std::chrono::nanoseconds;

WallTime SteadyWall::next(WallTime wall, std::chrono::nanoseconds elapsed) {
    std::chrono::sys_time<nanoseconds> told = wall;
    if (last_) {
        auto const passed = elapsed - last_->elapsed;
        auto const expected = last_->told + passed;
        auto const off = wall - expected;
        auto const is_followed = (off >= nanoseconds(0) && off <= small) || std::chrono::abs(off) > large;
        if (!is_followed) {
            told = expected + std::clamp<nanoseconds>(off, -passed / 2, passed / 2);
        }
    }
    last_ = {.told = told, .elapsed = elapsed};
    return std::chrono::floor<WallTime::duration>(told);
}

WallTime steady_wall_now() noexcept {
    static std::mutex mutex;
    static SteadyWall clock;
    const std::scoped_lock lock(mutex);
    timespec elapsed{};
    ::clock_gettime(CLOCK_BOOTTIME, &elapsed);
    return clock.next(wall_now(),
                      std::chrono::seconds(elapsed.tv_sec) + std::chrono::nanoseconds(elapsed.tv_nsec));
}

}  // namespace brio
