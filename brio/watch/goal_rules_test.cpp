#include <brio/watch/goal_rules.hpp>

#include <gtest/gtest.h>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;

const GoalRules rules{
    .goals = {.api = 200ms},
    .requests = {{"GET /strict", {.limit = 50ms, .share = 0.999}}, {"GET /rare", {.share = 0.9}}},
    .queries = {{"resources by id", {.limit = 5ms}}},
    .tasks = {{"mail", {.limit = 30s}}}};

TEST(GoalRules, WhatIsOnesOwnComesBeforeTheProgramsGoal) {
    EXPECT_EQ(rules.limit_of(Scope::request, "GET /strict"), 50ms);
    EXPECT_EQ(rules.share_of(Scope::request, "GET /strict"), 0.999);
    EXPECT_EQ(rules.limit_of(Scope::query, "resources by id"), 5ms);
    EXPECT_EQ(rules.limit_of(Scope::task, "mail"), 30s);
    EXPECT_EQ(rules.limit_of(Scope::request, "GET /other"), 200ms);
    EXPECT_EQ(rules.share_of(Scope::request, "GET /other"), 0.99);
}

TEST(GoalRules, WhatIsNotSaidOfItIsTheProgramsToo) {
    EXPECT_EQ(rules.limit_of(Scope::request, "GET /rare"), 200ms);
    EXPECT_EQ(rules.share_of(Scope::request, "GET /rare"), 0.9);
    EXPECT_EQ(rules.share_of(Scope::query, "resources by id"), 0.99);
}

TEST(GoalRules, HistogramsGetAnEdgeAtEachLimitOnce) {
    EXPECT_EQ(rules.edges(), (std::vector<std::chrono::nanoseconds>{5ms, 50ms, 100ms, 200ms, 5s, 30s}));
}

TEST(OwnGoal, IsSoundWithAShareUnderOne) {
    EXPECT_TRUE((OwnGoal{.limit = 1ms, .share = 0.5}).is_sound());
    EXPECT_FALSE((OwnGoal{.limit = 1ms, .share = 1}).is_sound());
    EXPECT_FALSE((OwnGoal{.limit = -1ms}).is_sound());
}

}  // namespace
}  // namespace brio::watch
