// Times of requests in constant memory: a log-linear histogram (as Tene's HdrHistogram), 128 steps to each
// power of two, from 1 us to 1 h with an error of at most 0.8 %, never too low.
//
// Values are nanoseconds. Below 1 us a step is 8 ns wide; what is longer than 73 minutes counts as that.
// A value: copies and merges; one thread at a time.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace brio::load {

/// A histogram as a message carries it.
struct HistogramParts {
    std::vector<std::uint64_t> steps;  // a step and its count by turns; steps ascend, counts are above 0
    std::uint64_t min = 0;
    std::uint64_t max = 0;
    double sum = 0;
};

class Histogram {
public:
    static constexpr unsigned step_bits = 7;
    static constexpr unsigned unit_bits = 3;     // a unit is 8 ns
    static constexpr unsigned highest_bit = 38;  // of a number of units
    static constexpr std::size_t steps = std::size_t{highest_bit - step_bits + 2} << step_bits;

    /// Cost: three increments.
    void record(std::uint64_t nanoseconds, std::uint64_t times = 1) noexcept;
    void merge(const Histogram& other) noexcept;
    void clear() noexcept;

    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t max() const noexcept { return max_; }
    /// 0 when nothing was recorded.
    std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
    /// Exact but for rounding; 0 when nothing was recorded.
    double mean() const noexcept;
    double standard_deviation() const noexcept;
    /// The upper end of the step that holds the quantile `q` in (0, 1], never above max(); 0 when nothing was
    /// recorded.
    std::uint64_t quantile(double q) const noexcept;
    /// How many were at most `nanoseconds`, to the precision of a step.
    std::uint64_t count_up_to(std::uint64_t nanoseconds) const noexcept;

    /// The steps' counts, the shortest times first, and where a step lies.
    std::span<const std::uint64_t> counts() const noexcept { return counts_; }
    static std::size_t step_of(std::uint64_t nanoseconds) noexcept;
    static std::uint64_t lower_end(std::size_t step) noexcept;
    static std::uint64_t upper_end(std::size_t step) noexcept;

    HistogramParts parts() const;
    /// Of a stranger's parts; nothing when they are of no histogram.
    static std::optional<Histogram> of(const HistogramParts& parts);

private:
    std::array<std::uint64_t, steps> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t min_ = UINT64_MAX;
    std::uint64_t max_ = 0;
    double sum_ = 0;  // of nanoseconds
};

/// The steps of a histogram that hold something: what a second of a run is kept as.
class SparseHistogram {
public:
    SparseHistogram() = default;
    explicit SparseHistogram(const Histogram& whole);

    void merge(const SparseHistogram& other);
    std::uint64_t count() const noexcept { return count_; }
    /// As the histogram's, but for the cut at its largest value.
    std::uint64_t quantile(double q) const noexcept;

    /// As HistogramParts::steps.
    std::vector<std::uint64_t> parts() const;
    static std::optional<SparseHistogram> of(std::span<const std::uint64_t> parts);

private:
    struct Step {
        std::uint32_t step;
        std::uint32_t count;
    };
    std::vector<Step> steps_;  // ascending
    std::uint64_t count_ = 0;
};

}  // namespace brio::load
