#include <brio/load/threshold.hpp>

#include <gtest/gtest.h>

namespace brio::load {
namespace {

using namespace std::chrono_literals;

Threshold parsed(std::string_view text) {
    auto threshold = parse_threshold(text);
    EXPECT_TRUE(threshold.has_value()) << threshold.error();
    return threshold.value_or(Threshold());
}
std::string wrong(std::string_view text) {
    auto const threshold = parse_threshold(text);
    return threshold ? "(is right)" : threshold.error();
}

TEST(Threshold, ALatencyIsAQuantileInNanoseconds) {
    EXPECT_EQ(parsed("p99<50ms"), (Threshold{.quantile = 0.99, .limit = 50e6}));
    EXPECT_EQ(parsed("p99.9 <= 1.5s"), (Threshold{.quantile = 0.999, .or_equal = true, .limit = 1.5e9}));
    EXPECT_EQ(parsed("max<250us"), (Threshold{.figure = Figure::max, .limit = 250e3}));
    EXPECT_EQ(parsed("p100<1s").quantile, 1);
}

TEST(Threshold, SharesAndRatesHaveTheirUnits) {
    EXPECT_EQ(parsed("error_rate<1%"), (Threshold{.figure = Figure::error_rate, .limit = 0.01}));
    EXPECT_EQ(parsed("error_rate<0.01"), parsed("error_rate<1%"));
    EXPECT_EQ(parsed("checks>99%"), (Threshold{.figure = Figure::checks, .limit = 0.99}));
    EXPECT_EQ(parsed("rps>1000"), (Threshold{.figure = Figure::rps, .limit = 1000}));
    EXPECT_EQ(parsed("rps>1000/s"), parsed("rps>1000"));
}

TEST(Threshold, ANameMayBeAPattern) {
    EXPECT_EQ(parsed("p95{GET /api/resources}<20ms").name, "GET /api/resources");
    EXPECT_EQ(parsed("p95{PUT /api/resources/{id}} < 20ms").name, "PUT /api/resources/{id}");
    EXPECT_EQ(parsed("rps{list}>5").name, "list");
}

TEST(Threshold, ReadsWhatItWrites) {
    for (auto const* text : {"p99<50ms", "p99.9<=1.5s", "mean<250us", "error_rate<=1%", "error_rate<7%",
                             "checks>99.9%", "rps>=1000", "p95{PUT /api/resources/{id}}<20ms", "max<3600s"}) {
        EXPECT_EQ(parsed(text).text(), text);
    }
}

TEST(Threshold, SaysWhatIsWrongAndWhatIsRight) {
    EXPECT_EQ(wrong(""),
              "goal '': begins with no figure; it is p50, p99.9, mean, max, error_rate, checks or rps, as in "
              "p99<50ms");
    EXPECT_EQ(
        wrong("q99<5ms"),
        "goal 'q99<5ms': there is no figure 'q99'; it is p50, p99.9, mean, max, error_rate, checks or rps");
    EXPECT_EQ(
        wrong("p101<5ms"),
        "goal 'p101<5ms': a quantile is p and a number above 0 and up to 100, as p99.9; this is 'p101'");
    EXPECT_EQ(wrong("p99<50"), "goal 'p99<50': a latency has a unit, us, ms or s, as in p99<50ms");
    EXPECT_EQ(wrong("p99<50min"),
              "goal 'p99<50min': a latency has a unit, us, ms or s, as in p99<50ms; this is 'min'");
    EXPECT_EQ(wrong("p99>50ms"), "goal 'p99>50ms': it is to stay below its limit: write p99<50ms");
    EXPECT_EQ(wrong("rps<5"), "goal 'rps<5': it is to stay above its limit: write rps>1000");
    EXPECT_EQ(
        wrong("p99=5ms"),
        "goal 'p99=5ms': after the figure comes < or <=, then the limit, as in p99<50ms; this is '=5ms'");
    EXPECT_EQ(wrong("p99<fast"), "goal 'p99<fast': the limit is a number, as in p99<50ms; this is 'fast'");
    EXPECT_EQ(wrong("p99{a<5ms"), "goal 'p99{a<5ms': the name after { has no } at its end");
    EXPECT_EQ(wrong("error_rate<5"),
              "goal 'error_rate<5': a share is at most 100%: write the % behind a percentage");
    EXPECT_EQ(wrong("p99<0ms"), "goal 'p99<0ms': a latency is above 0 and at most 86400s");
    EXPECT_EQ(wrong("max<99999999999s"), "goal 'max<99999999999s': a latency is above 0 and at most 86400s");
    EXPECT_EQ(wrong("rps>99999999999999999999"),
              "goal 'rps>99999999999999999999': no more than 1000000000 requests a second are asked for");
    EXPECT_EQ(wrong("p99<-1ms"), "goal 'p99<-1ms': the limit is a number, as in p99<50ms; this is '-1ms'");
}

TEST(Threshold, HoldsBelowOrAboveItsLimit) {
    EXPECT_TRUE(parsed("p99<50ms").holds(49e6));
    EXPECT_FALSE(parsed("p99<50ms").holds(50e6));
    EXPECT_TRUE(parsed("p99<=50ms").holds(50e6));
    EXPECT_TRUE(parsed("rps>1000").holds(1001));
    EXPECT_FALSE(parsed("rps>1000").holds(1000));
}

TEST(Threshold, TheGoalsAreTheDefault) {
    std::vector<std::string> texts;
    for (auto const& each : default_thresholds({}, {{"GET /api/motto", {.limit = 20ms, .share = 0.999}}})) {
        texts.push_back(each.text());
    }
    EXPECT_EQ(texts, (std::vector<std::string>{"p99<=200ms", "error_rate<=1%", "p99.9{GET /api/motto}<=20ms",
                                               "error_rate{GET /api/motto}<=0.1%", "checks>=99%"}));
}

}  // namespace
}  // namespace brio::load
