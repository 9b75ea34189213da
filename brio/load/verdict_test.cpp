#include <brio/load/verdict.hpp>

#include <gtest/gtest.h>

#include <brio/base/text.hpp>

namespace brio::load {
namespace {

constexpr std::uint64_t ms = 1'000'000;

Threshold goal(std::string_view text) { return parse_threshold(text).value(); }

/// `count` answers of GET /api/resources, the n-th after n ms.
Record answers(std::uint64_t count, int status = 200) {
    Record record;
    auto const id = record.id_of("GET", "/api/resources");
    for (std::uint64_t i = 1; i <= count; ++i) {
        record.answer({.id = id,
                       .status = status,
                       .latency_ns = i * ms,
                       .uncorrected_ns = i * ms,
                       .is_failure = status >= 400});
    }
    return record;
}
Judgement judged(std::string_view text, const Record& record, double seconds = 1) {
    auto const threshold = goal(text);
    return judge(std::span(&threshold, 1), record, seconds).goals.at(0);
}
std::string lost(std::string_view text, const Record& record, const StillToCome& still) {
    auto const threshold = goal(text);
    return lost_goal(std::span(&threshold, 1), record, 1, still);
}

TEST(LoadVerdict, ALatencyIsHeldWithItsMargin) {
    auto const held = judged("p90<100ms", answers(100));
    EXPECT_EQ(held.standing, Standing::held);
    EXPECT_NEAR(held.margin, 0.1, 0.01);
    EXPECT_TRUE(held.words.ends_with(" % below its limit of 100ms")) << held.words;
}

TEST(LoadVerdict, ALatencyIsMissedFromItsLimitOn) {
    EXPECT_EQ(judged("max<100ms", answers(100)).standing, Standing::missed);
    EXPECT_EQ(judged("max<=100ms", answers(100)).standing, Standing::held);
    EXPECT_EQ(judged("max<40ms", answers(100)).words, "max is 100ms, 2.5 times its limit of 40.0ms");
}

TEST(LoadVerdict, RatesAndSharesAreJudged) {
    EXPECT_EQ(judged("rps>=50", answers(100), 2).standing, Standing::held);
    EXPECT_EQ(judged("rps>50", answers(100), 2).standing, Standing::missed);
    EXPECT_EQ(judged("error_rate<1%", answers(100)).standing, Standing::held);
    EXPECT_EQ(judged("error_rate<1%", answers(100, 503)).standing, Standing::missed);
}

TEST(LoadVerdict, ANameIsMatchedWithAndWithoutItsMethod) {
    EXPECT_EQ(judged("max{/api/resources}<1s", answers(10)).standing, Standing::held);
    EXPECT_EQ(judged("max{GET /api/resources}<1s", answers(10)).standing, Standing::held);
}

TEST(LoadVerdict, AGoalOfNoRequestIsMissedAndNamesThoseThatAre) {
    auto const missed = judged("max{POST /api/resources}<1s", answers(10));
    EXPECT_EQ(missed.standing, Standing::missed);
    EXPECT_EQ(missed.words, "no request is named 'POST /api/resources'; there are GET /api/resources");
    EXPECT_EQ(judged("p99<1s", Record()).standing, Standing::missed);
}

TEST(LoadVerdict, ADefaultGoalMayBeIdle) {
    auto const verdict = judge(default_thresholds({}), answers(100), 1);
    EXPECT_TRUE(verdict.held());
    EXPECT_EQ(verdict.goals.back().standing, Standing::idle);  // checks
}

TEST(LoadVerdict, AGoalIsLostOnceTheRestCannotMendIt) {
    auto const record = answers(100);  // one is over 99 ms
    EXPECT_EQ(lost("p99<99ms", record, {.requests = 0, .seconds = 0}), "");
    EXPECT_EQ(lost("p99<90ms", record, {.requests = 901, .seconds = 10}), "");
    EXPECT_NE(lost("p99<90ms", record, {.requests = 800, .seconds = 10}), "");
    EXPECT_NE(lost("max<90ms", record, {.requests = 1e9, .seconds = 10}), "");
    EXPECT_EQ(lost("rps>100", record, {.requests = 900, .seconds = 9}), "");
    EXPECT_NE(lost("rps>100", record, {.requests = 890, .seconds = 9}), "");
    EXPECT_NE(lost("error_rate<1%", answers(10, 500), {.requests = 900, .seconds = 9}), "");
    EXPECT_EQ(lost("error_rate<1%", answers(10, 500), {.requests = 1000, .seconds = 9}), "");
}

}  // namespace
}  // namespace brio::load
