#include <brio/bench/compare.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <brio/base/expect.hpp>
#include <brio/base/figures.hpp>
#include <brio/base/random.hpp>
#include <brio/base/statistics.hpp>
#include <brio/base/text.hpp>
#include <brio/bench/words.hpp>

namespace brio::bench {

namespace {

// Other starts of one program differ by more than the two that were measured.
constexpr double least_floor = 0.01;

struct Estimate {
    double ratio;
    Interval interval;
    /// The least that it is away from 1 by, with its sign; 0 when the interval has 1 in it.
    double sure() const {
        return interval.low > 1 ? interval.low - 1 : interval.high < 1 ? interval.high - 1 : 0;
    }
};

Estimate estimate(const std::vector<Round>& rounds, double Round::* of, double Round::* to) {
    constexpr Bootstrap confident{.rounds = 2000, .confidence = 0.99};
    Random random(7);
    std::vector<double> found;
    for (auto const& each : rounds) {
        found.push_back(each.*of / each.*to);
    }
    return {median(found), median_interval(found, random, confident)};
}

double percent(double ratio) { return std::abs(ratio - 1) * 100; }

}  // namespace

Comparison compare(const std::vector<Round>& rounds) {
    expect(rounds.size() >= 3, "a comparison has at least three rounds");
    auto const first = estimate(rounds, &Round::after, &Round::before);
    auto const second = estimate(rounds, &Round::after, &Round::control);
    auto const noise = estimate(rounds, &Round::control, &Round::before).interval;
    Comparison comparison{.ratio = std::sqrt(first.ratio * second.ratio),
                          .low = std::min(first.interval.low, second.interval.low),
                          .high = std::max(first.interval.high, second.interval.high)};
    comparison.floor = std::max({least_floor, std::abs(1 - noise.low), std::abs(noise.high - 1)});
    auto const is_beyond = std::abs(comparison.ratio - 1) > comparison.floor;
    if (is_beyond && first.sure() > 0 && second.sure() > 0) {
        comparison.verdict = Verdict::slower;
    } else if (is_beyond && first.sure() < 0 && second.sure() < 0) {
        comparison.verdict = Verdict::faster;
    } else {  // what these rounds could have shown
        comparison.floor = std::max(comparison.floor, (comparison.high - comparison.low) / 2);
    }
    return comparison;
}

std::string explain(const Comparison& comparison, const Phases& before, const Phases& after) {
    Phases change{};
    std::ranges::transform(after, before, change.begin(), std::minus());
    auto const whole = std::accumulate(change.begin(), change.end(), 0.0);
    std::vector<std::size_t> order(change.size());
    std::iota(order.begin(), order.end(), 0);
    auto const is_slower = comparison.ratio > 1;
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return is_slower ? change[a] > change[b] : change[a] < change[b];
    });
    std::string text;
    for (auto const at : order) {
        auto const is_of_it = is_slower ? change[at] > 0 : change[at] < 0;
        if (is_of_it && std::abs(change[at]) >= std::abs(whole) / 10) {
            text +=
                concat({text.empty() ? "" : ", ", ledger::phase_names[at], " ", difference_text(change[at])});
        }
    }
    return concat({difference_text(whole), text.empty() ? "" : ": ", text});
}

std::string words_of(const Comparison& comparison) {
    if (comparison.verdict == Verdict::cannot_tell) {
        return concat({"cannot tell below ", decimal_text(comparison.floor * 100, 1), " % here (",
                       signed_text((comparison.ratio - 1) * 100, 1), " % measured)"});
    }
    auto const is_slower = comparison.verdict == Verdict::slower;
    if (comparison.ratio >= 2) {
        return concat({decimal_text(comparison.ratio, 1), " times as long (", decimal_text(comparison.low, 1),
                       " to ", decimal_text(comparison.high, 1), "; noise ",
                       decimal_text(comparison.floor * 100, 1), " %)"});
    }
    return concat({decimal_text(percent(comparison.ratio), 1), " % ", is_slower ? "slower" : "faster", " (",
                   decimal_text(percent(is_slower ? comparison.low : comparison.high), 1), " to ",
                   decimal_text(percent(is_slower ? comparison.high : comparison.low), 1), " %; noise ",
                   decimal_text(comparison.floor * 100, 1), " %)"});
}

}  // namespace brio::bench
