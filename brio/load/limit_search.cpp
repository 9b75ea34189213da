#include <brio/load/limit_search.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include <brio/base/expect.hpp>

namespace brio::load {
namespace {

constexpr double step = 0.005;       // between rates of the grid, relative
constexpr double at_the_end = 0.97;  // so near to the highest or lowest rate counts as it

/// The probability of what a trial at a rate `above` the limit showed; `above` is the logarithm of the ratio.
double likelihood(const SearchOptions& options, double above, TrialStanding standing) noexcept {
    const double held_below = 1 - options.false_miss;
    const double below = 1 / (1 + std::exp(above / options.slope));
    const double held = options.false_hold + (held_below - options.false_hold) * below;
    if (standing == TrialStanding::held) {
        return held;
    }
    if (standing == TrialStanding::missed) {
        return 1 - held;
    }
    const double distance = above / (2 * options.slope);
    return 0.1 + std::exp(-distance * distance / 2);
}

}  // namespace

LimitSearch::LimitSearch(const SearchOptions& options) : options_(options) {
    expect(options.lowest > 0 && options.lowest < options.highest, "a search has rates to try");
    const double span = std::log(options.highest / options.lowest);
    weights_.assign(static_cast<std::size_t>(span / step) + 2, 1);
    options_.start = std::clamp(options.start, options.lowest, options.highest);
}

double LimitSearch::rate_at(std::size_t i) const noexcept {
    return options_.lowest * std::exp(step * static_cast<double>(i));
}

/// Behind the last place that the limit can have.
std::size_t LimitSearch::end() const noexcept {
    const double span = std::log(options_.highest / options_.lowest);
    return std::min(static_cast<std::size_t>(std::max(span, 0.0) / step) + 2, weights_.size());
}

double LimitSearch::quantile(double q) const noexcept {
    const auto places = std::span(weights_).first(end());
    double left = q * std::accumulate(places.begin(), places.end(), 0.0);
    for (std::size_t i = 0; i < places.size(); ++i) {
        left -= places[i];
        if (left <= 0) {
            return std::min(rate_at(i), options_.highest);
        }
    }
    return options_.highest;
}

std::optional<double> LimitSearch::next() const {
    if (trials_ + caps_ >= options_.most_trials) {
        return std::nullopt;
    }
    if (trials_ == 0) {
        return std::min(options_.start, options_.highest);
    }
    const LimitRange known = range();
    if (known.is_none || held_at_highest_ >= 2) {
        return std::nullopt;
    }
    const double ramp = std::min(highest_held_ > 0 ? 2 * highest_held_ : options_.start, options_.highest);
    const bool is_precise = known.plus_minus() <= options_.precision * known.rate;
    if (is_precise && known.high >= options_.highest * at_the_end) {
        return ramp;  // is it the limit, or only as far as the search goes?
    }
    if (is_precise && known.low * at_the_end <= options_.lowest) {
        return highest_held_ == 0 ? std::optional(options_.lowest) : std::nullopt;
    }
    return is_precise ? std::nullopt : std::optional(std::clamp(known.rate, options_.lowest, ramp));
}

void LimitSearch::add(double rate, TrialStanding standing) {
    expect(rate > 0, "a trial has a rate");
    ++trials_;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        weights_[i] *= likelihood(options_, std::log(rate / rate_at(i)), standing);
    }
    const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    for (double& each : weights_) {
        each /= sum;
    }
    if (standing == TrialStanding::held) {
        highest_held_ = std::max(highest_held_, rate);
        held_at_highest_ += rate >= options_.highest * at_the_end ? 1 : 0;
    } else if (standing == TrialStanding::missed) {
        missed_at_lowest_ += rate * at_the_end <= options_.lowest ? 1 : 0;
    }
}

void LimitSearch::cap(double rate) {
    ++caps_;
    options_.highest = std::max(std::min(options_.highest, rate), options_.lowest);
    held_at_highest_ = highest_held_ >= options_.highest * at_the_end ? 1 : 0;
}

LimitRange LimitSearch::range() const {
    LimitRange found{.rate = quantile(0.5), .low = quantile(0.05), .high = quantile(0.95)};
    found.is_at_least = held_at_highest_ > 0 && found.high >= options_.highest * at_the_end;
    found.rate = found.is_at_least ? highest_held_ : found.rate;
    found.is_none = highest_held_ == 0 && missed_at_lowest_ >= 2;
    return found;
}

TrialStanding judge_share(std::uint64_t misses, std::uint64_t count, double allowed) noexcept {
    if (count == 0) {
        return TrialStanding::unsure;
    }
    if (misses == 0) {
        return TrialStanding::held;
    }
    constexpr double z = 1.645;
    const auto n = static_cast<double>(count);
    const double share = static_cast<double>(misses) / n;
    const double middle = share + z * z / (2 * n);
    const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    const double scale = 1 + z * z / n;
    if ((middle + half) / scale <= allowed) {
        return TrialStanding::held;
    }
    return (middle - half) / scale > allowed ? TrialStanding::missed : TrialStanding::unsure;
}

}  // namespace brio::load
