// The time of those who watch: seconds since 1970 that only go on.
//
// They go on as the monotonic clock does and begin at the wall clock's, so that they mean the same after a
// restart, and a clock that is set changes nothing.
#pragma once
#include <chrono>
#include <functional>

namespace brio::watch {

struct Clocks {
    std::function<std::chrono::nanoseconds()> monotonic;
    std::function<std::chrono::seconds()> wall;
    static Clocks real();
};

class WatchTime {
public:
    explicit WatchTime(Clocks clocks = Clocks::real());

    std::chrono::seconds now() const;
    /// How long until the middle of the next step of so many seconds, from half a step to one and a half.
    /// Who looks then and only then looks once in each step, however late the loop is by less than half of
    /// one.
    std::chrono::nanoseconds until_next(std::chrono::seconds step) const;

private:
    std::chrono::nanoseconds exact() const;

    Clocks clocks_;
    std::chrono::nanoseconds begun_;
    std::chrono::seconds begun_wall_;
};

}  // namespace brio::watch
