#include <brio/watch/goal_history.hpp>

#include <gtest/gtest.h>

#include <filesystem>

#include <brio/base/temporary_folder.hpp>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;

KeptHistory some() {
    KeptHistory history{.goals = std::vector<KeptGoal>(2), .lines = {}};
    auto& goals = history.goals;
    goals[0] = {.scope = "request", .name = "GET /api/resources", .counts = {}};
    goals[0].counts.add(1'000'000s, {.good = 5, .total = 7});
    goals[1] = {.scope = "task", .name = "a", .counts = {}};
    goals[1].counts.add(2'000'000s, {.good = 1, .total = 1});
    history.lines.push_back({.of = "resources",
                             .name = "",
                             .figure = "cpu",
                             .unit = "percent",
                             .fold = Fold::most,
                             .steps = {.latest = 7, .folded = 3, .values = {1, 2.5}}});
    return history;
}

TEST(GoalHistory, WhatIsWrittenIsRead) {
    const auto read = read_history(write_history(some()));
    ASSERT_TRUE(read);
    ASSERT_EQ(read->goals.size(), 2u);
    EXPECT_EQ(read->goals.front().name, "GET /api/resources");
    EXPECT_EQ(read->goals.front().counts.within(Window::hour, 1'000'000s), (Counted{5, 7}));
    EXPECT_EQ(read->goals.back().scope, "task");
    EXPECT_EQ(read->goals.back().counts.within(Window::hour, 2'000'000s), (Counted{1, 1}));
    ASSERT_EQ(read->lines.size(), 1u);
    EXPECT_EQ(read->lines[0].figure, "cpu");
    EXPECT_EQ(read->lines[0].fold, Fold::most);
    EXPECT_EQ(read->lines[0].steps.latest, 7);
    EXPECT_EQ(read->lines[0].steps.folded, 3u);
    EXPECT_EQ(read->lines[0].steps.values, (std::vector<float>{1, 2.5}));
}

TEST(GoalHistory, WhatIsNotWholeIsNotRead) {
    const auto whole = write_history(some());
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        EXPECT_FALSE(read_history(std::string_view(whole).substr(0, size)));
    }
    for (std::size_t i = 0; i < whole.size(); i += 11) {
        auto changed = whole;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(read_history(changed)) << i;
    }
    EXPECT_FALSE(read_history(whole + "x"));
}

TEST(GoalHistory, ThereAreAtMostSoMany) {
    KeptHistory many{.goals = std::vector<KeptGoal>(most_goals + 5),
                     .lines = std::vector<KeptLine>(most_kept_lines + 5)};
    for (KeptLine& each : many.lines) {
        each.steps.values.assign(steps_of(Span::two_weeks), 1);
    }
    const auto bytes = write_history(many);
    EXPECT_LT(bytes.size(), most_goals * 2200 + most_kept_lines * 1500);
    EXPECT_EQ(read_history(bytes)->goals.size(), most_goals);
    EXPECT_EQ(read_history(bytes)->lines.size(), most_kept_lines);
}

TEST(GoalHistory, AFileIsReplacedWhole) {
    const TemporaryFolder folder;
    const auto path = folder.file("goals");
    EXPECT_FALSE(read_file(path));
    EXPECT_TRUE(replace_file(path, "first"));
    EXPECT_TRUE(replace_file(path, std::string(200'000, 'x')));
    EXPECT_EQ(read_file(path), std::string(200'000, 'x'));
    EXPECT_FALSE(replace_file(folder.file("no/such/folder"), "x"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(WindowCounts, WhatAWrongClockCountedIsForgotten) {
    WindowCounts counts;
    counts.add(9'000'000s, {1, 1});
    counts.forget_later_than(9'000'000s);
    EXPECT_EQ(counts.within(Window::hour, 9'000'000s), (Counted{1, 1}));
    counts.forget_later_than(1'000'000s);
    EXPECT_EQ(counts.within(Window::three_days, 1'000'000s), Counted{});
}

}  // namespace
}  // namespace brio::watch
