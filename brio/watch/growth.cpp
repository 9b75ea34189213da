#include <brio/watch/growth.hpp>

#include <algorithm>
#include <cmath>

namespace brio::watch {

namespace {

struct Line {
    double slope = 0;
    double level = 0;  // at the mean of the times
    double mean_at = 0;
    double spread = 0;  // of the times: the sum of squares

    double at(double time) const noexcept { return level + slope * (time - mean_at); }
};

Line least_squares(std::span<const GrowthPoint> points) {
    const auto count = static_cast<double>(points.size());
    Line line;
    for (const GrowthPoint& each : points) {
        line.mean_at += each.at / count;
        line.level += each.value / count;
    }
    double together = 0;
    for (const GrowthPoint& each : points) {
        line.spread += (each.at - line.mean_at) * (each.at - line.mean_at);
        together += (each.at - line.mean_at) * (each.value - line.level);
    }
    line.slope = line.spread > 0 ? together / line.spread : 0;
    return line;
}

struct Residuals {
    double squares = 0;
    double alike = 0;  // the correlation of one with the next
};
Residuals residuals_of(std::span<const GrowthPoint> points, const Line& line) {
    Residuals its;
    double products = 0;
    double before = 0;
    for (const GrowthPoint& each : points) {
        const double residual = each.value - line.at(each.at);
        its.squares += residual * residual;
        products += residual * before;
        before = residual;
    }
    // What is left of values on a line is rounding, and tells of nothing.
    const double rounding = 1e-7 * std::max(std::abs(line.level), std::abs(line.slope));
    const bool is_rounding = its.squares <= rounding * rounding * static_cast<double>(points.size());
    its.alike = is_rounding ? 0 : std::clamp(products / its.squares, 0.0, 0.999);
    return its;
}

// Student's t for 95 % in the middle, within a hundredth from two degrees of freedom on.
double student(double degrees) noexcept {
    const double part = 1 / degrees;
    return 1.96 + part * (2.372 + part * (2.823 + part * (2.556 + part * 1.59)));
}

}  // namespace

std::optional<Growth> growth_of(std::span<const GrowthPoint> points) {
    if (points.size() < least_points) {
        return std::nullopt;
    }
    const Line line = least_squares(points);
    const Residuals residuals = residuals_of(points, line);
    const double independent =
        static_cast<double>(points.size()) * (1 - residuals.alike) / (1 + residuals.alike);
    if (line.spread == 0 || independent < least_independent) {
        return std::nullopt;
    }
    const double degrees = independent - 2;
    const double error = std::sqrt(residuals.squares / degrees / line.spread);
    return Growth{.now = line.at(points.back().at),
                  .slope = line.slope,
                  .error = student(degrees) * error,
                  .spans = points.back().at - points.front().at};
}

std::string_view name_of(Outlook outlook) noexcept {
    static constexpr std::string_view names[] = {"not enough history", "reached", "growing", "far", "steady"};
    return names[static_cast<std::size_t>(outlook)];
}

Headroom headroom_of(const std::optional<Growth>& growth, double limit) {
    if (!growth) {
        return {};
    }
    const double room = limit - growth->now;
    if (room <= 0) {
        return {.outlook = Outlook::reached};
    }
    // What is less than a thousandth of the limit over the whole history is rounding, not growth.
    const double least = std::abs(limit) / 1000 / growth->spans;
    if (growth->slope - growth->error <= 0 || growth->slope < least) {
        return {.outlook = Outlook::steady};
    }
    Headroom headroom{.outlook = Outlook::meets,
                      .soonest = room / (growth->slope + growth->error),
                      .latest = room / (growth->slope - growth->error)};
    if (headroom.soonest > far_factor * growth->spans) {
        headroom.outlook = Outlook::far;
    } else if (*headroom.latest > far_factor * growth->spans) {
        headroom.latest.reset();
    }
    return headroom;
}

}  // namespace brio::watch
