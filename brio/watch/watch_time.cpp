#include <brio/watch/watch_time.hpp>

#include <brio/base/clock.hpp>

namespace brio::watch {

Clocks Clocks::real() {
    return {
        .monotonic = [] { return monotonic_now(); },
        .wall =
            [] { return std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()); }};
}

WatchTime::WatchTime(Clocks clocks)
    : clocks_(std::move(clocks)),
      begun_(clocks_.monotonic()),
      begun_wall_(clocks_.wall()) {}

std::chrono::nanoseconds WatchTime::exact() const { return begun_wall_ + (clocks_.monotonic() - begun_); }

std::chrono::seconds WatchTime::now() const {
    return std::chrono::duration_cast<std::chrono::seconds>(exact());
}

std::chrono::nanoseconds WatchTime::until_next(std::chrono::seconds step) const {
    const std::chrono::nanoseconds whole = step;
    return whole + whole / 2 - exact() % whole;
}

}  // namespace brio::watch
