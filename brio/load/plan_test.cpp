#include <brio/load/outcome.hpp>
#include <brio/load/plan.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

using namespace std::chrono_literals;

Plan ramp() {
    Plan plan;
    plan.model = Model::open;
    plan.stages = {{.duration = 10s, .from = 0, .to = 100}, {.duration = 20s, .from = 100, .to = 100}};
    return plan;
}

TEST(LoadPlan, LevelFollowsTheStages) {
    auto const plan = ramp();
    EXPECT_DOUBLE_EQ(plan.level_at(-5s), 0);
    EXPECT_DOUBLE_EQ(plan.level_at(5s), 50);
    EXPECT_DOUBLE_EQ(plan.level_at(15s), 100);
    EXPECT_DOUBLE_EQ(plan.level_at(100s), 100);
    EXPECT_EQ(plan.duration(), 30s);
    EXPECT_DOUBLE_EQ(plan.highest_level(), 100);
}

TEST(LoadPlan, ArrivalsAreTheAreaUnderTheLevels) {
    auto const plan = ramp();
    EXPECT_DOUBLE_EQ(plan.arrivals_until(5s), 125);
    EXPECT_DOUBLE_EQ(plan.arrivals_until(10s), 500);
    EXPECT_DOUBLE_EQ(plan.arrivals_until(30s), 2500);
    EXPECT_DOUBLE_EQ(plan.arrivals_until(90s), 2500);
}

TEST(LoadPlan, StagesAreReadFromText) {
    auto const stages = parse_stages("0..100@30s,100@2m,..500@5s,100@1m30s");
    ASSERT_TRUE(stages);
    EXPECT_EQ(*stages,
              (std::vector<Stage>{{30s, 0, 100}, {120s, 100, 100}, {5s, 100, 500}, {90s, 100, 100}}));
}

TEST(LoadPlan, StageThatIsNoneIsNamed) {
    for (auto const* text : {"", "100", "@3s", "a@3s", "1..@3s", "5@", "5@3x", "5@3s,", "-1@3s"}) {
        auto const stages = parse_stages(text);
        ASSERT_FALSE(stages) << text;
        EXPECT_NE(stages.error().find("is no "), std::string::npos) << stages.error();
    }
}

TEST(LoadPlan, DurationsAreReadFromText) {
    EXPECT_EQ(parse_duration("90s"), 90s);
    EXPECT_EQ(parse_duration("1m30s"), 90s);
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("1.5h"), 90min);
    EXPECT_EQ(parse_duration("10"), 10s);
    EXPECT_FALSE(parse_duration("10 s"));
    EXPECT_FALSE(parse_duration("1m30"));
    EXPECT_FALSE(parse_duration("s"));
    EXPECT_FALSE(parse_duration("1e300h"));
}

TEST(LoadPlan, PlanWithoutLoadIsRefused) {
    auto plan = ramp();
    EXPECT_EQ(fault_of(plan), "");
    plan.stages = {{.duration = 1s}};
    EXPECT_NE(fault_of(plan), "");
    plan.stages = {{.duration = 1s, .from = 0.4, .to = 0.4}};
    EXPECT_EQ(fault_of(plan), "");  // one arrival in 2.5 s
    plan.model = Model::closed;
    EXPECT_NE(fault_of(plan), "");
    plan.stages = {};
    EXPECT_NE(fault_of(plan), "");
}

TEST(LoadOutcome, GeneratorThatKeepsUpIsNotSaturated) {
    Outcome outcome{.plan = ramp(), .record = {}, .counted = 30s};
    outcome.record.started = 2495;
    outcome.record.lateness(100'000);
    auto const found = saturation_of(outcome);
    EXPECT_FALSE(found.is_saturated) << found.why;
    EXPECT_NEAR(found.asked, 83.3, 0.1);
}

TEST(LoadOutcome, MissingArrivalsAreSaidAloud) {
    Outcome outcome{.plan = ramp(), .record = {}, .counted = 30s};
    outcome.record.started = 2000;
    EXPECT_TRUE(saturation_of(outcome).is_saturated);
    EXPECT_NE(saturation_of(outcome).why.find("only 67 of the 83"), std::string::npos);
}

TEST(LoadOutcome, ArrivalsThatChanceWithholdsAreNoSaturation) {
    Plan const even{.model = Model::open, .stages = {{.duration = 10s, .from = 5, .to = 5}}};
    Outcome outcome{.plan = even, .record = {}, .counted = 10s};
    outcome.record.started = 49;  // the last falls on the end
    EXPECT_EQ(saturation_of(outcome).why, "");
    outcome.plan = {.model = Model::poisson, .stages = {{.duration = 10s, .from = 100, .to = 100}}};
    outcome.record.started = 930;
    EXPECT_EQ(saturation_of(outcome).why, "");
    outcome.record.started = 850;
    EXPECT_TRUE(saturation_of(outcome).is_short);
}

TEST(LoadOutcome, ArrivalsThatFoundNoUserNameTheOption) {
    Outcome outcome{.plan = ramp(), .record = {}, .counted = 30s};
    outcome.record.started = 2000;
    outcome.record.dropped = 500;
    EXPECT_NE(saturation_of(outcome).why.find("--most-users"), std::string::npos);
}

TEST(LoadOutcome, LateSendsAreSaidAloud) {
    Outcome outcome{.plan = ramp(), .record = {}, .counted = 30s};
    outcome.record.started = 2500;
    outcome.record.lateness(50'000'000);
    EXPECT_NE(saturation_of(outcome).why.find("50 ms"), std::string::npos);
}

}  // namespace
}  // namespace brio::load
