// How durations are spread: counts in buckets of an eighth of an octave and up, for a percentile of what
// takes microseconds as well as of what takes seconds. One writing thread; any may read.
#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace brio::db {

class TimeSpread {
public:
    /// Four buckets an octave, from 512 ns to 69 s.
    static constexpr std::size_t buckets = 4 * 27;
    using Counts = std::array<std::uint64_t, buckets>;

    void add(std::uint64_t ns) noexcept {
        auto& bucket = counts_[bucket_of(ns)];
        bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    void add_to(Counts& sums) const noexcept {
        for (std::size_t i = 0; i < buckets; ++i) {
            sums[i] += counts_[i].load(std::memory_order_relaxed);
        }
    }

    static constexpr std::size_t bucket_of(std::uint64_t ns) noexcept {
        if (ns < least) {
            return 0;
        }
        const auto shift = static_cast<unsigned>(std::bit_width(ns)) - 3;  // leaves the leading bit and two
        const std::size_t at = (std::size_t{shift} - least_shift) * 4 + (ns >> shift) - 4;
        return at < buckets ? at : buckets - 1;
    }
    /// The value in the middle of a bucket.
    static constexpr std::uint64_t middle_of(std::size_t bucket) noexcept {
        const auto shift = static_cast<unsigned>(bucket / 4) + least_shift;
        return (((bucket % 4 + 4) * 2 + 1) << shift) / 2;
    }
    /// The duration that the share `q` of the counts does not exceed, within an eighth; 0 without any.
    static constexpr std::uint64_t quantile(const Counts& counts, double q) noexcept {
        std::uint64_t all = 0;
        for (const auto count : counts) {
            all += count;
        }
        const double wanted = q * static_cast<double>(all);
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < buckets && all != 0; ++i) {
            below += counts[i];
            if (static_cast<double>(below) >= wanted && counts[i] != 0) {
                return middle_of(i);
            }
        }
        return 0;
    }

private:
    static constexpr unsigned least_shift = 7;
    static constexpr std::uint64_t least = std::uint64_t{4} << least_shift;
    std::array<std::atomic<std::uint32_t>, buckets> counts_{};
};

}  // namespace brio::db
