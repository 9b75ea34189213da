#include <brio/base/text.hpp>
#include <brio/metrics/exposition.hpp>
#include <brio/metrics/process.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmath>
#include <cstdio>

using testing::HasSubstr;
using testing::Not;

namespace brio::metrics {

namespace {

std::string text(Registry& registry, Exposition format = Exposition::prometheus) {
    Buffer out;
    write_exposition(out, registry, format);
    return std::string(out.view());
}

struct Verdict {
    int status;
    std::string output;
};
/// What `promtool check metrics` says of an exposition.
Verdict promtool(const std::string& exposition) {
    const std::string path = testing::TempDir() + "brio_exposition_" + std::to_string(::getpid());
    FILE* file = std::fopen(path.c_str(), "w");
    std::fwrite(exposition.data(), 1, exposition.size(), file);
    std::fclose(file);
    FILE* run = ::popen(("promtool check metrics < '" + path + "' 2>&1").c_str(), "r");
    Verdict verdict{};
    char bytes[4096];
    for (std::size_t got = 0; (got = std::fread(bytes, 1, sizeof bytes, run)) > 0;) {
        verdict.output.append(bytes, got);
    }
    const int status = ::pclose(run);
    verdict.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    std::remove(path.c_str());
    return verdict;
}

/// One family of each kind, with values that are easy to get wrong.
void fill(Registry& registry) {
    registry.counter({.name = "hits_total", .help = "Hits.", .labels = {"path"}})
        .with({"a\"b\\c\nd\xff"})
        .add(registry.here(), 3);
    registry.gauge({.name = "temperature_celsius", .help = "Degrees \"C\"\\\nnext."}).with({}).set(-1.5);
    registry.level({.name = "in_flight", .help = "Work."}).with({}).up(registry.here());
    const Histogram histogram =
        registry.histogram({.name = "wait_seconds", .help = "Waits.", .labels = {"queue"}}).with({"main"});
    histogram.observe(registry.here(), std::chrono::milliseconds(200));
    histogram.observe(registry.here(), std::chrono::minutes(2));
    registry.summary({.name = "work_seconds", .help = "Work."})
        .with({})
        .observe(registry.here(), 1'000'000'001);
}

}  // namespace

TEST(PrometheusText, IsWrittenAsItsFormatSays) {
    Registry registry;
    fill(registry);
    const std::string all = text(registry);
    EXPECT_THAT(all, HasSubstr("# HELP hits_total Hits.\n# TYPE hits_total counter\n"
                               "hits_total{path=\"a\\\"b\\\\c\\nd\xef\xbf\xbd\"} 3\n"));
    EXPECT_THAT(
        all,
        HasSubstr("# HELP temperature_celsius Degrees \"C\"\\\\\\nnext.\n# TYPE temperature_celsius gauge\n"
                  "temperature_celsius -1.5\n"));
    EXPECT_THAT(all, HasSubstr("# TYPE in_flight gauge\nin_flight 1\n"));
    EXPECT_THAT(
        all, HasSubstr("# TYPE wait_seconds histogram\nwait_seconds_bucket{queue=\"main\",le=\"5e-05\"} 0\n"
                       "wait_seconds_bucket{queue=\"main\",le=\"0.0001\"} 0\n"));
    EXPECT_THAT(all, HasSubstr("wait_seconds_bucket{queue=\"main\",le=\"0.1\"} 0\n"
                               "wait_seconds_bucket{queue=\"main\",le=\"0.2\"} 1\n"));
    EXPECT_THAT(all, HasSubstr("wait_seconds_bucket{queue=\"main\",le=\"5\"} 1\n"));
    EXPECT_THAT(all,
                HasSubstr("wait_seconds_bucket{queue=\"main\",le=\"60\"} 1\n"
                          "wait_seconds_bucket{queue=\"main\",le=\"+Inf\"} 2\n"
                          "wait_seconds_sum{queue=\"main\"} 120.2\nwait_seconds_count{queue=\"main\"} 2\n"));
    EXPECT_THAT(
        all, HasSubstr("# TYPE work_seconds summary\nwork_seconds_sum 1.000000001\nwork_seconds_count 1\n"));
    EXPECT_THAT(all, Not(HasSubstr("# EOF")));
}

TEST(PrometheusText, SpecialGaugeValuesHaveTheirWords) {
    Registry registry;
    const auto family = registry.gauge({.name = "g", .help = "h", .labels = {"v"}});
    family.with({"nan"}).set(std::nan(""));
    family.with({"inf"}).set(-HUGE_VAL);
    family.with({"million"}).set(1e6);
    family.with({"huge"}).set(1e300);
    const std::string all = text(registry);
    EXPECT_THAT(all, HasSubstr("g{v=\"nan\"} NaN\n"));
    EXPECT_THAT(all, HasSubstr("g{v=\"inf\"} -Inf\n"));
    EXPECT_THAT(all, HasSubstr("g{v=\"million\"} 1000000\n"));
    EXPECT_THAT(all, HasSubstr("g{v=\"huge\"} 1e+300\n"));
}

TEST(PrometheusText, AFamilyWithoutSeriesIsLeftOut) {
    Registry registry;
    (void)registry.counter({.name = "hits_total", .help = "h", .labels = {"path"}});
    EXPECT_EQ(text(registry), "");
}

TEST(OpenMetrics, DiffersWhereItsFormatDoes) {
    Registry registry;
    fill(registry);
    const std::string all = text(registry, Exposition::open_metrics);
    EXPECT_THAT(all, HasSubstr("# HELP hits Hits.\n# TYPE hits counter\nhits_total{path="));
    EXPECT_THAT(all, HasSubstr("# HELP temperature_celsius Degrees \\\"C\\\"\\\\\\nnext.\n"));
    EXPECT_THAT(all, HasSubstr("wait_seconds_bucket{queue=\"main\",le=\"5.0\"} 1\n"));
    EXPECT_TRUE(all.ends_with("\n# EOF\n"));
}

// Needs Debian's package prometheus; without it this fails, since the format would be unchecked.
TEST(Promtool, FindsNothingInARegistryWithEachKind) {
    Registry registry;
    const ProcessCollector process(registry, {.version = "1.2.3"});
    fill(registry);
    const Verdict verdict = promtool(text(registry));
    EXPECT_EQ(verdict.status, 0) << verdict.output;
    EXPECT_EQ(verdict.output, "");
}

TEST(Promtool, WouldFindAMistake) {
    EXPECT_NE(promtool("# HELP a_total h\n# TYPE a_total gauge\na_total 1\n").status, 0);
    EXPECT_NE(promtool("a{ 1\n").status, 0);
}

TEST(ContentType, IsThatOfTheFormat) {
    EXPECT_EQ(content_type(Exposition::prometheus), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(content_type(Exposition::open_metrics),
              "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

}  // namespace brio::metrics
