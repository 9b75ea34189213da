#include <brio/watch/cpu_profile.hpp>

#include <gtest/gtest.h>

namespace brio::watch {
namespace {

using ledger::Phase;

std::uint64_t ms(std::uint64_t count) { return count * 1'000'000; }

ProfileStack stack(std::vector<std::string> frames, std::uint64_t ns, bool is_wait = false) {
    return {.frames = std::move(frames), .ns = ns, .samples = 1, .is_wait = is_wait};
}

CpuProfile profile_of(std::vector<ProfileStack> stacks) {
    CpuProfile profile;
    profile.stacks = std::move(stacks);
    return profile;
}

runtime::Sample sample_of(std::string_view name, std::uint64_t cpu_ns, Phase phase) {
    runtime::Sample sample;
    sample.unit = 1;
    sample.name = name;
    sample.cpu_ns = cpu_ns;
    sample.phase = static_cast<std::uint8_t>(phase);
    return sample;
}

TEST(CpuProfile, RowsCountARecursiveFunctionOnce) {
    const auto rows = profile_of({stack({"/a", "f", "g", "f"}, 5), stack({"/a", "f"}, 2)}).rows(10);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].function, "f");
    EXPECT_EQ(rows[0].cumulative_ns, 7U);
    EXPECT_EQ(rows[0].self_ns, 7U);
    EXPECT_EQ(rows[1].function, "g");
    EXPECT_EQ(rows[1].cumulative_ns, 5U);
    EXPECT_EQ(rows[1].self_ns, 0U);
}

TEST(CpuProfile, AFunctionIsARowOfEachRouteThatCallsIt) {
    const auto profile =
        profile_of({stack({"/a", "f"}, 5), stack({"/b", "f"}, 6), stack({"/a", "[wait] db"}, 9, true)});
    EXPECT_EQ(profile.rows(10).size(), 2U);
    EXPECT_EQ(profile.rows(1)[0].name, "/b");
    EXPECT_EQ(profile.of("/a").cpu_ns, 5U);
    EXPECT_EQ(profile.of("/a").wait_ns, 9U);
}

TEST(CpuProfile, CollapsedIsALineAStackInMicroseconds) {
    EXPECT_EQ(collapsed(profile_of({stack({"/a", "f"}, 7'000'999), stack({"/a", "g"}, 1)})),
              "/a;f 7000\n/a;g 1\n");
}

TEST(CpuProfile, SpeedscopeSharesFramesAndTellsWaitsApart) {
    const auto text =
        speedscope(profile_of({stack({"/a", "f"}, 5), stack({"/a", "[wait] db"}, 9, true)}), "shop");
    EXPECT_NE(text.find(R"("shared":{"frames":[{"name":"/a"},{"name":"f"},{"name":"[wait] db"}]})"),
              text.npos)
        << text;
    EXPECT_NE(text.find(R"("startValue":0,"endValue":5,"samples":[[0,1]],"weights":[5])"), text.npos) << text;
    EXPECT_NE(text.find(R"("endValue":14,"samples":[[0,1],[0,2]],"weights":[5,9])"), text.npos) << text;
}

TEST(CpuProfile, TheFlameTreeHasTheLargestChildFirst) {
    EXPECT_EQ(flame_tree(profile_of({stack({"/a", "f"}, ms(1)), stack({"/a", "g"}, ms(3))})),
              R"({"name":"all","ms":4,"self_ms":0,"samples":2,"wait":false,"children":[)"
              R"({"name":"/a","ms":4,"self_ms":0,"samples":2,"wait":false,"children":[)"
              R"({"name":"g","ms":3,"self_ms":3,"samples":1,"wait":false,"children":[]},)"
              R"({"name":"f","ms":1,"self_ms":1,"samples":1,"wait":false,"children":[]}]}]})");
}

TEST(CpuProfileBuilder, AWaitIsWhatAPhaseTookBesideItsProcessorTime) {
    CpuProfileBuilder builder;
    builder.add(sample_of("/a", ms(30), Phase::db));
    builder.add(sample_of("/a", ms(9), Phase::handler));
    PhasesByName before;
    PhasesByName after;
    before["/a"][static_cast<std::size_t>(Phase::db)] = ms(100);
    after["/a"][static_cast<std::size_t>(Phase::db)] = ms(180);
    after["/a"][static_cast<std::size_t>(Phase::handler)] = ms(9);
    after["/a"][static_cast<std::size_t>(Phase::serialise)] = ms(50);
    builder.add_waits(before, after);
    Symbols symbols;
    const auto profile = builder.build(symbols);
    EXPECT_EQ(profile.cpu_ns, ms(39));
    EXPECT_EQ(profile.wait_ns, ms(50));
    EXPECT_EQ(profile.stacks.front().frames, (std::vector<std::string>{"/a", "[wait] db"}));
    EXPECT_TRUE(profile.stacks.front().is_wait);
}

TEST(CpuProfileBuilder, WhoWaitsForACoroutineStandsOutsideOfIt) {
    auto sample = sample_of("/a", 1, Phase::handler);
    sample.frames = {8, 16};
    sample.frame_count = 2;
    sample.callers = {24, 32};
    sample.caller_count = 2;
    CpuProfileBuilder builder;
    builder.add(sample);
    sample.unit = 0;
    builder.add(sample);
    Symbols symbols;
    const auto profile = builder.build(symbols);
    ASSERT_EQ(profile.stacks.size(), 2U);
    EXPECT_EQ(profile.stacks[0].frames.size(), 5U);
    EXPECT_NE(collapsed(profile).find("[thread] /a;"), std::string::npos);
}

TEST(CpuProfileBuilder, WhatIsMoreThanItsMostStacksIsCountedWithoutItsFunctions) {
    CpuProfileBuilder builder;
    auto sample = sample_of("/a", 1, Phase::handler);
    sample.frame_count = 1;
    for (std::size_t i = 0; i < CpuProfileBuilder::most_stacks + 10; ++i) {
        sample.frames[0] = i;
        builder.add(sample);
    }
    Symbols symbols;
    const auto profile = builder.build(symbols);
    EXPECT_EQ(profile.samples, CpuProfileBuilder::most_stacks + 10);
    const auto others = std::ranges::find_if(
        profile.stacks, [](const ProfileStack& each) { return each.frames.back() == "[others]"; });
    ASSERT_NE(others, profile.stacks.end());
    EXPECT_EQ(others->samples, 10U);
}

}  // namespace
}  // namespace brio::watch
