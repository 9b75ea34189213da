#include <brio/load/histogram.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace brio::load {
namespace {

// The rank of the value that at least `q` of `count` values do not exceed.
std::uint64_t rank_of(double q, std::uint64_t count) noexcept {
    auto const rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count)));
    return std::clamp<std::uint64_t>(rank, 1, count);
}

constexpr std::uint64_t most_counted = std::uint64_t{1} << 50;  // in a step of a stranger's histogram

bool are_steps(std::span<const std::uint64_t> parts, std::uint64_t most) noexcept {
    bool right = parts.size() % 2 == 0;
    for (std::size_t i = 0; right && i < parts.size(); i += 2) {
        right = parts[i] < Histogram::steps && (i == 0 || parts[i] > parts[i - 2]) && parts[i + 1] > 0 &&
                parts[i + 1] <= most;
    }
    return right;
}

}  // namespace

std::size_t Histogram::step_of(std::uint64_t nanoseconds) noexcept {
    constexpr auto most = (std::uint64_t{1} << (highest_bit + 1)) - 1;
    auto const units = std::min(nanoseconds >> unit_bits, most);
    if (units < (1U << step_bits)) {
        return units;
    }
    auto const shift = static_cast<unsigned>(std::bit_width(units)) - step_bits - 1;
    return ((std::size_t{shift} + 1) << step_bits) + ((units >> shift) - (1U << step_bits));
}

std::uint64_t Histogram::lower_end(std::size_t step) noexcept {
    if (step < (1U << step_bits)) {
        return std::uint64_t{step} << unit_bits;
    }
    auto const shift = (step >> step_bits) - 1;
    auto const mantissa = (step & ((1U << step_bits) - 1)) + (1U << step_bits);
    return (std::uint64_t{mantissa} << shift) << unit_bits;
}

std::uint64_t Histogram::upper_end(std::size_t step) noexcept { return lower_end(step + 1) - 1; }

void Histogram::record(std::uint64_t nanoseconds, std::uint64_t times) noexcept {
    counts_[step_of(nanoseconds)] += times;
    count_ += times;
    sum_ += static_cast<double>(nanoseconds) * static_cast<double>(times);
    if (times != 0) {
        min_ = std::min(min_, nanoseconds);
        max_ = std::max(max_, nanoseconds);
    }
}

void Histogram::merge(const Histogram& other) noexcept {
    if (other.count_ == 0) {
        return;
    }
    for (std::size_t step = step_of(other.min_); step <= step_of(other.max_); ++step) {
        counts_[step] += other.counts_[step];
    }
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
}

void Histogram::clear() noexcept {
    if (count_ != 0) {
        auto const last = counts_.begin() + static_cast<std::ptrdiff_t>(step_of(max_)) + 1;
        std::fill(counts_.begin() + static_cast<std::ptrdiff_t>(step_of(min_)), last, 0);
    }
    count_ = 0;
    sum_ = 0;
    min_ = UINT64_MAX;
    max_ = 0;
}

