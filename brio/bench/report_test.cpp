#include <brio/bench/report.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/json/read.hpp>

namespace brio::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct ReadCase {
    static constexpr bool open_object = true;
    std::string request;
    bool passes;
    std::map<std::string, double> phases_ns;
};
struct Read {
    static constexpr bool open_object = true;
    std::string program;
    std::vector<ReadCase> cases;
};

CaseResult good() {
    CaseResult result{.request = "GET /a",
                      .goal_ms = 200,
                      .share = 0.99,
                      .counts = {.statements = 2, .bytes = 9012, .allocations = 1, .system_calls = 3},
                      .warm = Figures{.requests = 12'000,
                                      .p50_ms = 0.021,
                                      .p95_ms = 0.025,
                                      .p99_ms = 0.041,
                                      .max_ms = 1,
                                      .within = 1},
                      .cold = Figures{.requests = 5, .p50_ms = 1.3, .max_ms = 2.1}};
    result.phases[static_cast<std::size_t>(ledger::Phase::db)] = 12'100;
    result.phases[static_cast<std::size_t>(ledger::Phase::write)] = 900;
    return result;
}

TEST(BenchReport, ReadsWell) {
    auto result = good();
    judge(result, {.statements = 2});
    EXPECT_EQ(text_of(Report{.cases = {result}}),
              "ok    GET /a\n"
              "  warm     p50 21.0us, p95 25.0us, p99 41.0us of 12,000; 100 % within the goal of 200ms\n"
              "  cold     p50 1.30ms, slowest 2.10ms of 5 processes' first requests\n"
              "  phases   db 12.1us, write 900ns\n"
              "  counts   2 statements, 1 allocation, 3 system calls, 9,012 bytes\n"
              "all 1 pass\n");
}

TEST(BenchReport, JunitHasATestForEachRequest) {
    auto slow = good();
    slow.request = "GET /<b>";
    judge(slow, {.statements = 1});
    auto const xml = junit_of(Report{.program = "shop", .cases = {good(), slow}, .passes = false});
    EXPECT_THAT(xml, HasSubstr(R"(<testsuite name="shop" tests="2" failures="1")"));
    EXPECT_THAT(xml, HasSubstr(R"(classname="shop.request" name="GET /a" time="0.000041")"));
    EXPECT_THAT(xml, HasSubstr(R"(name="GET /&lt;b&gt;")"));
    EXPECT_THAT(xml, HasSubstr(R"(message="statements: 2, the budget is 1")"));
}

TEST(BenchReport, AShareThatIsMissedByLittleDoesNotReadAsWhole) {
    auto result = good();
    result.warm->within = 0.99996;
    result.share = 0.99999;
    judge(result, {});
    EXPECT_THAT(result.faults, ElementsAre("the goal is missed: 99.996 % within 200ms; asked are 99.999 %"));
}

TEST(BenchReport, AMissedGoalAndABudgetAreFaults) {
    auto result = good();
    result.warm->within = 0.985;
    judge(result, {.statements = 1, .p99_ms = 1});
    EXPECT_THAT(result.faults, ElementsAre("the goal is missed: 98.5 % within 200ms; asked are 99 %",
                                           "statements: 2, the budget is 1"));
    auto const text = text_of(Report{.cases = {result}});
    EXPECT_THAT(text, HasSubstr("FAILS GET /a\n"));
    EXPECT_THAT(text, HasSubstr("  FAULT    statements: 2, the budget is 1\n"));
    EXPECT_THAT(text, HasSubstr("1 of 1 do not pass\n"));
}

TEST(BenchReport, SlowerThanBeforeIsAFaultThatItsPhasesExplain) {
    auto result = good();
    result.against =
        Against{.times = {.verdict = Verdict::slower, .ratio = 1.1, .low = 1.09, .high = 1.12, .floor = 0.01},
                .phases_before = {},
                .counts_before = {.statements = 1, .bytes = 9000, .allocations = 1, .system_calls = 4}};
    judge(result, {});
    EXPECT_THAT(result.faults,
                ElementsAre("it is slower than before", "more statements than before: 2, it was 1"));
    auto const text = text_of(Report{.cases = {result}});
    EXPECT_THAT(text, HasSubstr("10.0 % slower (9.0 to 12.0 %; noise 1.0 %): +13.00 us: db +12.10 us\n"));
    EXPECT_THAT(text, HasSubstr("statements 1 -> 2, bytes 9,000 -> 9,012, system calls 4 -> 3\n"));
}

TEST(BenchReport, WhatCannotBeToldIsNoFault) {
    auto result = good();
    result.against = Against{.times = {.ratio = 1.02, .floor = 0.04}, .counts_before = result.counts};
    judge(result, {});
    EXPECT_THAT(result.faults, IsEmpty());
    EXPECT_THAT(text_of(Report{.cases = {result}}),
                HasSubstr("against  cannot tell below 4.0 % here (+2.0 % measured)\n"));
}

TEST(BenchReport, CountsAloneNeedNoTimes) {
    auto result = good();
    result.warm = result.cold = std::nullopt;
    result.counts.system_calls = std::nullopt;
    judge(result, {.system_calls = 3});
    EXPECT_THAT(result.faults, IsEmpty());
    auto const text = text_of(Report{.cases = {result}});
    EXPECT_THAT(text, Not(HasSubstr("warm")));
    EXPECT_THAT(text, HasSubstr("the budget of system_calls is not judged"));
}

TEST(BenchReport, AsJsonItHasAllFigures) {
    auto const read = json::read<Read>(json_of(Report{.program = "shop", .cases = {good()}}));
    ASSERT_TRUE(read) << json::describe(read.error());
    EXPECT_EQ(read->cases.at(0).phases_ns.at("db"), 12'100);
}

}  // namespace
}  // namespace brio::bench
