// Where a read statement runs: on the loop itself, when it has measured so cheap that a hop to another thread
// would cost more.
//
// Pure. The estimate is a moving average of which one run can at most make four times itself: a thread that
// the system put aside in the middle of a statement measures milliseconds once, a statement that has become
// slow measures them every time.
#pragma once
#include <cstdint>

namespace brio::db {

class Placement {
public:
    /// Longer than that on average is not run on a loop.
    static constexpr std::uint64_t most_inline_ns = 200'000;
    /// A run on a loop is ended after that and starts again elsewhere.
    static constexpr std::uint64_t budget_ns = 500'000;

    void measured(std::uint64_t ns) noexcept {
        if (average_ns_ == unknown) {
            average_ns_ = ns;
            return;
        }
        const std::uint64_t most = 4 * average_ns_ + most_inline_ns / 10;
        const std::uint64_t sample = ns < most ? ns : most;
        if (sample > average_ns_) {
            average_ns_ += (sample - average_ns_) / 2;
        } else {
            average_ns_ -= (average_ns_ - sample) / 4;
        }
    }
    void interrupted() noexcept { measured(4 * budget_ns); }
    /// Unmeasured is not cheap.
    bool is_cheap() const noexcept { return average_ns_ <= most_inline_ns; }
    bool is_known() const noexcept { return average_ns_ != unknown; }
    std::uint64_t average_ns() const noexcept { return average_ns_; }

private:
    static constexpr std::uint64_t unknown = UINT64_MAX;
    std::uint64_t average_ns_ = unknown;
};

}  // namespace brio::db
