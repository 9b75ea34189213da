// That the rules are Prometheus' and fire as they should is tested with promtool and Prometheus itself
// (tests/service/prometheus_test.py).
#include <brio/watch/prometheus_rules.hpp>

#include <gmock/gmock.h>

namespace brio::watch {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

std::string rules_of(const GoalRules& rules, bool has_tasks = false) {
    return prometheus_rules(rules, {.program = "shop", .has_tasks = has_tasks});
}

TEST(PrometheusRules, ChangeOneNumberAndTheRulesFollow) {
    EXPECT_THAT(rules_of({.goals = {.api = 200ms}}),
                HasSubstr(R"(_bucket{endpoint!="unmatched",status!~"5..",le="0.2"}[1h])"));
    EXPECT_THAT(rules_of({.goals = {.api = 123ms}}), HasSubstr(R"(le="0.123"}[1h])"));
    EXPECT_THAT(rules_of({.goals = {.cpu_percent = 55}}), HasSubstr("(cpu_usage_percent > bool 55)[5m:15s]"));
    EXPECT_THAT(rules_of({.goals = {.share = 0.999}}), HasSubstr(") / 0.001\n        and"));
}

TEST(PrometheusRules, WholeSecondsMatchBothFormats) {
    EXPECT_THAT(rules_of({.goals = {.task = 5s}}, true), HasSubstr(R"(le=~"5([.]0)?"}[5m])"));
    EXPECT_THAT(rules_of({.goals = {.task = 5s}}), Not(HasSubstr("task_duration_seconds")));
}

TEST(PrometheusRules, WhatHasItsOwnGoalHasItsOwnRuleAndIsNotJudgedByTheOthers) {
    const auto text = rules_of({.requests = {{"GET /a/{id}", {.limit = 50ms, .share = 0.9}}},
                                .queries = {{"users \"by\" id", {.limit = 5ms}}}});
    EXPECT_THAT(text, HasSubstr(R"({method="GET",endpoint="/a/{id}",status!~"5..",le="0.05"}[6h])"));
    EXPECT_THAT(text, HasSubstr(R"(          unless on (method, endpoint) (
            http_request_duration_seconds_count{method="GET",endpoint="/a/{id}"}
          ))"));
    EXPECT_THAT(text, HasSubstr(R"(goal:total:1h{scope="request",goal!="GET /a/{id}"} >= 100)"));
    EXPECT_THAT(text, HasSubstr(R"(goal:total:1h{scope="request",goal="GET /a/{id}"} >= 10)"));
    EXPECT_THAT(text, HasSubstr(R"(_bucket{query="users \"by\" id",le="0.005"}[3d])"));
}

TEST(PrometheusRules, ConnectionsAreJudgedWhereTheyAreBounded) {
    EXPECT_THAT(rules_of({}), Not(HasSubstr("db_pool_max")));
    EXPECT_THAT(prometheus_rules({}, {.program = "shop", .has_pool = true}),
                HasSubstr("db_pool_max > bool 80"));
}

}  // namespace
}  // namespace brio::watch
