#include <brio/base/statistics.hpp>

#include <brio/base/expect.hpp>
#include <brio/base/random.hpp>

#include <algorithm>
#include <cmath>

namespace brio {

double percentile_sorted(std::span<const double> sorted, double p) {
    expect(!sorted.empty(), "a percentile has samples");
    expect(p >= 0 && p <= 1, "a percentile is between 0 and 1");
    const double rank = p * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(rank);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (rank - static_cast<double>(below));
}

double percentile(std::span<const double> samples, double p) {
    std::vector<double> sorted(samples.begin(), samples.end());
    std::sort(sorted.begin(), sorted.end());
    return percentile_sorted(sorted, p);
}

double median(std::span<const double> samples) { return percentile(samples, 0.5); }

double mean(std::span<const double> samples) {
    expect(!samples.empty(), "a mean has samples");
    double sum = 0;
    for (const double sample : samples) {
        sum += sample;
    }
    return sum / static_cast<double>(samples.size());
}

double median_absolute_deviation(std::span<const double> samples) {
    const double middle = median(samples);
    std::vector<double> distances;
    distances.reserve(samples.size());
    for (const double sample : samples) {
        distances.push_back(std::abs(sample - middle));
    }
    return 1.4826 * median(distances);
}

Interval median_interval(std::span<const double> samples, Random& random, Bootstrap options) {
    expect(!samples.empty(), "an interval has samples");
    expect(options.rounds > 0 && options.confidence > 0 && options.confidence < 1,
           "a bootstrap has rounds and a confidence");
    std::vector<double> medians(static_cast<std::size_t>(options.rounds));
    std::vector<double> drawn(samples.size());
    for (double& one : medians) {
        for (double& value : drawn) {
            value = samples[random.below(samples.size())];
        }
        std::sort(drawn.begin(), drawn.end());
        one = percentile_sorted(drawn, 0.5);
    }
    std::sort(medians.begin(), medians.end());
    const double tail = (1 - options.confidence) / 2;
    return {percentile_sorted(medians, tail), percentile_sorted(medians, 1 - tail)};
}

}  // namespace brio
