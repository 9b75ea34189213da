#include <brio/bench/compare.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/base/random.hpp>

namespace brio::bench {
namespace {

using testing::HasSubstr;

struct Machine {
    double noise = 0;  // of each measure, to both sides
    double start = 0;  // by which two starts of one program differ
    double drift = 0;  // from the first round to the last, of all
    std::uint64_t seed = 42;
};

std::vector<Round> rounds_of(double before, double after, const Machine& machine, std::size_t count = 20) {
    Random random(machine.seed);
    auto const noisy = [&](double value, double progress) {
        auto const shift = static_cast<double>(random.below(2'000'001)) / 1'000'000 - 1;
        return value * (1 + machine.drift * progress) * (1 + machine.noise * shift);
    };
    std::vector<Round> rounds;
    for (std::size_t i = 0; i < count; ++i) {
        auto const progress = static_cast<double>(i) / static_cast<double>(count);
        rounds.push_back({.before = noisy(before, progress),
                          .after = noisy(after, progress),
                          .control = noisy(before * (1 + machine.start), progress)});
    }
    return rounds;
}

TEST(Compare, WhatIsBeyondTheNoiseIsSlowerOrFaster) {
    Machine const quiet{.noise = 0.02};
    auto const slower = compare(rounds_of(1000, 1120, quiet));
    EXPECT_EQ(slower.verdict, Verdict::slower);
    EXPECT_NEAR(slower.ratio, 1.12, 0.02);
    EXPECT_LE(slower.low, slower.ratio);
    EXPECT_GE(slower.high, slower.ratio);
    EXPECT_THAT(words_of(slower), HasSubstr(" % slower ("));
    EXPECT_EQ(compare(rounds_of(1000, 880, quiet)).verdict, Verdict::faster);
}

TEST(Compare, MuchSlowerIsSaidAsSoManyTimesAsLong) {
    auto const found = compare(rounds_of(1000, 20'000, {.noise = 0.001}));
    EXPECT_THAT(words_of(found), HasSubstr("20.0 times as long (20.0 to 20.0; noise 1.0 %)"));
}

TEST(Compare, ADriftOfTheMachineMeetsAllAlike) {
    EXPECT_EQ(compare(rounds_of(1000, 1100, {.noise = 0.01, .drift = 2.0})).verdict, Verdict::slower);
    EXPECT_EQ(compare(rounds_of(1000, 1000, {.noise = 0.01, .drift = 2.0})).verdict, Verdict::cannot_tell);
}

TEST(Compare, TheSameProgramIsHardlyEverSlowerThanItself) {
    int wrong = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        auto const start = static_cast<double>(seed % 7) / 1000;
        auto const found = compare(rounds_of(1000, 1000, {.noise = 0.05, .start = start, .seed = seed}));
        wrong += found.verdict == Verdict::cannot_tell ? 0 : 1;
    }
    EXPECT_LE(wrong, 2);
}

TEST(Compare, WhatTwoStartsDifferByCannotBeTold) {
    // 4 % slower, where the same program started twice differs by 5 %.
    auto const found = compare(rounds_of(1000, 1040, {.noise = 0.005, .start = 0.05}));
    EXPECT_EQ(found.verdict, Verdict::cannot_tell);
    EXPECT_GE(found.floor, 0.05);
    EXPECT_THAT(words_of(found), HasSubstr("cannot tell below 5."));
    EXPECT_THAT(words_of(found), HasSubstr(" % measured)"));
}

TEST(Compare, NoisyRoundsSayHowMuchTheyCouldHaveShown) {
    auto const found = compare(rounds_of(1000, 1010, {.noise = 0.4}));
    EXPECT_EQ(found.verdict, Verdict::cannot_tell);
    EXPECT_GT(found.floor, 0.05);
}

TEST(Compare, ThePhasesThatMadeTheDifferenceAreNamedLargestFirst) {
    using ledger::Phase;
    Phases before{};
    Phases after{};
    before[static_cast<std::size_t>(Phase::db)] = 10'000;
    after[static_cast<std::size_t>(Phase::db)] = 10'400;
    after[static_cast<std::size_t>(Phase::serialise)] = 1'100;
    before[static_cast<std::size_t>(Phase::write)] = 900;
    after[static_cast<std::size_t>(Phase::write)] = 950;
    EXPECT_EQ(explain({.ratio = 1.1}, before, after), "+1.55 us: serialise +1.10 us, db +400 ns");
    EXPECT_EQ(explain({.ratio = 0.9}, after, before), "-1.55 us: serialise -1.10 us, db -400 ns");
}

}  // namespace
}  // namespace brio::bench
