#include <brio/load/report_junit.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <brio/load/report_harness.hpp>

namespace brio::load {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

TEST(Junit, HasATestForEachGoalAndCheck) {
    auto const xml = write_junit(sample_report());
    EXPECT_THAT(xml, HasSubstr(R"(<testsuite name="ApiUser" tests="4" failures="1" errors="0" skipped="0")"));
    EXPECT_EQ(count(xml, "<testcase "), 4U);
    EXPECT_THAT(xml, HasSubstr(R"(classname="ApiUser.goal" name="p99&lt;200ms")"));
    EXPECT_THAT(xml, HasSubstr(R"(classname="ApiUser.check" name="has items &lt;first&gt;")"));
    EXPECT_THAT(xml, HasSubstr(R"(<failure type="missed" message="p95 is )"));
    EXPECT_THAT(xml, HasSubstr(R"(<property name="target" value="http://127.0.0.1:8080/"/>)")) << "no token";
}

TEST(Junit, TheTimeOfALatencyGoalIsTheLatency) {
    auto report = sample_report();
    report.verdict.goals.resize(1);
    report.verdict.goals[0].measured = 42'100'000;
    EXPECT_THAT(write_junit(report), HasSubstr(R"(name="p99&lt;200ms" time="0.042100")"));
}

TEST(Junit, ACheckFailsOnlyWithAGoalOnChecks) {
    auto report = sample_report();
    report.verdict.goals.clear();
    report.outcome.record.check(0, "is quick", false, false, std::chrono::seconds(1));
    EXPECT_THAT(write_junit(report), HasSubstr(R"(failures="0")"));
    Threshold const goals[] = {parse_threshold("checks>99%").value()};
    report.verdict = judge(goals, report.outcome.record, 20);
    auto const xml = write_junit(report);
    EXPECT_THAT(xml, HasSubstr(R"(failures="2")")) << "the goal and the check that lost it";
    EXPECT_THAT(xml, HasSubstr("passed for 0 % of 1"));
}

TEST(Junit, NothingBreaksTheXml) {
    auto report = sample_report();
    report.outcome.plan.scenario = "a\"<&>\x01\x1b]\xff";
    auto const xml = write_junit(report);
    EXPECT_THAT(xml, HasSubstr("a&quot;&lt;&amp;&gt;  ]\ufffd"));
    EXPECT_THAT(xml, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace brio::load
