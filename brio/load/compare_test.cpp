#include <brio/load/compare.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace brio::load {
namespace {

/// Blocks whose figures scatter by `noise` around the same values times `factor`.
EarlierRun run(std::uint64_t seed, double factor, double noise, std::size_t blocks = 30) {
    Random random(seed);
    BlockFigures figures{.name = "Aggregated"};
    auto const value = [&](double middle) { return middle * std::exp(noise * (2 * random.uniform() - 1)); };
    for (std::size_t i = 0; i < blocks; ++i) {
        figures.rate.push_back(value(1000));
        figures.mean_ms.push_back(factor * value(2));
        figures.p50_ms.push_back(factor * value(1.5));
        figures.p95_ms.push_back(factor * value(4));
        figures.p99_ms.push_back(factor * value(8));
    }
    return {.file = "last.json", .load = "the same", .blocks = {figures}};
}
Compared figure(const Comparison& comparison, std::string_view name) {
    for (auto const& each : comparison.figures) {
        if (each.figure == name) {
            return each;
        }
    }
    ADD_FAILURE() << "no figure " << name;
    return {};
}
Comparison compare_one(const EarlierRun& before, const EarlierRun& now) {
    return compare(std::span(&before, 1), now);
}

TEST(Compare, ADifferenceAboveTheNoiseIsTold) {
    auto const comparison = compare_one(run(1, 1, 0.05), run(2, 1.4, 0.05));
    auto const p99 = figure(comparison, "p99");
    EXPECT_EQ(p99.change, Change::worse);
    EXPECT_NEAR(p99.ratio, 1.4, 0.06);
    EXPECT_LE(p99.low, 1.4);
    EXPECT_GE(p99.high, 1.38);
    EXPECT_LT(p99.noise, 0.12);
    EXPECT_EQ(figure(comparison, "rate").change, Change::same);
    EXPECT_EQ(comparison.worse(), 4u);
}

TEST(Compare, ALowerLatencyIsBetterAndALowerRateIsWorse) {
    EXPECT_EQ(figure(compare_one(run(1, 1.4, 0.05), run(2, 1, 0.05)), "p50").change, Change::better);
    auto slower = run(3, 1, 0.02);
    for (double& rate : slower.blocks[0].rate) {
        rate *= 0.7;
    }
    EXPECT_EQ(figure(compare_one(run(1, 1, 0.02), slower), "rate").change, Change::worse);
}

TEST(Compare, RunsOfOneThingSeldomDiffer) {
    int told = 0;
    int figures = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        auto const comparison = compare_one(run(2 * seed, 1, 0.2), run(2 * seed + 1, 1, 0.2));
        for (auto const& each : comparison.figures) {
            told += each.change == Change::same ? 0 : 1;
            ++figures;
        }
    }
    EXPECT_EQ(figures, 200);
    EXPECT_LE(told, 6);
}

TEST(Compare, ARunThatDriftsTellsLess) {
    auto drifting = run(1, 1, 0.02);
    for (std::size_t i = 15; i < 30; ++i) {
        drifting.blocks[0].p99_ms[i] *= 1.5;
    }
    auto const p99 = figure(compare_one(drifting, run(2, 1.25, 0.02)), "p99");
    EXPECT_GT(p99.noise, 0.4);
    EXPECT_EQ(p99.change, Change::same);
}

TEST(Compare, EarlierRunsThatAreApartAreNoise) {
    EarlierRun const earlier[] = {run(1, 1, 0.02), run(2, 1.2, 0.02)};
    auto const comparison = compare(earlier, run(3, 1.25, 0.02));
    EXPECT_GT(figure(comparison, "p50").noise, 0.18);
    EXPECT_EQ(figure(comparison, "p50").change, Change::same);
    EXPECT_TRUE(comparison.remarks.empty());
    EXPECT_EQ(figure(compare(earlier, run(3, 2, 0.02)), "p50").change, Change::worse);
}

TEST(Compare, AllTogetherIsLeftOutOnlyWhereThereIsOneName) {
    auto one = run(1, 1, 0.02);
    one.blocks.push_back(one.blocks[0]);
    one.blocks[1].name = "GET /a";
    EXPECT_EQ(compare_one(one, one).figures.size(), 5u);
    one.blocks[1].rate[0] /= 2;  // the others are of names that are too rare
    EXPECT_EQ(compare_one(one, one).figures.size(), 10u);
}

TEST(Compare, AnotherLoadAndAShortRunAreLeftOutAndSaid) {
    auto other = run(1, 1, 0.02);
    other.load = "another";
    auto const comparison = compare_one(other, run(2, 1, 0.02));
    EXPECT_TRUE(comparison.figures.empty());
    EXPECT_EQ(comparison.remarks.at(0),
              "last.json is left out: its load was another, this one's is the same");
    EXPECT_EQ(compare_one(run(1, 1, 0.02), run(2, 1, 0.02, 5)).remarks.at(0),
              "this run cannot be compared: it is too short, with 5 blocks (a second each, or a sixtieth of "
              "the plan) where 8 are needed");
}

}  // namespace
}  // namespace brio::load
