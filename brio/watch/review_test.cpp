#include <brio/watch/review_findings.hpp>

#include <gtest/gtest.h>

#include <brio/watch/review_harness.hpp>

namespace brio::watch {
namespace {

class ReviewTest : public FactsHarness, public testing::Test {
protected:
    Review review() const { return review_of(facts); }
    static ReviewHeadroom headroom(const Review& review, std::string_view name) {
        const auto found = std::ranges::find(review.headroom, name, &ReviewHeadroom::name);
        return found == review.headroom.end() ? ReviewHeadroom{} : *found;
    }
};

TEST_F(ReviewTest, TellsOfThePeriodAndOfTheOneBefore) {
    add("requests", "GET /a", "count", 100, 50);
    add("requests", "GET /a", "within", 0.9F, 1);
    const auto all = review();
    EXPECT_EQ(all.since, "4h");
    EXPECT_EQ(all.period.until.microseconds - all.period.from.microseconds, 4 * hour * 1'000'000);
    EXPECT_EQ(all.period.watched_seconds, 4 * hour);
    ASSERT_TRUE(all.before);
    EXPECT_EQ(all.before->until, all.period.from);
    ASSERT_EQ(all.goals.size(), 1u);
    EXPECT_EQ(all.goals[0].figures.count, 200u);
    EXPECT_EQ(all.goals[0].before->count, 400u);
    EXPECT_EQ(all.goals[0].before->missed, 40u);
    EXPECT_NEAR(all.goals[0].before->burn, 10, 1e-4);
}

TEST_F(ReviewTest, JudgesTheWholePeriodByItsWork) {
    add("requests", "GET /a", "count", {0, 0, 0, 0, 1000, 0, 0, 9000});
    add("requests", "GET /a", "within", {unknown, unknown, unknown, unknown, 0.8F, unknown, unknown, 1});
    add("requests", "GET /a", "p95", {unknown, unknown, unknown, unknown, 0.2F, unknown, unknown, 0.1F});
    add("requests", "GET /a", "p99", {unknown, unknown, unknown, unknown, 0.9F, unknown, unknown, 0.3F});
    const auto goal = review().goals.at(0);
    EXPECT_EQ(goal.verdict, "missed");
    EXPECT_NEAR(goal.figures.holds, 0.98, 1e-6);
    EXPECT_EQ(goal.figures.missed, 200u);
    EXPECT_NEAR(*goal.figures.p95_ms, 110, 1e-3);
    EXPECT_NEAR(*goal.worst_p99_ms, 900, 1e-3);
    EXPECT_EQ(goal.worst_at->microseconds, facts.history.at[4] * 1'000'000);
}

TEST_F(ReviewTest, FailuresAreOfTheTimeInWhichTheRouteWasKnown) {
    constexpr auto no = unknown;
    add("requests", "GET /new", "count", {no, no, no, no, no, no, no, 1000});
    add("requests", "GET /new", "within", {no, no, no, no, no, no, no, 0.9F});
    add("requests", "GET /new", "failed", {no, no, no, no, no, no, no, 20.0F / hour});
    EXPECT_EQ(review().goals.at(0).figures.missed, 100u);
    EXPECT_EQ(review().goals.at(0).figures.failed, 20u);
}

TEST_F(ReviewTest, WithLittleWorkNothingIsJudged) {
    add_route("GET /a", 10, 0.5F, 0.2F);
    EXPECT_EQ(review().goals.at(0).verdict, "too few to judge");
    EXPECT_EQ(review().goals.at(0).trend, "");
    EXPECT_EQ(review().headline, "Too little was done to judge any goal.");
}

TEST_F(ReviewTest, AShareThatIsExactlyAskedIsKept) {
    add_route("GET /a", 1000, 0.99F, 0.05F);
    EXPECT_EQ(review().goals.at(0).verdict, "kept");
}

TEST_F(ReviewTest, ATrendIsMoreThanChance) {
    add("requests", "GET /a", "count", 1000);
    add("requests", "GET /a", "within", 0.995F, 0.994F);
    add("requests", "GET /a", "p95", 0.050F, 0.055F);
    add("requests", "GET /b", "count", 1000);
    add("requests", "GET /b", "within", 0.995F, 0.98F);
    add("requests", "GET /c", "count", 1000);
    add("requests", "GET /c", "within", 1);
    add("requests", "GET /c", "p95", 0.050F, 0.030F);
    const auto goals = review().goals;
    const auto of = [&](std::string_view name) { return *std::ranges::find(goals, name, &ReviewGoal::name); };
    EXPECT_EQ(of("GET /a").trend, "same");
    EXPECT_EQ(of("GET /b").trend, "worse");
    EXPECT_EQ(of("GET /c").trend, "better");
    EXPECT_EQ(of("GET /c").trend_words,
              "within its goal 100 %, before 100 %; p95 30.0ms, before 50.0ms (-40 %)");
}

TEST_F(ReviewTest, MissedGoalsComeFirst) {
    add_route("GET /kept", 9000, 1, 0.01F);
    add_route("GET /missed", 200, 0.5F, 0.2F);
    add("goals", "cpu", "within", 0.5F);
    const auto all = review();
    ASSERT_EQ(all.goals.size(), 3u);
    EXPECT_EQ(all.goals[0].name, "GET /missed");
    EXPECT_EQ(all.goals[1].name, "cpu");
    EXPECT_EQ(all.goals[1].figures.count, 4u * 720u);
    EXPECT_EQ(all.goals[1].limit_percent, 70);
    EXPECT_EQ(all.headline, "2 of 3 goals missed.");
}

TEST_F(ReviewTest, WithoutATimeBeforeThereIsNoTrend) {
    facts.since = std::chrono::hours(5);
    add_route("GET /a", 1000, 1, 0.01F);
    const auto all = review();
    EXPECT_FALSE(all.before);
    EXPECT_EQ(all.goals[0].trend, "");
    EXPECT_EQ(all.goals[0].figures.count, 5000u);
    EXPECT_EQ(all.notes.front(), "Nothing is kept of the time before: there are no trends.");
}

TEST_F(ReviewTest, CausesAreTheSumsOfTheirPhases) {
    add("overrun", "/a", "pool", 3);
    add("overrun", "/a", "db", 1);
    add("overrun", "/a", "handler", -1);
    add("overrun", "shop.mail", "run", 9);
    facts.slow = {{.name = "/a", .words = "812ms"}};
    const auto causes = review().causes;
    ASSERT_EQ(causes.size(), 2u);
    EXPECT_EQ(causes[0].name, "shop.mail");
    EXPECT_EQ(causes[0].scope, "task");
    EXPECT_EQ(causes[0].lost_seconds, 36);
    EXPECT_EQ(causes[1].lost_seconds, 16);
    ASSERT_EQ(causes[1].phases.size(), 2u);
    EXPECT_EQ(causes[1].phases[0].words, "waiting for a connection of the database");
    EXPECT_EQ(causes[1].phases[0].share, 0.75);
    EXPECT_EQ(causes[1].example, "812ms");
}

TEST_F(ReviewTest, TheCacheSavesItsHitsTimesWhatEachTook) {
    add("cached", "GET /a", "hits", 90);
    add("cached", "GET /a", "stale", 5);
    add("cached", "GET /a", "misses", 5);
    add("cached", "GET /a", "saved", 1, 2);
    facts.cached = {{.type = "response", .name = "GET /a", .rebuild_seconds = 0.02}};
    const auto cached = review().cached;
    ASSERT_EQ(cached.size(), 1u);
    EXPECT_EQ(cached[0].hits, 380u);
    EXPECT_NEAR(cached[0].hit_ratio, 0.95, 1e-9);
    EXPECT_EQ(cached[0].saved_seconds, 8);
    EXPECT_EQ(cached[0].saved_before, 4);
    EXPECT_EQ(cached[0].rebuild_ms, 20);
}

TEST_F(ReviewTest, QueuesAreOfNowAndOfTheWorst) {
    add("queues", "mail", "waiting", {0, 0, 0, 0, 7, 3, 0, 0});
    add("queues", "mail", "oldest", {0, 0, 0, 0, 99, 3, 0, 0});
    facts.queues = {{.name = "mail", .ready = 2}};
    for (int i = 0; i < 3; ++i) {
        facts.dead.push_back({.name = "shop.mail", .error = "no such address " + std::to_string(i)});
    }
    const auto all = review();
    ASSERT_EQ(all.queues.size(), 1u);
    EXPECT_EQ(all.queues[0].ready, 2u);
    EXPECT_EQ(all.queues[0].most_waiting, 7);
    EXPECT_EQ(all.queues[0].oldest_seconds, 99);
    ASSERT_EQ(all.dead.size(), 1u);
    EXPECT_EQ(all.dead[0].count, 3u);
    EXPECT_EQ(all.dead[0].error, "no such address 0");
}

TEST_F(ReviewTest, SaysWhatItCannotKnow) {
    facts.is_running = false;
    facts.history.lines[0].values = {0, 0, 0, 0, 0, 0, 0, 1800};
    add_route("GET /a", 1000, 1, 0.01F);
    const auto notes = review().notes;
    ASSERT_EQ(notes.size(), 3u);
    EXPECT_TRUE(notes[0].starts_with("The program does not run"));
    EXPECT_TRUE(notes[1].starts_with("It ran for 1800s of this time (12 %)"));
    EXPECT_TRUE(notes[2].starts_with("Nothing is kept of the time before"));
}

class HeadroomTest : public ReviewTest {
protected:
    HeadroomTest() : ReviewTest() { *static_cast<FactsHarness*>(this) = FactsHarness(48); }
    void add_rising(std::string name, std::string figure, float from, float by) {
        std::vector<float> values;
        for (std::size_t i = 0; i < facts.history.at.size(); ++i) {
            values.push_back(from + by * static_cast<float>(i));
        }
        add("resources", std::move(name), std::move(figure), std::move(values));
    }
};

TEST_F(HeadroomTest, GrowthIsWrittenWithItsErrorAndItsEnd) {
    add_rising("", "cpu", 20, 0.5F);  // 43.5 now, 12 a day
    const auto its = headroom(review(), "cpu");
    EXPECT_EQ(its.outlook, "growing");
    EXPECT_EQ(its.limit, 70);
    EXPECT_NEAR(*its.per_day, 12, 1e-3);
    EXPECT_NEAR(*its.days_soonest, 26.5 / 12, 0.01);
    EXPECT_EQ(its.words,
              "44 % of 70 %, its goal; it grows by 12 % ± 0.0 % a day: there in 53 hours "
              "(a straight line over 47 hours)");
}

TEST_F(HeadroomTest, WithFewValuesNothingIsInvented) {
    std::vector<float> few(48, unknown);
    std::fill(few.end() - 6, few.end(), 50.0F);
    few.back() = 60;
    add("resources", "", "cpu", few);
    const auto its = headroom(review(), "cpu");
    EXPECT_EQ(its.outlook, "not enough history");
    EXPECT_FALSE(its.per_day);
    EXPECT_EQ(its.words, "60 % of 70 %, its goal; not enough history to say how it grows");
}

TEST_F(HeadroomTest, TheDiskRunsOut) {
    add_rising("", "disk_free", 500e9F, -8e9F);
    const auto its = headroom(review(), "disk");
    EXPECT_EQ(its.outlook, "growing");
    EXPECT_NEAR(*its.days_soonest, 124.0 / 192, 0.01);
    EXPECT_TRUE(its.words.starts_with("124 GB are left; it shrinks by 192 GB")) << its.words;
}

TEST_F(HeadroomTest, MemoryIsMeasuredAgainstItsGoal) {
    add("resources", "", "memory", 400e6F);
    add("resources", "", "memory_limit", 1000e6F);
    const auto its = headroom(review(), "memory");
    EXPECT_EQ(its.outlook, "steady");
    EXPECT_NEAR(its.used, 0.5, 1e-6);
}

TEST_F(HeadroomTest, LimitsThatNothingComesNearAreLeftOut) {
    for (const auto* name : {"quiet", "refusing", "near"}) {
        add("resources", name, "limit_most", 100);
    }
    add("resources", "quiet", "limit", 2);
    add("resources", "refusing", "limit", 2);
    add("resources", "refusing", "refused", 5);
    add("resources", "near", "limit", 80);
    const auto all = review();
    EXPECT_EQ(headroom(all, "limit quiet").name, "");
    EXPECT_EQ(headroom(all, "limit near").outlook, "steady");
    EXPECT_EQ(headroom(all, "limit refusing").refused, 120u);
    EXPECT_TRUE(headroom(all, "limit refusing").words.ends_with("; 120 did not fit"));
}

TEST_F(HeadroomTest, WhatIsOverItsLimitIsReached) {
    add_rising("", "cpu", 80, 0);
    EXPECT_EQ(headroom(review(), "cpu").outlook, "reached");
    EXPECT_EQ(review().headroom.front().name, "cpu");
}

}  // namespace
}  // namespace brio::watch
