#include <brio/load/web_control.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace brio::load {
namespace {

using namespace std::chrono_literals;

Plan closed() {
    return {.target = "http://127.0.0.1:1",
            .scenario = "shop",
            .stages = {{.duration = 10s, .from = 5, .to = 5}}};
}
Plan open() {
    auto plan = closed();
    plan.model = Model::open;
    return plan;
}

TEST(WebControl, BeginsWithWhatWasTyped) {
    const WebControl control(closed());
    EXPECT_EQ(control.view().state, WebState::ready);
    EXPECT_EQ(control.view().order, (WebOrder{.level = 5, .rise_s = 0, .for_s = 10}));
    EXPECT_EQ(control.view().report, nullptr);
}

TEST(WebControl, AnOrderIsTakenOnce) {
    WebControl control(closed());
    EXPECT_FALSE(control.take());
    ASSERT_TRUE(control.order({.level = 20, .rise_s = 10, .for_s = 0}));
    EXPECT_FALSE(control.order({.level = 30})) << "before the first has begun";
    const auto taken = control.take();
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->level, 20);
    EXPECT_FALSE(control.take());
    EXPECT_EQ(control.view().state, WebState::running);
}

TEST(WebControl, UsersRiseAndGoOnFromWhereTheyAre) {
    WebControl control(closed());
    ASSERT_TRUE(control.order({.level = 100, .rise_s = 10}));
    control.take();
    EXPECT_DOUBLE_EQ(control.level_at(0s), 1);
    EXPECT_DOUBLE_EQ(control.level_at(5s), 50);
    ASSERT_TRUE(control.order({.level = 10, .rise_s = 4}));
    EXPECT_DOUBLE_EQ(control.level_at(7s), 30);
    EXPECT_DOUBLE_EQ(control.level_at(9s), 10);
    EXPECT_DOUBLE_EQ(control.level_at(100s), 10);
}

TEST(WebControl, RefusesWhatIsNoOrder) {
    WebControl control(closed());
    for (const auto& wrong :
         {WebOrder{.level = 0}, WebOrder{.level = 2e6}, WebOrder{.level = 1, .rise_s = -1},
          WebOrder{.level = 1, .for_s = 1e9}, WebOrder{.level = std::nan("")}}) {
        EXPECT_FALSE(control.order(wrong));
    }
    EXPECT_FALSE(control.take());
}

TEST(WebControl, ARateStandsForAWholeRun) {
    WebControl control(open());
    ASSERT_TRUE(control.order({.level = 100}));
    control.take();
    EXPECT_FALSE(control.order({.level = 200}));
    control.stop();
    EXPECT_TRUE(control.is_to_stop());
    EXPECT_FALSE(control.order({.level = 200})) << "it still ends";
    control.ended({});
    EXPECT_EQ(control.view().state, WebState::over);
    EXPECT_TRUE(control.order({.level = 200}));
}

TEST(WebControl, StoppingWhatHasNotBegunTakesItBack) {
    WebControl control(closed());
    ASSERT_TRUE(control.order({.level = 20}));
    control.stop();
    EXPECT_FALSE(control.take());
    EXPECT_FALSE(control.is_to_stop());
}

TEST(WebControl, WhatIsToldKeepsStateAndOrder) {
    WebControl control(closed());
    ASSERT_TRUE(control.order({.level = 20}));
    control.take();
    control.stop();
    control.told({.report = {}, .users = 7, .problem = {}});
    EXPECT_EQ(control.view().state, WebState::stopping);
    EXPECT_EQ(control.view().order.level, 20);
    EXPECT_EQ(control.view().users, 7U);
}

TEST(WebControl, PlansRiseThenStay) {
    const auto plan = WebControl::plan_of(open(), {.level = 100, .rise_s = 5, .for_s = 20});
    EXPECT_EQ(plan.duration(), 20s);
    EXPECT_DOUBLE_EQ(plan.level_at(2500ms), 50);
    EXPECT_DOUBLE_EQ(plan.level_at(6s), 100);
    const auto cut = WebControl::plan_of(open(), {.level = 100, .rise_s = 20, .for_s = 10});
    EXPECT_EQ(cut.duration(), 10s);
    EXPECT_DOUBLE_EQ(cut.highest_level(), 50);
    EXPECT_GT(WebControl::plan_of(open(), {.level = 1}).duration(), 24h);
}

}  // namespace
}  // namespace brio::load
