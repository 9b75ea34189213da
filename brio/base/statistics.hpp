// Figures about samples, for benchmarks and reports. Pure functions.
#pragma once
#include <span>
#include <vector>

namespace brio {

class Random;

/// Linear interpolation between closest ranks (Hyndman and Fan, type 7), p in [0, 1]. Requires samples; sorts
/// a copy.
double percentile(std::span<const double> samples, double p);
/// The same of samples that are sorted already: no copy.
double percentile_sorted(std::span<const double> sorted, double p);
double median(std::span<const double> samples);
double mean(std::span<const double> samples);

/// The median of distances from the median, scaled by 1.4826 so that it estimates a normal standard
/// deviation.
double median_absolute_deviation(std::span<const double> samples);

struct Interval {
    double low;
    double high;
};
struct Bootstrap {
    int rounds = 1000;
    double confidence = 0.95;
};
/// The percentile-bootstrap confidence interval of the median. Requires samples. The same Random gives the
/// same interval.
Interval median_interval(std::span<const double> samples, Random& random, Bootstrap options = {});

}  // namespace brio
