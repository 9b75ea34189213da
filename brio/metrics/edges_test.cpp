#include <brio/base/random.hpp>
#include <brio/metrics/edges.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;
using testing::Contains;

namespace brio::metrics {

namespace {
std::size_t by_search(const Edges& edges, std::uint64_t ns) {
    const auto all = edges.nanoseconds();
    return static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), ns) - all.begin());
}
}  // namespace

TEST(Edges, HoldTheGuidesGoalsExactly) {
    const Edges edges;
    EXPECT_THAT(edges.nanoseconds(), Contains(100'000'000u));
    EXPECT_THAT(edges.nanoseconds(), Contains(200'000'000u));
    EXPECT_THAT(edges.nanoseconds(), Contains(5'000'000'000u));
    EXPECT_EQ(edges.nanoseconds().front(), 50'000u);
    EXPECT_EQ(edges.nanoseconds().back(), 60'000'000'000u);
    EXPECT_EQ(edges.size(), 31u);
}

TEST(Edges, AddEachGoalOnce) {
    const std::chrono::nanoseconds goals[] = {200ms, 150ms, 150ms, 90s};
    const Edges edges(goals);
    EXPECT_EQ(edges.size(), 33u);
    EXPECT_TRUE(std::is_sorted(edges.nanoseconds().begin(), edges.nanoseconds().end()));
    EXPECT_THAT(edges.nanoseconds(), Contains(150'000'000u));
    EXPECT_EQ(edges.nanoseconds().back(), 90'000'000'000u);
}

TEST(Edges, AnEdgeIsInsideItsBucket) {
    const Edges edges;
    for (std::size_t i = 0; i < edges.size(); ++i) {
        EXPECT_EQ(edges.bucket(edges.nanoseconds()[i]), i);
        EXPECT_EQ(edges.bucket(edges.nanoseconds()[i] - 1), i);
        EXPECT_EQ(edges.bucket(edges.nanoseconds()[i] + 1), i + 1);
    }
}

TEST(Edges, BucketsAreThoseOfASearch) {
    const std::chrono::nanoseconds goals[] = {1ns,  7ns,   8ns,         9ns,   15ns, 16ns,
                                              17ns, 200ms, 200ms + 1ns, 201ms, 1h};
    const Edges edges(goals);
    Random random(3);
    for (std::uint64_t ns = 0; ns < 300; ++ns) {
        ASSERT_EQ(edges.bucket(ns), by_search(edges, ns)) << ns;
    }
    for (int i = 0; i < 200'000; ++i) {
        const std::uint64_t ns = random() >> random.below(64);
        ASSERT_EQ(edges.bucket(ns), by_search(edges, ns)) << ns;
    }
    EXPECT_EQ(edges.bucket(UINT64_MAX), edges.size());
}

TEST(Edges, RefuseGoalsThatCannotBe) {
    const std::chrono::nanoseconds none[] = {0ns};
    EXPECT_THROW(Edges{none}, std::invalid_argument);
    std::vector<std::chrono::nanoseconds> many;
    for (int i = 0; i < 40; ++i) {
        many.push_back(1ms + std::chrono::nanoseconds(i + 1));
    }
    EXPECT_THROW(Edges{many}, std::invalid_argument);
    many.resize(Edges::most - Edges().size());
    EXPECT_EQ(Edges(many).size(), Edges::most);
}

}  // namespace brio::metrics
