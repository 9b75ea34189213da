#include <brio/bench/figures.hpp>

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace brio::bench {
namespace {

TEST(BenchFigures, AreOfTheTimesWhateverTheirOrder) {
    std::vector<std::uint32_t> times(101);
    for (std::size_t i = 0; i < times.size(); ++i) {
        times[i] = static_cast<std::uint32_t>((i * 37 % 101) * 1'000'000);  // 0 to 100 ms
    }
    auto const figures = figures_of(times, std::chrono::milliseconds(89));
    EXPECT_EQ(figures.requests, 101);
    EXPECT_DOUBLE_EQ(figures.p50_ms, 50);
    EXPECT_DOUBLE_EQ(figures.p95_ms, 95);
    EXPECT_DOUBLE_EQ(figures.p99_ms, 99);
    EXPECT_DOUBLE_EQ(figures.max_ms, 100);
    EXPECT_DOUBLE_EQ(figures.within, 90.0 / 101);
}

TEST(BenchFigures, PhasesAreThoseOfTheQuietestRounds) {
    Phases quiet{};
    quiet[3] = 10;
    Phases also_quiet{};
    also_quiet[3] = 14;
    Phases disturbed{};
    disturbed[3] = 11;
    disturbed[5] = 1000;
    Phases expected{};
    expected[3] = 12;
    EXPECT_EQ(quiet_phases({disturbed, also_quiet, quiet}), expected);
    EXPECT_EQ(quiet_phases({disturbed}), disturbed);
}

}  // namespace
}  // namespace brio::bench
