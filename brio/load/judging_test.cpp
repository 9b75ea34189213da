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

/// Whether a run of a minute with 100 arrivals a second, of tasks of ten requests, goes on.
bool goes_on_with(std::size_t users, std::uint64_t begun, int requests, std::string_view goal) {
    Plan const plan{.model = Model::open, .stages = {{60s, 100, 100}}};
    JudgingWords const words{.aborts = true};
    Observation observation(plan, words, {parse_threshold(goal).value()}, true);
    Record record;
    record.started = begun;
    auto const id = record.id_of("GET", "/");
    for (int i = 0; i < requests; ++i) {
        record.answer({.id = id, .status = 200});
    }
    auto const at = std::chrono::seconds(begun / 100);
    return observation.look({.at = at, .since_last = record, .so_far = record, .users = users});
}

TEST(LoadObservation, ARateIsNotLostWhileTasksOfSeveralSlowRequestsHaveNotEnded) {
    EXPECT_TRUE(goes_on_with(200, 200, 100, "rps>500"));      // not one, and each ends in eight seconds
    EXPECT_TRUE(goes_on_with(900, 1'000, 5'000, "rps>500"));  // a tenth of them
    EXPECT_FALSE(goes_on_with(10, 1'000, 990, "rps>500"));    // they are of one request
}

}  // namespace
}  // namespace brio::load
