#include <bench/generator/histogram.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace bench {

std::size_t Histogram::step_of(std::uint64_t value) noexcept {
    value = std::min(value, (std::uint64_t{1} << (highest_bit + 1)) - 1);
    if (value < (1U << step_bits)) {
        return value;
    }
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - step_bits - 1;
    return ((std::size_t{shift} + 1) << step_bits) + ((value >> shift) - (1U << step_bits));
}

std::uint64_t Histogram::upper_end(std::size_t step) noexcept {
    if (step < (1U << step_bits)) {
        return step;
    }
    const auto shift = (step >> step_bits) - 1;
    const auto mantissa = (step & ((1U << step_bits) - 1)) + (1U << step_bits);
    return ((std::uint64_t{mantissa} + 1) << shift) - 1;
}

void Histogram::record(std::uint64_t nanoseconds) noexcept {
    ++steps_[step_of(nanoseconds)];
    ++count_;
    max_ = std::max(max_, nanoseconds);
}

void Histogram::clear() noexcept { *this = Histogram(); }

std::uint64_t Histogram::quantile(double q) const noexcept {
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t step = 0; step < steps; ++step) {
        seen += steps_[step];
        if (seen >= rank && seen != 0) {
            return std::min(upper_end(step), max_);
        }
    }
    return max_;
}

}  // namespace bench
