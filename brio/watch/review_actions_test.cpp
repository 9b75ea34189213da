#include <brio/watch/review_actions.hpp>

#include <gtest/gtest.h>

namespace brio::watch {
namespace {

ReviewGoal missed(std::string name, std::string alarm = "none") {
    return {.scope = "request",
            .name = std::move(name),
            .limit_ms = 100,
            .share = 0.99,
            .verdict = "missed",
            .alarm = std::move(alarm),
            .figures = {.count = 1000, .missed = 100, .holds = 0.9}};
}
db::RepeatedStatement repeated(std::string endpoint, double took_ms, std::uint64_t times = 10) {
    return {.statement = "users by id",
            .endpoint = std::move(endpoint),
            .runs = 20,
            .took_ms = took_ms,
            .share = took_ms / 100,
            .fix = "read them in one join",
            .times = times};
}
db::SlowStatement slow(std::string endpoint, bool has_advice) {
    db::SlowStatement its{.statement = "notes by author",
                          .endpoint = std::move(endpoint),
                          .took_ms = 150,
                          .goal_ms = 50,
                          .rows = 10,
                          .scanned = 1000,
                          .words = "scans the whole table notes",
                          .times = 20};
    if (has_advice) {
        its.advice = {{.table = "notes",
                       .columns = {"author_id", "id"},
                       .migration = "create_index(\"idx_notes\", \"notes\", {\"author_id\", \"id\"})"}};
    }
    return its;
}
ReviewCause cause(std::string name, std::string phase, double seconds) {
    return {.scope = "request",
            .name = std::move(name),
            .lost_seconds = seconds,
            .phases = {{.phase = phase, .words = phase, .seconds = seconds, .share = 1}}};
}

std::vector<std::string> whats(const std::vector<ReviewAction>& actions) {
    std::vector<std::string> all;
    for (const auto& each : actions) {
        all.push_back(each.urgency + ": " + each.what);
    }
    return all;
}
using Whats = std::vector<std::string>;

TEST(ReviewActions, WithoutFindingsThereIsNothingToDo) { EXPECT_TRUE(actions_of({}, {}).empty()); }

TEST(ReviewActions, ARepeatedStatementIsAsUrgentAsItsGoal) {
    Review review{.repeated = {repeated("/missed", 60), repeated("/kept", 90), repeated("/little", 5)}};
    review.goals = {missed("GET /missed"), missed("GET /little", "fast")};
    const auto actions = actions_of(review, {});
    EXPECT_EQ(whats(actions), (Whats{"soon: /missed: run \"users by id\" once, not 20 times",
                                     "later: /kept: run \"users by id\" once, not 20 times",
                                     "later: /little: run \"users by id\" once, not 20 times"}));
    EXPECT_EQ(actions[0].how, "Read them in one join.");
    EXPECT_EQ(actions[0].why,
              "n+1, 10 times; in the worst 60.0ms, 60 % of its goal. GET /missed misses its goal: "
              "90 % within 100ms.");
    EXPECT_EQ(actions[0].gain, "up to 57.0ms of each");
    EXPECT_NEAR(actions[0].gain_seconds, 0.57, 1e-9);
}

TEST(ReviewActions, AnIndexMaySaveWhatIsSteppedOver) {
    const Review review{.slow = {slow("/notes", true)}};
    const auto actions =
        actions_of(review, {{.statement = "notes by author", .endpoint = "/notes", .took_ms = 10'000}});
    ASSERT_EQ(whats(actions), (Whats{"later: add an index on notes (author_id, id)"}));
    EXPECT_EQ(actions[0].code, "create_index(\"idx_notes\", \"notes\", {\"author_id\", \"id\"})");
    EXPECT_EQ(actions[0].gain, "up to 9.90s of the 10.0s that the statement took");
}

TEST(ReviewActions, AnIndexIsAdvisedOnce) {
    Review review{.slow = {slow("/notes", true), slow("/others", true)}};
    review.missing_indexes = review.slow[0].advice;
    EXPECT_EQ(actions_of(review, {}).size(), 1u);
}

TEST(ReviewActions, AnIndexIsCalledUselessOnlyAfterADayOfUse) {
    constexpr std::int64_t hour = 3'600'000'000;
    Review review{.at = Timestamp(100 * hour)};
    review.unused_indexes = {{.table = "notes", .index = "idx_notes", .why = "no plan uses it"}};
    EXPECT_TRUE(actions_of(review, {}).empty());  // none runs
    review.began = Timestamp(76 * hour);
    EXPECT_TRUE(actions_of(review, {}).empty());
    review.began = Timestamp(75 * hour);
    EXPECT_EQ(whats(actions_of(review, {})),
              std::vector<std::string>{"later: think of dropping the index idx_notes"});
}

TEST(ReviewActions, APhaseIsBlamedWhereNoStatementExplainsIt) {
    Review review{.program = "shop", .since = "24h"};
    review.goals = {missed("GET /a"), missed("GET /b"), missed("GET /c")};
    review.causes = {cause("/a", "pool", 30), cause("/b", "db", 20), cause("/c", "handler", 10),
                     cause("/kept", "db", 99)};
    review.slow = {slow("/b", false)};
    review.goals.push_back(missed("GET /d"));
    review.causes.push_back(cause("/d", "db", 5));
    review.repeated = {repeated("/d", 2)};  // too little to explain it
    const auto actions = actions_of(review, {});
    EXPECT_EQ(whats(actions), (Whats{"soon: /a: less time in pool", "soon: /c: less time in handler",
                                     "soon: /d: less time in db", "soon: /b: make \"notes by author\" faster",
                                     "later: /d: run \"users by id\" once, not 20 times"}));
    EXPECT_EQ(actions[0].how, "Raise DATABASE_POOL, or shorten what holds the connections.");
    EXPECT_EQ(actions[0].gain, "up to 100 % of its overrun, 30.0s in 24h");
    EXPECT_NE(actions[1].how.find("shop profile --name /c"), std::string::npos);
}

TEST(ReviewActions, WhatTurnsWorkAwayComesFirst) {
    Review review;
    review.goals = {missed("GET /a")};
    review.causes = {cause("/a", "pool", 1000)};
    review.headroom = {{.name = "limit db_pool_queue", .refused = 7, .words = "7 did not fit"},
                       {.name = "disk", .days_soonest = 2, .words = "1 GB are left"},
                       {.name = "memory", .days_soonest = 20, .words = "it grows"},
                       {.name = "cpu", .days_soonest = 90, .words = "it grows"}};
    EXPECT_EQ(whats(actions_of(review, {})),
              (Whats{"now: make room: disk meets its limit",
                     "now: raise the limit db_pool_queue, or find what fills it",
                     "soon: /a: less time in pool", "soon: make room: memory meets its limit"}));
}

TEST(ReviewActions, FailuresAreToldOnceOfATask) {
    Review review{.program = "shop"};
    ReviewGoal task{.scope = "task",
                    .name = "shop.mail",
                    .share = 0.99,
                    .verdict = "kept",
                    .figures = {.count = 500, .failed = 50}};
    ReviewGoal route = missed("GET /a");
    route.figures.failed = 100;
    ReviewGoal few = missed("GET /b");
    few.figures = {.count = 3, .missed = 3, .failed = 3};
    review.goals = {task, route, few};
    review.dead = {{.task = "shop.mail", .count = 4, .error = "std::runtime_error: no"}};
    const auto actions = actions_of(review, {});
    EXPECT_EQ(whats(actions), (Whats{"soon: GET /a: see why it fails",
                                     "soon: mend task shop.mail, then retry its dead ones"}));
    EXPECT_EQ(actions[1].code, "shop task retry --name shop.mail");
}

TEST(ReviewActions, QueuesThatStandStillAreNamed) {
    Review review;
    review.queues = {{.name = "paused", .ready = 3, .is_paused = true},
                     {.name = "slow", .ready = 1, .oldest_seconds = 90},
                     {.name = "was slow", .ready = 0, .oldest_seconds = 90}};
    EXPECT_EQ(whats(actions_of(review, {})),
              (Whats{"soon: give queue slow more workers", "soon: resume queue paused, or purge it"}));
}

TEST(ReviewActions, ACacheThatHardlyAnswersIsNamed) {
    Review review;
    review.cached = {{.name = "GET /a", .hits = 10, .misses = 990, .hit_ratio = 0.01, .rebuild_ms = 20},
                     {.name = "GET /b", .hits = 900, .misses = 100, .hit_ratio = 0.9},
                     {.name = "GET /c", .hits = 0, .misses = 9, .hit_ratio = 0}};
    const auto actions = actions_of(review, {});
    ASSERT_EQ(whats(actions), (Whats{"later: make the cache of GET /a answer more, or do without"}));
    EXPECT_EQ(actions[0].gain, "up to 19.8s of making anew");
}

TEST(ReviewActions, ThereAreAtMostSoMany) {
    Review review;
    for (int i = 0; i < 40; ++i) {
        review.repeated.push_back(repeated("/" + std::to_string(i), 10));
    }
    EXPECT_EQ(actions_of(review, {}).size(), most_actions);
}

}  // namespace
}  // namespace brio::watch
