#include <brio/load/report_html.hpp>

#include <gtest/gtest.h>

#include <brio/load/report_harness.hpp>

namespace brio::load {
namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(ReportHtml, HasTheVerdictOnTopAndChartsBelow) {
    auto const html = write_html(sample_report());
    auto const verdict = html.find("1 goal missed");
    ASSERT_NE(verdict, std::string::npos);
    EXPECT_LT(verdict, html.find("<svg"));
    EXPECT_TRUE(has(html, "<td>p95&lt;4ms</td><td>missed</td>"));
    EXPECT_TRUE(has(html, "PUT /api/resources/{id}"));
    EXPECT_TRUE(has(html, "0.84 cores"));
    EXPECT_FALSE(has(html, "nan"));
    EXPECT_TRUE(has(html, "http://127.0.0.1:8080/,"));
    EXPECT_FALSE(has(html, "secret"));
}

TEST(ReportHtml, NeedsNothingElseAndEscapesWhatItShows) {
    auto report = sample_report();
    report.outcome.plan.scenario = "<script>alert(1)</script>";
    auto const html = write_html(report);
    EXPECT_FALSE(has(html, "<script"));
    EXPECT_FALSE(has(html, "src="));
    EXPECT_FALSE(has(html, "<link"));
    EXPECT_TRUE(has(html, "has items &lt;first&gt;"));
}

TEST(ReportHtml, ShowsLimitAndComparison) {
    auto report = sample_report();
    report.limit = LimitReport{.range = {.rate = 1'000, .low = 950, .high = 1'050},
                               .trials = {{.rate = 500, .standing = TrialStanding::held, .p99_ms = 5},
                                          {.rate = 1'200, .standing = TrialStanding::missed, .p99_ms = 500}},
                               .cause = Cause{.words = "the pool is small",
                                              .growth = {{.phase = "pool", .share = 0.8, .after_ms = 9}}}};
    EarlierRun const same{.file = "last.json", .load = "x", .blocks = report.blocks};
    report.comparison = compare(std::span(&same, 1), same);
    auto const html = write_html(report);
    EXPECT_TRUE(has(html, "holds to 1,000 ± 50/s; then the pool is small"));
    EXPECT_TRUE(has(html, "<circle"));
    EXPECT_TRUE(has(html, "cannot tell below"));
}

TEST(ReportHtml, OfNothingIsAPageToo) {
    auto const html = write_html({.outcome = {.plan = {.stages = {{}}}}});
    EXPECT_TRUE(has(html, "nothing was counted"));
    EXPECT_TRUE(has(html, "</html>"));
}

}  // namespace
}  // namespace brio::load
