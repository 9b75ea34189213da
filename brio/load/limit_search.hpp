// The search for the highest rate at which every goal holds: which rate to try next, and what is known.
//
// Trials are noisy: one far below the limit may miss by a hiccup, one just above it may hold. So each trial
// is evidence, not proof: over a grid of rates stands the probability that the limit is there, and each trial
// changes it by Bayes' rule (probabilistic bisection: Horstein 1963; Waeber, Frazier and Henderson 2013). The
// next rate is the median, at most twice the highest that held, so that the search begins as a ramp and a
// server is never hit far beyond its limit. Pure; the same trials give the same search.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace brio::load {

enum class TrialStanding : std::uint8_t { held, missed, unsure };

struct SearchOptions {
    double start = 100;        // requests a second, of the first trial
    double lowest = 1;         // below it the search gives up
    double highest = 1e6;      // above it the search does not go
    double precision = 0.05;   // ends when the limit is known to so much of itself, up or down
    int most_trials = 24;      // ends then, however well it is known
    double slope = 0.03;       // relative width of the rates at which trials hold or miss by chance
    double false_miss = 0.1;   // how often a trial far below the limit misses
    double false_hold = 0.02;  // how often one far above holds
};

/// What the search has found.
struct LimitRange {
    double rate = 0;  // requests a second: the median of what is likely
    double low = 0;   // and the middle 90 % of it
    double high = 0;
    bool is_at_least = false;  // nothing was missed up to the highest rate that could be tried
    bool is_none = false;      // not even the lowest rate held

    /// Half of the range.
    double plus_minus() const noexcept { return (high - low) / 2; }
};

class LimitSearch {
public:
    explicit LimitSearch(const SearchOptions& options);

    /// The next rate to try; nothing when the search is over.
    std::optional<double> next() const;
    void add(double rate, TrialStanding standing);
    /// A trial showed that rates from `rate` on cannot be tried: the generator does not reach them.
    void cap(double rate);
    /// What is known so far.
    LimitRange range() const;

private:
    double rate_at(std::size_t i) const noexcept;
    double quantile(double q) const noexcept;
    std::size_t end() const noexcept;

    SearchOptions options_;
    std::vector<double> weights_;  // of the limit's place, on a grid of equal ratios from lowest on
    double highest_held_ = 0;
    int held_at_highest_ = 0;  // trials
    int missed_at_lowest_ = 0;
    int trials_ = 0;
    int caps_ = 0;
};

/// Whether so many misses among so many, of which `allowed` may miss, hold: unsure while the 90 % interval of
/// the share (Wilson 1927) has `allowed` inside. Without a miss it holds, however few there were.
TrialStanding judge_share(std::uint64_t misses, std::uint64_t count, double allowed) noexcept;

}  // namespace brio::load
