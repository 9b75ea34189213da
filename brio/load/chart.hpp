// Line charts as inline SVG, without script: colours come from the page by class (`line-1` and on, `axis`,
// `grid`), so that they follow light, dark and print. Pure.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace brio::load {

struct ChartPoint {
    double x = 0;
    double y = 0;
};
struct ChartLine {
    std::string name;
    std::vector<ChartPoint> points;  // by ascending x; what is no finite number is a gap
    bool is_dots = false;            // points that no line joins
};
struct Chart {
    std::string title;
    std::vector<ChartLine> lines;               // at most 6 have colours of their own
    std::function<std::string(double)> x_text;  // of a tick
    std::function<std::string(double)> y_text;
    bool is_x_log = false;  // then x is above 0
};

/// One <figure> with its legend as text. A chart without points says so.
std::string write_chart(const Chart& chart);

/// At most `most` round numbers (1, 2 or 5 times a power of ten apart) from 0 to at least `highest`.
std::vector<double> ticks(double highest, std::size_t most = 6);

}  // namespace brio::load
