#include <brio/load/chart.hpp>

#include <algorithm>
#include <cmath>
#include <span>

#include <brio/base/figures.hpp>
#include <brio/base/html.hpp>
#include <brio/base/text.hpp>

namespace brio::load {
namespace {

constexpr double width = 720;
constexpr double height = 220;
constexpr double left = 64;
constexpr double right = 16;
constexpr double top = 10;
constexpr double bottom = 26;

std::string at(double value) { return decimal_text(value, 1); }

bool is_drawn(const ChartPoint& point) noexcept { return std::isfinite(point.x) && std::isfinite(point.y); }

/// Where values lie on the paper.
struct Scale {
    double x_low = 0;
    double x_high = 1;
    double y_high = 1;
    bool is_x_log = false;

    double along(double x) const noexcept { return is_x_log ? std::log10(std::max(x, 1e-12)) : x; }
    double x(double value) const noexcept {
        const double low = along(x_low);
        const double span = std::max(along(x_high) - low, 1e-12);
        return left + (width - left - right) * (along(value) - low) / span;
    }
    double y(double value) const noexcept {
        return height - bottom - (height - top - bottom) * std::clamp(value / y_high, 0.0, 1.0);
    }
};

Scale scale_of(const Chart& chart, double highest, std::span<const double> y_ticks) {
    Scale scale{.x_low = INFINITY, .x_high = -INFINITY, .is_x_log = chart.is_x_log};
    for (const ChartLine& line : chart.lines) {
        for (const ChartPoint& point : line.points) {
            if (is_drawn(point)) {
                scale.x_low = std::min(scale.x_low, point.x);
                scale.x_high = std::max(scale.x_high, point.x);
            }
        }
    }
    scale.y_high = std::max(y_ticks.back(), highest);
    return scale;
}

double highest_of(const Chart& chart) noexcept {
    double highest = -1;
    for (const ChartLine& line : chart.lines) {
        for (const ChartPoint& point : line.points) {
            highest = is_drawn(point) ? std::max(highest, point.y) : highest;
        }
    }
    return highest;
}

std::vector<double> x_ticks(const Scale& scale) {
    std::vector<double> found;
    if (scale.is_x_log) {
        for (double tick = std::pow(10, std::floor(std::log10(scale.x_low))); tick <= scale.x_high * 1.001;
             tick *= 10) {
            if (tick >= scale.x_low * 0.999) {
                found.push_back(tick);
            }
        }
        return found;
    }
    for (const double tick : ticks(scale.x_high, 10)) {
        if (tick >= scale.x_low && tick <= scale.x_high) {
            found.push_back(tick);
        }
    }
    return found;
}

std::string axes(const Chart& chart, const Scale& scale, std::span<const double> y_ticks) {
    std::string svg;
    for (const double tick : y_ticks) {
        const std::string y = at(scale.y(tick));
        svg +=
            concat({"<line class=\"grid\" x1=\"", at(left), "\" x2=\"", at(width - right), "\" y1=\"", y,
                    "\" y2=\"", y, "\"/><text class=\"axis\" text-anchor=\"end\" x=\"", at(left - 6),
                    "\" y=\"", at(scale.y(tick) + 4), "\">", escape_html(chart.y_text(tick)), "</text>\n"});
    }
    for (const double tick : x_ticks(scale)) {
        svg += concat({"<text class=\"axis\" text-anchor=\"middle\" x=\"", at(scale.x(tick)), "\" y=\"",
                       at(height - 8), "\">", escape_html(chart.x_text(tick)), "</text>\n"});
    }
    return svg;
}

std::string class_of(std::size_t number) {
    constexpr std::size_t colours = 6;
    return concat({"line-", integer_text(number % colours + 1)});
}

std::string dots(const ChartLine& line, const Scale& scale, std::string_view colour) {
    std::string svg;
    for (const ChartPoint& point : line.points) {
        if (is_drawn(point)) {
            svg += concat({"<circle class=\"dot ", colour, "\" r=\"4\" cx=\"", at(scale.x(point.x)),
                           "\" cy=\"", at(scale.y(point.y)), "\"/>"});
        }
    }
    return svg + "\n";
}

std::string path(const ChartLine& line, const Scale& scale, std::string_view colour) {
    std::string d;
    bool is_open = false;
    for (const ChartPoint& point : line.points) {
        if (!is_drawn(point)) {
            is_open = false;
            continue;
        }
        d += concat({is_open ? "L" : "M", at(scale.x(point.x)), " ", at(scale.y(point.y))});
        is_open = true;
    }
    return concat({"<path class=\"line ", colour, "\" d=\"", d, "\"/>\n"});
}

}  // namespace

std::vector<double> ticks(double highest, std::size_t most) {
    if (!(highest > 0)) {
        return {0, 1};
    }
    const double rough = highest / static_cast<double>(most - 1);
    const double power = std::pow(10, std::floor(std::log10(rough)));
    const double times = rough / power;
    const double step = power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
    std::vector<double> found;
    for (std::size_t i = 0; static_cast<double>(i) * step < highest + step * 0.999; ++i) {
        found.push_back(static_cast<double>(i) * step);
    }
    return found;
}

std::string write_chart(const Chart& chart) {
    std::string html = concat({"<figure><figcaption>", escape_html(chart.title)});
    for (std::size_t i = 0; i < chart.lines.size(); ++i) {
        html += concat({" <span class=\"key ", class_of(i), "\"></span>", escape_html(chart.lines[i].name)});
    }
    html += "</figcaption>\n";
    const double highest = highest_of(chart);
    if (highest < 0) {
        return html + "<p>nothing was counted</p></figure>\n";
    }
    const auto y_ticks = ticks(highest);
    const Scale scale = scale_of(chart, highest, y_ticks);
    html += concat({"<svg viewBox=\"0 0 ", decimal_text(width, 0), " ", decimal_text(height, 0),
                    "\" role=\"img\" aria-label=\"", escape_html(chart.title), "\">\n"});
    html += axes(chart, scale, y_ticks);
    for (std::size_t i = 0; i < chart.lines.size(); ++i) {
        const ChartLine& line = chart.lines[i];
        html += line.is_dots ? dots(line, scale, class_of(i)) : path(line, scale, class_of(i));
    }
    return html + "</svg></figure>\n";
}

}  // namespace brio::load
