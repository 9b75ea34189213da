#include <brio/app/profile_routes.hpp>

#include <gtest/gtest.h>

#include <brio/runtime/profile.hpp>

namespace brio::app {
namespace {

FinishedProfile finished() {
    FinishedProfile made{.state = {.id = 3, .state = "done", .seconds = 10, .hz = 99}, .profile = {}};
    made.profile.samples = 4;
    made.profile.cpu_ns = 40'000'000;
    made.profile.wait_ns = 90'000'000;
    made.profile.stacks = {
        {.frames = {"/b", "[wait] db"}, .ns = 90'000'000, .is_wait = true},
        {.frames = {"/a", "parse", "read"}, .ns = 30'000'000, .samples = 3},
        {.frames = {"/b", "parse"}, .ns = 10'000'000, .samples = 1},
    };
    made.spent_ns = 20'000;
    return made;
}

TEST(ProfileReport, SumsByNameAndStatesWhatSamplingCost) {
    const auto report = report_profile(finished(), "shop", std::nullopt);
    ASSERT_EQ(report.names.size(), 2U);
    EXPECT_EQ(report.names[0].name, "/b");
    EXPECT_DOUBLE_EQ(report.names[0].wait_ms, 90);
    EXPECT_DOUBLE_EQ(report.names[0].cpu_ms, 10);
    EXPECT_DOUBLE_EQ(report.overhead.share, 0.0005);
    EXPECT_EQ(report.overhead.words, "taking 4 samples took 0.05 % of the processor time seen");
    ASSERT_EQ(report.functions.size(), 3U);
    EXPECT_EQ(report.functions[0].function, "parse");
    EXPECT_DOUBLE_EQ(report.functions[0].cumulative_ms, 30);
    EXPECT_DOUBLE_EQ(report.functions[0].self_ms, 0);
    EXPECT_DOUBLE_EQ(report.functions[0].share, 0.75);
}

TEST(ProfileReport, ATableHasEachNameAndFunction) {
    const auto table = write_profile_table(report_profile(finished(), "shop", std::nullopt));
    EXPECT_NE(table.find("10.0    90.0       /b"), table.npos) << table;
    EXPECT_NE(table.find("30.0  30.0  /a  read"), table.npos) << table;
}

TEST(ProfileReport, OfOneNameHasOnlyItsStacksAndStillAllNames) {
    const auto report = report_profile(finished(), "shop", "/a");
    EXPECT_EQ(report.names.size(), 2U);
    EXPECT_EQ(report.functions.size(), 2U);
    EXPECT_EQ(report.tree.text.find("/b"), std::string::npos);
}

TEST(ScopeList, HasEachScopeWithItsTimes) {
    metrics::Registry registry;
    const runtime::ProfileScopes scopes(registry);
    {
        const auto outer = profile("outer");
        const auto inner = profile("inner");
    }
    const auto list = report_scopes(registry);
    ASSERT_EQ(list.scopes.size(), 2U);
    EXPECT_EQ(list.scopes[0].scope, "outer");
    EXPECT_EQ(list.scopes[0].calls, 1U);
    EXPECT_LE(list.scopes[0].self_ms, list.scopes[0].total_ms);
    EXPECT_GT(list.scopes[1].p95_ms, 0);
}

}  // namespace
}  // namespace brio::app
