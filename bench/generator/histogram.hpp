// A log-linear histogram of nanoseconds: 64 steps to each power of two, so a quantile is at most 1.6 % too
// high.
#pragma once
#include <array>
#include <cstdint>

namespace bench {

class Histogram {
public:
    /// Cost: an increment; values past 2^40 ns (18 minutes) count as that.
    void record(std::uint64_t nanoseconds) noexcept;
    void clear() noexcept;

    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t max() const noexcept { return max_; }
    /// The upper end of the step that holds the quantile `q` in (0, 1], never above max(); 0 when nothing was
    /// recorded.
    std::uint64_t quantile(double q) const noexcept;

private:
    static constexpr unsigned step_bits = 6;
    static constexpr unsigned highest_bit = 40;
    static constexpr std::size_t steps = (highest_bit - step_bits + 2) << step_bits;

    static std::size_t step_of(std::uint64_t value) noexcept;
    static std::uint64_t upper_end(std::size_t step) noexcept;

    std::array<std::uint64_t, steps> steps_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace bench
