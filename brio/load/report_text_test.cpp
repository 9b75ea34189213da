#include <brio/load/report_text.hpp>

#include <gtest/gtest.h>

#include <algorithm>

#include <brio/load/report_harness.hpp>

namespace brio::load {
namespace {

using std::chrono::seconds;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(ReportText, EndsWithTheVerdict) {
    auto const text = report_text(sample_report(), {});
    EXPECT_TRUE(
        text.starts_with("ApiUser, closed, 50 users against http://127.0.0.1:8080/, 20.0 s counted\n"));
    EXPECT_TRUE(has(text, "\nGET /api/resources          3,000"));
    EXPECT_TRUE(has(text, "\nall                         4,000"));
    EXPECT_TRUE(has(text, "server     0.84 cores\n"));
    EXPECT_TRUE(has(text, "MISSED  p95 is "));
    EXPECT_TRUE(text.ends_with("1 of 3 goals missed\n")) << text;
    EXPECT_FALSE(has(text, "\x1b")) << "colour was not asked for";
}

TEST(ReportText, ColourIsForTerminals) {
    EXPECT_TRUE(has(report_text(sample_report(), {.has_colour = true}), "\x1b[31mMISSED"));
}

TEST(ReportText, TheSearchForALimitSaysWhatBreaks) {
    auto report = sample_report();
    report.limit = LimitReport{
        .range = {.rate = 18'400, .low = 17'800, .high = 19'000},
        .cause = Cause{.words = "something takes 71 % of the overrun",
                       .advice = "do this",
                       .growth = {{.phase = "pool", .share = 0.71, .before_ms = 0.1, .after_ms = 30}}}};
    auto const text = report_text(report, {});
    EXPECT_TRUE(
        has(text, "\nholds to 18,400 ± 600/s; then something takes 71 % of the overrun\n  do this\n"));
    EXPECT_TRUE(has(text, "    pool      71 %: 100us to 30.0ms\n")) << text;
}

TEST(ReportText, AComparisonIsListed) {
    auto report = sample_report();
    EarlierRun const same{.file = "last.json", .load = "x", .blocks = report.blocks};
    report.comparison = compare(std::span(&same, 1), same);
    EXPECT_TRUE(has(report_text(report, {}), "\np99 GET /api/resources "));
}

TEST(LiveText, IsBoundedAndNamesFailures) {
    auto const report = sample_report();
    auto const text =
        live_text({.at = seconds(5), .users = 50, .requests_per_second = 1234, .p50_ms = 1.2, .p99_ms = 8.1},
                  report.outcome.plan, report.outcome.record, {});
    EXPECT_TRUE(text.starts_with(
        "[===         ] 5 s of 20 s   50 users   1,234/s   p50 1.20ms   p99 8.10ms   failed "))
        << text;
    EXPECT_TRUE(has(text, "GET /api/resources: status 503\n"));
    Record crowd;
    for (int i = 0; i < 300; ++i) {
        auto const id = crowd.id_of("GET", "/" + std::to_string(i));
        crowd.answer({.id = id, .status = 500 + i % 90, .is_failure = true});
    }
    auto const many = live_text({.at = seconds(5)}, report.outcome.plan, crowd, {});
    EXPECT_LE(std::ranges::count(many, '\n'), static_cast<std::ptrdiff_t>(most_live_lines));
}

TEST(LiveText, NoLineIsWiderThanTheTerminal) {
    Record record;
    auto const id = record.id_of("GET", "/a/" + std::string(80, 'x'));
    record.answer({.id = id, .status = 503, .latency_ns = 1'234'567'890, .is_failure = true});
    auto text = live_text({.at = seconds(5)}, sample_report().outcome.plan, record, {.width = 59});
    ASSERT_TRUE(has(text, "xxx…\n"));
    auto const is_column = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        EXPECT_LE(std::ranges::count_if(text.substr(0, end), is_column), 59) << text.substr(0, end);
        text.erase(0, end + 1);
    }
}

TEST(LiveText, NamesAreCutToTheWidth) {
    Record record;
    record.answer({.id = record.id_of("GET", "/a/" + std::string(300, 'x')), .status = 200});
    auto const text = report_text({.outcome = {.plan = {.stages = {{}}}, .record = record}}, {.width = 100});
    EXPECT_TRUE(has(text, "xxx…"));
    EXPECT_FALSE(has(text, std::string(90, 'x')));
}

TEST(ProgressLine, SaysWhatAnOpenModelAsked) {
    Plan const plan{.model = Model::open, .stages = {{.duration = seconds(10), .from = 500, .to = 500}}};
    EXPECT_EQ(
        progress_line({.at = seconds(3), .users = 4, .requests_per_second = 499, .asked = 500}, plan, {}),
        "3 s of 10 s   4 users   499/s of 500 asked   p50 0ns   p99 0ns   failed 0 %");
    EXPECT_EQ(progress_line({.at = -std::chrono::milliseconds(1'001), .users = 4}, plan, {}),
              "warm-up, 2 s left   4 users");
}

}  // namespace
}  // namespace brio::load
