// How a figure grows, and when it meets its limit if it goes on so. Pure.
//
// A straight line by least squares. Values that follow one another are alike, so that many of them tell less
// than as many that are independent: the error of the slope is of n·(1 − r)/(1 + r) values, r being the
// correlation of a residual with the next one (Santer et al., "Statistical significance of trends", J.
// Geophys. Res. 105, 2000).
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace brio::watch {

struct GrowthPoint {
    double at = 0;  // in any unit of time
    double value = 0;
};
struct Growth {
    double now = 0;    // the line at the last point
    double slope = 0;  // per unit of time
    double error = 0;  // the slope is within this of it, at 95 %
    double spans = 0;  // from the first to the last point
};

/// Points by time. None: fewer than least_points, or too alike to be told from fewer than
/// `least_independent`.
std::optional<Growth> growth_of(std::span<const GrowthPoint> points);
inline constexpr std::size_t least_points = 12;
inline constexpr double least_independent = 4;

enum class Outlook : std::uint8_t {
    unknown,  // not enough history
    reached,
    meets,   // within far_factor times the history, if it goes on so
    far,     // it grows, but by less than history can tell the end of
    steady,  // it does not grow, as far as can be told
};
/// "not enough history", "reached", "growing", "far", "steady".
std::string_view name_of(Outlook outlook) noexcept;

/// How far ahead a history is believed: so many times its own length.
inline constexpr double far_factor = 10;

struct Headroom {
    Outlook outlook = Outlook::unknown;
    double soonest = 0;            // until the limit is met, of `meets`: in the points' unit of time
    std::optional<double> latest;  // none: it may never be
};
/// `limit` is above; for one that is below give figure and limit negated.
Headroom headroom_of(const std::optional<Growth>& growth, double limit);

}  // namespace brio::watch
