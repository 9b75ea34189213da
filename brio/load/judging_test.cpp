#include <brio/load/judging.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

using namespace std::chrono_literals;

/// Whether a run with such requests after ten seconds goes on.
bool goes_on(std::vector<Stage> stages, int good, int bad, std::string_view goal = "error_rate<1%") {
    Plan const plan{.stages = std::move(stages)};
    JudgingWords const words{.aborts = true};
    Observation observation(plan, words, {parse_threshold(goal).value()}, true);
    Record record;
    auto const id = record.id_of("GET", "/");
    for (int i = 0; i < good + bad; ++i) {
        auto const is_bad = i < bad;
        record.answer({.id = id, .status = is_bad ? 500 : 200, .is_failure = is_bad});
    }
    auto const is_on = observation.look({.at = 10s, .since_last = record, .so_far = record, .users = 1});
    EXPECT_EQ(is_on, observation.lost().empty());
    return is_on;
}

TEST(LoadObservation, ARunEndsOnceItsGoalIsLost) {
    EXPECT_TRUE(goes_on({{20s, 1, 1}}, 98, 2));
    EXPECT_FALSE(goes_on({{20s, 1, 1}}, 96, 4));
}

TEST(LoadObservation, ARateIsNotLostWhileHardlyAnyRequestHasEnded) {
    EXPECT_TRUE(goes_on({{60s, 1, 1}}, 0, 0, "rps>1"));
    EXPECT_FALSE(goes_on({{60s, 1, 1}}, 0, 0, "rps>10"));
}

TEST(LoadObservation, UsersThatAreStillToComeCanMendIt) {
    EXPECT_TRUE(goes_on({{10s, 1, 1}, {10s, 100, 100}}, 96, 4));
    EXPECT_FALSE(goes_on({{10s, 1, 1}, {10s, 0, 0}}, 98, 2));
}

}  // namespace
}  // namespace brio::load