double Histogram::mean() const noexcept { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

double Histogram::standard_deviation() const noexcept {
    if (count_ < 2) {
        return 0;
    }
    auto const middle = mean();
    double squares = 0;
    for (std::size_t step = step_of(min_); step <= step_of(max_); ++step) {
        auto const value = static_cast<double>(lower_end(step) + upper_end(step)) / 2;
        squares += static_cast<double>(counts_[step]) * (value - middle) * (value - middle);
    }
    return std::sqrt(squares / static_cast<double>(count_));
}

std::uint64_t Histogram::quantile(double q) const noexcept {
    if (count_ == 0) {
        return 0;
    }
    auto const rank = rank_of(q, count_);
    std::uint64_t seen = 0;
    for (std::size_t step = step_of(min_); step <= step_of(max_); ++step) {
        seen += counts_[step];
        if (seen >= rank) {
            return std::min(upper_end(step), max_);
        }
    }
    return max_;
}

std::uint64_t Histogram::count_up_to(std::uint64_t nanoseconds) const noexcept {
    if (count_ == 0 || nanoseconds < min_) {
        return 0;
    }
    if (nanoseconds >= max_) {
        return count_;
    }
    std::uint64_t seen = 0;
    for (std::size_t step = step_of(min_); step <= step_of(nanoseconds); ++step) {
        seen += counts_[step];
    }
    return seen;
}

HistogramParts Histogram::parts() const {
    HistogramParts parts{.min = min(), .max = max_, .sum = sum_};
    if (count_ == 0) {
        return parts;
    }
    for (auto step = step_of(min_); step <= step_of(max_); ++step) {
        if (counts_[step] != 0) {
            parts.steps.insert(parts.steps.end(), {step, counts_[step]});
        }
    }
    return parts;
}

std::optional<Histogram> Histogram::of(const HistogramParts& parts) {
    Histogram made;
    auto const& steps = parts.steps;
    if (steps.empty()) {
        return made;
    }
    if (!are_steps(steps, most_counted) || parts.min > parts.max || step_of(parts.min) != steps.front() ||
        step_of(parts.max) != steps[steps.size() - 2] || !std::isfinite(parts.sum) || parts.sum < 0) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < steps.size(); i += 2) {
        made.counts_[steps[i]] = steps[i + 1];
        made.count_ += steps[i + 1];
    }
    // the least and the most that so many can be, but for what doubles lose
    const auto count = static_cast<double>(made.count_);
    if (parts.sum < 0.99 * count * static_cast<double>(parts.min) ||
        parts.sum > 1.01 * count * static_cast<double>(parts.max)) {
        return std::nullopt;
    }
    made.min_ = parts.min;
    made.max_ = parts.max;
    made.sum_ = parts.sum;
    return made;
}

SparseHistogram::SparseHistogram(const Histogram& whole) : count_(whole.count()) {
    if (count_ == 0) {
        return;
    }
    auto const counts = whole.counts();
    for (auto step = Histogram::step_of(whole.min()); step <= Histogram::step_of(whole.max()); ++step) {
        if (counts[step] != 0) {
            steps_.push_back({static_cast<std::uint32_t>(step),
                              static_cast<std::uint32_t>(std::min<std::uint64_t>(counts[step], UINT32_MAX))});
        }
    }
}

std::vector<std::uint64_t> SparseHistogram::parts() const {
    std::vector<std::uint64_t> parts;
    for (auto const& each : steps_) {
        parts.insert(parts.end(), {each.step, each.count});
    }
    return parts;
}

std::optional<SparseHistogram> SparseHistogram::of(std::span<const std::uint64_t> parts) {
    if (!are_steps(parts, UINT32_MAX)) {
        return std::nullopt;
    }
    SparseHistogram made;
    for (std::size_t i = 0; i < parts.size(); i += 2) {
        made.steps_.push_back(
            {static_cast<std::uint32_t>(parts[i]), static_cast<std::uint32_t>(parts[i + 1])});
        made.count_ += parts[i + 1];
    }
    return made;
}

void SparseHistogram::merge(const SparseHistogram& other) {
    std::vector<Step> merged;
    merged.reserve(steps_.size() + other.steps_.size());
    auto mine = steps_.begin();
    auto theirs = other.steps_.begin();
    while (mine != steps_.end() || theirs != other.steps_.end()) {
        if (theirs == other.steps_.end() || (mine != steps_.end() && mine->step < theirs->step)) {
            merged.push_back(*mine++);
        } else if (mine == steps_.end() || theirs->step < mine->step) {
            merged.push_back(*theirs++);
        } else {
            merged.push_back({mine->step, mine->count + theirs->count});
            ++mine;
            ++theirs;
        }
    }
    steps_ = std::move(merged);
    count_ += other.count_;
}

std::uint64_t SparseHistogram::quantile(double q) const noexcept {
    if (count_ == 0) {
        return 0;
    }
    auto const rank = rank_of(q, count_);
    std::uint64_t seen = 0;
    for (auto const& step : steps_) {
        seen += step.count;
        if (seen >= rank) {
            return Histogram::upper_end(step.step);
        }
    }
    return steps_.empty() ? 0 : Histogram::upper_end(steps_.back().step);
}

}  // namespace brio::load
