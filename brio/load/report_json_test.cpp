#include <brio/load/report.hpp>

#include <gtest/gtest.h>

#include <brio/json/read.hpp>
#include <brio/load/report_harness.hpp>

namespace brio::load {
namespace {

struct LatencySeen {
    static constexpr bool open_object = true;
    double p50 = 0;
    double p99 = 0;
    double p99_99 = 0;
    double max = 0;
};
struct GoalSeen {
    static constexpr bool open_object = true;
    std::string goal;
    std::string standing;
};
struct VerdictSeen {
    static constexpr bool open_object = true;
    bool held = true;
    std::vector<GoalSeen> goals;
};
struct Seen {
    static constexpr bool open_object = true;
    double requests_per_second = 0;
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;
    LatencySeen latency_ms;
    LatencySeen uncorrected_latency_ms;
    VerdictSeen verdict;
};

TEST(ReportJson, HasTheNamesOfTheContract) {
    auto const read = json::read<Seen>(write_json(sample_report()));
    ASSERT_TRUE(read.has_value()) << json::describe(read.error());
    EXPECT_NEAR(read->requests_per_second, 200, 1);
    EXPECT_EQ(read->requests, 4000u);
    EXPECT_GT(read->errors, 10u);
    EXPECT_GT(read->latency_ms.p50, 1);
    EXPECT_LE(read->latency_ms.p99, read->latency_ms.p99_99);
    EXPECT_NEAR(read->latency_ms.max, 80, 1);
    EXPECT_NEAR(read->uncorrected_latency_ms.max, 40, 1);
    EXPECT_FALSE(read->verdict.held);
    EXPECT_EQ(read->verdict.goals.at(0).goal, "p99<200ms");
    EXPECT_EQ(read->verdict.goals.at(0).standing, "held");
    EXPECT_EQ(read->verdict.goals.at(1).standing, "missed");
}

TEST(ReportJson, TheTargetsQueryIsNotShown) {
    auto const json = write_json(sample_report());
    EXPECT_NE(json.find(R"("target":"http://127.0.0.1:8080/")"), std::string::npos);
    EXPECT_EQ(json.find("secret"), std::string::npos);
}

TEST(ReportJson, IsReadAgainForComparing) {
    auto const report = sample_report();
    auto const read = read_earlier_run(write_json(report), "last.json");
    ASSERT_TRUE(read.has_value()) << read.error();
    EXPECT_EQ(read->load, "ApiUser, closed, 50 users");
    EXPECT_EQ(read->blocks, report.blocks);
    EXPECT_EQ(read->blocks.at(0).rate.size(), 20u);
}

TEST(ReportJson, AnotherFileIsRefusedWithItsName) {
    EXPECT_EQ(read_earlier_run("{", "last.json").error().find("last.json is no report of a load test"), 0u);
    EXPECT_FALSE(read_earlier_run("{\"load\":{}}", "last.json").has_value());
    EXPECT_EQ(read_earlier_run(R"({"load":{"text":"a"},"blocks":[{"name":"x","rate":[1,2],"mean_ms":[],)"
                               R"("p50_ms":[1,2],"p95_ms":[1,2],"p99_ms":[1,2]}]})",
                               "last.json")
                  .error(),
              "last.json: the blocks of x are not equally many");
}

TEST(LoadText, SaysLevelsAndModel) {
    using std::chrono::seconds;
    EXPECT_EQ(load_text({.scenario = "GET /", .model = Model::open, .stages = {{seconds(9), 1500, 1500}}}),
              "GET /, open, 1,500/s");
    EXPECT_EQ(load_text({.model = Model::closed, .stages = {{seconds(9), 0, 10}, {seconds(5), 10, 10}}}),
              "closed, 0..10@9s, 10@5s users");
}

TEST(LimitWords, RoundToWhatIsKnown) {
    LimitReport report{.range = {.rate = 18'437, .low = 17'900, .high = 19'100}};
    EXPECT_EQ(words_of(report), "holds to 18,400 ± 600/s");
    report.cause = Cause{.words = "something breaks"};
    EXPECT_EQ(words_of(report), "holds to 18,400 ± 600/s; then something breaks");
    EXPECT_EQ(words_of({.range = {.rate = 5000, .is_at_least = true}}), "holds to 5,000/s at least");
    EXPECT_EQ(words_of({.range = {.is_none = true}}), "holds at no rate");
    EXPECT_TRUE(words_of({.range = {.rate = 300, .low = 180, .high = 600'000}})
                    .starts_with("holds to something between 200 and 600,000/s: its trials contradict"));
    EXPECT_EQ(words_of({.range = {.rate = 4.2, .low = 4, .high = 4.4}}), "holds to 4.2 ± 0.2/s");
}

}  // namespace
}  // namespace brio::load
