#include <brio/ledger/blame.hpp>

#include <gtest/gtest.h>

namespace brio::ledger {
namespace {

PhaseSums sums(std::uint64_t count, std::initializer_list<std::pair<Phase, std::uint64_t>> ms) {
    PhaseSums made{.count = count};
    for (const auto& [phase, each] : ms) {
        made.ns[static_cast<std::size_t>(phase)] = each * 1'000'000 * count;
    }
    return made;
}

TEST(Blame, NothingOverBlamesNobody) { EXPECT_TRUE(blame(sums(100, {{Phase::db, 5}}), {}).empty()); }

TEST(Blame, WhatGrewInWorkOverTheGoalIsToBlame) {
    const auto over = sums(10, {{Phase::pool, 171}, {Phase::db, 60}, {Phase::handler, 2}});
    auto all = sums(90, {{Phase::pool, 1}, {Phase::db, 10}, {Phase::handler, 2}});
    all += over;
    const auto found = blame(all, over);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].phase, Phase::pool);
    EXPECT_NEAR(found[0].share, 170.0 / 220, 1e-9);
    EXPECT_NEAR(found[0].over_ms, 171, 1e-9);
    EXPECT_NEAR(found[0].inside_ms, 1, 1e-9);
    EXPECT_EQ(found[1].phase, Phase::db);
    EXPECT_NEAR(found[0].share + found[1].share, 1, 1e-9);
}

TEST(Blame, WhereNothingWasInsideTheWholeTimeCounts) {
    const auto over = sums(3, {{Phase::offload, 300}, {Phase::run, 100}});
    const auto found = blame(over, over);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].phase, Phase::offload);
    EXPECT_NEAR(found[0].share, 0.75, 1e-9);
}

TEST(Blame, WhatWasAddedBetweenTwoReadingsIsNotInside) {
    const auto all = sums(2, {{Phase::db, 300}});
    const auto over = sums(3, {{Phase::db, 300}});  // read a moment later
    const auto inside = all - over;
    EXPECT_EQ(inside.count, 0u);
    EXPECT_EQ(inside.ns[static_cast<std::size_t>(Phase::db)], 0u);
    ASSERT_EQ(blame(all, over).size(), 1u);
    EXPECT_NEAR(blame(all, over)[0].over_ms, 300, 1e-9);
}

}  // namespace
}  // namespace brio::ledger
