#include <brio/load/chart.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include <brio/base/figures.hpp>

namespace brio::load {
namespace {

Chart chart(std::vector<ChartPoint> points) {
    auto const number = [](double value) { return decimal_text(value, 0); };
    return {.title = "a <title>",
            .lines = {{"one & all", std::move(points)}},
            .x_text = number,
            .y_text = number};
}
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Chart, TicksAreRoundAndReachTheHighest) {
    EXPECT_EQ(ticks(10), (std::vector<double>{0, 2, 4, 6, 8, 10}));
    EXPECT_EQ(ticks(7.3), (std::vector<double>{0, 2, 4, 6, 8}));
    EXPECT_EQ(ticks(100), (std::vector<double>{0, 20, 40, 60, 80, 100}));
    EXPECT_EQ(ticks(0), (std::vector<double>{0, 1}));
    EXPECT_LE(ticks(12'345).size(), 7u);
    EXPECT_GE(ticks(12'345).back(), 12'345);
    EXPECT_NEAR(ticks(0.0032).back(), 0.004, 1e-9);
}

TEST(Chart, LinesReachFromEndToEnd) {
    auto const svg = write_chart(chart({{0, 0}, {5, 5}, {10, 10}}));
    EXPECT_TRUE(has(svg, "d=\"M64.0 194.0L384.0 102.0L704.0 10.0\"")) << svg;
    EXPECT_TRUE(has(svg, "aria-label=\"a &lt;title&gt;\""));
    EXPECT_TRUE(has(svg, "one &amp; all"));
}

TEST(Chart, WhatIsNoNumberIsAGap) {
    auto const svg = write_chart(chart({{0, 1}, {1, NAN}, {2, 1}, {3, 1}}));
    EXPECT_TRUE(has(svg, "M64.0 10.0M490.7 10.0L704.0 10.0")) << svg;
    EXPECT_FALSE(has(svg, "nan"));
}

TEST(Chart, WithoutPointsItSaysSo) {
    EXPECT_TRUE(has(write_chart(chart({})), "nothing was counted"));
    EXPECT_FALSE(has(write_chart(chart({{5, 1}})), "nan"));
    EXPECT_FALSE(has(write_chart(chart({{0, 0}})), "nan"));
}

TEST(Chart, ALogarithmicAxisHasPowersOfTen) {
    auto log = chart({{1, 1}, {10, 2}, {1000, 3}});
    log.is_x_log = true;
    auto const svg = write_chart(log);
    EXPECT_TRUE(has(svg, "x=\"277.3\" y=\"212.0\">10<")) << svg;
    EXPECT_TRUE(has(svg, ">1000<"));
}

}  // namespace
}  // namespace brio::load
