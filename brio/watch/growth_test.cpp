#include <brio/watch/growth.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include <brio/base/random.hpp>

namespace brio::watch {
namespace {

template <class Value>
std::vector<GrowthPoint> points(int count, Value value) {
    std::vector<GrowthPoint> all;
    for (int i = 0; i < count; ++i) {
        all.push_back({.at = i * 0.5, .value = static_cast<double>(value(i))});
    }
    return all;
}

double noise(Random& random) { return random.uniform() - 0.5; }

TEST(Growth, AStraightLineIsFoundExactly) {
    const auto growth = growth_of(points(24, [](int i) { return 10 + 2.0 * i; }));
    ASSERT_TRUE(growth);
    EXPECT_NEAR(growth->slope, 4, 1e-9);
    EXPECT_NEAR(growth->error, 0, 1e-6);
    EXPECT_NEAR(growth->now, 56, 1e-9);
    EXPECT_EQ(growth->spans, 11.5);
}

TEST(Growth, FewPointsTellNothing) {
    EXPECT_FALSE(growth_of(points(11, [](int i) { return i; })));
    EXPECT_TRUE(growth_of(points(12, [](int i) { return i; })));
    EXPECT_EQ(headroom_of(std::nullopt, 100).outlook, Outlook::unknown);
}

TEST(Growth, TheErrorHoldsTheTrueSlopeNineteenTimesOfTwenty) {
    Random random(7);
    int held = 0;
    for (int round = 0; round < 400; ++round) {
        const auto growth = growth_of(points(40, [&](int i) { return 0.3 * i + 20 * noise(random); }));
        held += std::abs(growth->slope - 0.6) <= growth->error ? 1 : 0;
    }
    EXPECT_GT(held, 400 * 0.91);
    EXPECT_LT(held, 400 * 0.99);
}

TEST(Growth, AWanderingFigureIsNotTakenForOneThatGrows) {
    Random random(8);
    int grows = 0;
    for (int round = 0; round < 300; ++round) {
        double value = 50;
        const auto growth = growth_of(points(100, [&](int) {
            value = 50 + 0.8 * (value - 50) + 5 * noise(random);
            return value;
        }));
        const auto outlook = headroom_of(growth, 100).outlook;
        grows += outlook == Outlook::meets || outlook == Outlook::far ? 1 : 0;
    }
    EXPECT_LT(grows, 300 * 0.1);
}

TEST(Growth, WhatRisesAndFallsOnceIsTooLittleHistory) {
    EXPECT_FALSE(growth_of(points(100, [](int i) { return std::sin(i / 16.0) * 40; })));
}

TEST(Headroom, SaysWhenTheLimitIsMet) {
    const auto headroom = headroom_of(Growth{.now = 40, .slope = 4, .error = 1, .spans = 10}, 70);
    EXPECT_EQ(headroom.outlook, Outlook::meets);
    EXPECT_EQ(headroom.soonest, 6);
    EXPECT_EQ(headroom.latest, 10);
}

TEST(Headroom, IsNotBelievedFartherThanTenTimesTheHistory) {
    const auto slow = Growth{.now = 40, .slope = 0.1, .error = 0.05, .spans = 10};
    EXPECT_EQ(headroom_of(slow, 70).outlook, Outlook::far);
    const auto doubtful = Growth{.now = 40, .slope = 1, .error = 0.9, .spans = 10};
    EXPECT_EQ(headroom_of(doubtful, 70).outlook, Outlook::meets);
    EXPECT_FALSE(headroom_of(doubtful, 70).latest);
}

TEST(Headroom, GrowthWithinItsErrorIsNone) {
    EXPECT_EQ(headroom_of(Growth{.now = 40, .slope = 1, .error = 1.1, .spans = 10}, 70).outlook,
              Outlook::steady);
    EXPECT_EQ(headroom_of(Growth{.now = 40, .slope = -1, .error = 0.1, .spans = 10}, 70).outlook,
              Outlook::steady);
}

TEST(Headroom, ALimitThatIsPassedIsReached) {
    EXPECT_EQ(headroom_of(Growth{.now = 71, .slope = 0, .error = 0, .spans = 10}, 70).outlook,
              Outlook::reached);
}

TEST(Headroom, OfWhatRunsOutIsTheSameDownwards) {
    const auto left = points(48, [](int i) { return -(1000 - 10.0 * i); });
    const auto headroom = headroom_of(growth_of(left), 0);
    EXPECT_EQ(headroom.outlook, Outlook::meets);
    EXPECT_NEAR(headroom.soonest, 26.5, 1e-6);
}

}  // namespace
}  // namespace brio::watch
