// What those see and do who look after the tasks, on every broker.
#include <gmock/gmock.h>

#include <brio/tasks/broker_conformance.hpp>

namespace brio::tasks::test {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

Ids ids_of(const std::vector<Status>& all) {
    Ids ids;
    for (const Status& each : all) {
        ids.push_back(each.id);
    }
    return ids;
}

TEST_P(BrokerConformance, QueuesAreCountedByWhatTheirTasksAre) {
    let_fail("dead");
    auto later = message("later");
    later.due = in(10s);
    run(one().push({message("running"), later, message("ready"), message("elsewhere", "q2")}));
    claim_one();
    under_test->pass(1s);
    const auto known = queue();
    ASSERT_TRUE(known);
    EXPECT_EQ(known->ready, 1u);
    EXPECT_EQ(known->scheduled, 1u);
    EXPECT_EQ(known->running, 1u);
    EXPECT_EQ(known->dead, 1u);
    EXPECT_FALSE(known->is_paused);
    ASSERT_TRUE(known->oldest);
    EXPECT_LT(*known->oldest, now());
    EXPECT_EQ(queue("q2")->ready, 1u);
    EXPECT_FALSE(queue("q3"));
}

TEST_P(BrokerConformance, TheOldestIsWhenItBecameReady) {
    auto due = message("due");
    due.due = in(5s);
    push(due);
    EXPECT_FALSE(queue()->oldest);
    under_test->pass(7s);
    push("young");
    EXPECT_EQ(queue()->oldest, due.due);
}

TEST_P(BrokerConformance, APausedQueueGivesNothing) {
    push("a");
    run(one().pause("q", true));
    EXPECT_TRUE(claim().empty());
    EXPECT_TRUE(queue()->is_paused);
    push("b");
    EXPECT_EQ(queue()->ready, 2u);
    EXPECT_TRUE(claim(5, "w1", {"q", "q2"}).empty());
    run(other().pause("q", false));
    EXPECT_FALSE(queue()->is_paused);
    EXPECT_EQ(claimed_ids(), (Ids{"a", "b"}));
}

TEST_P(BrokerConformance, WhatRunsInAPausedQueueIsSettled) {
    push("a");
    const auto claimed = claim_one();
    run(one().pause("q", true));
    EXPECT_TRUE(settle(claimed, {.outcome = Outcome::done}));
}

TEST_P(BrokerConformance, HowAWorkerDiedIsTheErrorOfWhatItHeldBeforeAndAfterItIsFoundDead) {
    push("before");
    beat("w2");
    const auto held = [](const Claim& claim) { return std::vector<Held>{{claim.message.id, claim.fence}}; };
    run(one().tell_death(held(claim_one("w2")), "by SIGSEGV\n shop+0x12"));
    EXPECT_EQ(status("before").error_type, "death");
    pass_a_lease(one(), {"w1"});
    EXPECT_EQ(status("before").state, State::pending);
    EXPECT_EQ(status("before").error, "by SIGSEGV\n shop+0x12");
    const auto again = claim_one("w1");
    pass_a_lease(other());
    EXPECT_EQ(status("before").error, "by SIGSEGV\n shop+0x12") << "nobody knows better";
    run(other().tell_death(held(again), "by SIGBUS"));
    EXPECT_EQ(status("before").error, "by SIGBUS");
    EXPECT_EQ(status("before").deaths, 2);
    beat("w3");
    const auto third = claim_one("w3");
    pass_a_lease(other());
    run(other().tell_death(held(third), "by SIGFPE"));
    EXPECT_EQ(status("before").state, State::failed);
    EXPECT_EQ(status("before").error, "by SIGFPE");
}

TEST_P(BrokerConformance, WhatIsHandedBackKeepsWhatItFailedWith) {
    push("a");
    EXPECT_TRUE(settle(
        claim_one(), {.outcome = Outcome::retried, .error = "it broke", .error_type = "oops", .due = now()}));
    EXPECT_TRUE(settle(claim_one(), {.outcome = Outcome::returned}));
    EXPECT_EQ(status("a").error, "it broke");
    EXPECT_EQ(status("a").error_type, "oops");
}

TEST_P(BrokerConformance, HowAWorkerDiedIsNothingToWhatWasSettledOrClaimedSince) {
    push("done");
    push("again");
    beat("w2");
    const auto claims = claim(2, "w2");
    ASSERT_EQ(claims.size(), 2u);
    EXPECT_TRUE(settle(claims[0], {.outcome = Outcome::done, .result = "1"}, "w2"));
    pass_a_lease(one(), {"w1"});
    const auto since = claim_one("w1");
    std::vector<Held> held;
    for (const Claim& each : claims) {
        held.push_back({each.message.id, each.fence});
    }
    run(one().tell_death(held, "late news"));
    EXPECT_EQ(status("done").state, State::done);
    EXPECT_EQ(status("done").error, "");
    EXPECT_EQ(status("again").error, "its worker died");
    EXPECT_TRUE(settle(since, {.outcome = Outcome::done, .result = "1"}, "w1"));
    run(one().tell_death(held, "later news"));
    EXPECT_EQ(status("again").error, "");
}

TEST_P(BrokerConformance, APurgeDropsWhatWaits) {
    auto later = message("later");
    later.due = in(10s);
    run(one().push({message("running"), message("ready"), later, message("elsewhere", "q2")}));
    const auto claimed = claim_one();
    EXPECT_EQ(run(one().purge("q")), 2u);
    EXPECT_EQ(state("ready"), State::unknown);
    EXPECT_EQ(state("elsewhere"), State::pending);
    under_test->pass(11s);
    EXPECT_TRUE(claim().empty());
    EXPECT_TRUE(settle(claimed, {.outcome = Outcome::done}));
    EXPECT_EQ(run(one().purge("q")), 0u);
}

TEST_P(BrokerConformance, TheDeadAreListedByQueueAndName) {
    let_fail("a", "first");
    auto elsewhere = message("b", "q2");
    elsewhere.name = "app.another";
    push(elsewhere);
    const auto claims = claim(1, "w1", {"q2"});
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_TRUE(settle(claims.front(), {.outcome = Outcome::failed, .error = "second"}));
    EXPECT_EQ(run(one().dead({})).size(), 2u);
    EXPECT_EQ(run(one().dead({.most = 1})).size(), 1u);
    const auto in_queue = run(one().dead({.queue = "q"}));
    EXPECT_EQ(ids_of(in_queue), (Ids{"a"}));
    EXPECT_EQ(in_queue.front().error, "first");
    EXPECT_EQ(in_queue.front().state, State::failed);
    EXPECT_EQ(ids_of(run(one().dead({.name = "app.another"}))), (Ids{"b"}));
    EXPECT_TRUE(run(one().dead({.queue = "q", .name = "app.another"})).empty());
}

TEST_P(BrokerConformance, TooManyDeadAreDroppedThoseThatDiedFirst) {
    push("a");
    push("b");
    const auto first = claim_one();
    const auto second = claim_one();
    EXPECT_TRUE(settle(second, {.outcome = Outcome::failed, .error = "it broke"}));
    under_test->pass(1s);
    EXPECT_TRUE(settle(first, {.outcome = Outcome::failed}));
    under_test->pass(1s);
    for (const char* id : {"c", "d"}) {
        let_fail(id);
        under_test->pass(1s);
    }
    EXPECT_TRUE(run(one().trim_dead("q2", 0, 10)).empty());
    EXPECT_TRUE(run(one().trim_dead("q", 4, 10)).empty());
    const auto dropped = run(one().trim_dead("q", 1, 2));
    EXPECT_THAT(ids_of(dropped), testing::UnorderedElementsAre("a", "b"));
    const auto b = std::ranges::find(dropped, "b", &Status::id);
    ASSERT_NE(b, dropped.end());
    EXPECT_EQ(b->name, "app.task");
    EXPECT_EQ(b->error, "it broke");
    EXPECT_EQ(state("b"), State::unknown);
    EXPECT_EQ(ids_of(run(one().trim_dead("q", 1, 10))), (Ids{"c"}));
    EXPECT_EQ(ids_of(run(one().dead({}))), (Ids{"d"}));
    EXPECT_EQ(queue()->dead, 1u);
    push("b");
    EXPECT_EQ(claimed_ids(), (Ids{"b"}));
}

TEST_P(BrokerConformance, TheDeadAreTriedAgainWithNothingCounted) {
    auto sent = message("a");
    sent.kwargs = R"({"n":1})";
    push(sent);
    EXPECT_TRUE(settle(claim_one(), {.outcome = Outcome::retried, .due = in(-1s)}));
    EXPECT_TRUE(settle(claim_one(), {.outcome = Outcome::failed, .error = "e"}));
    EXPECT_EQ(run(one().retry_dead({"a", "nobody"})), 1u);
    EXPECT_EQ(state("a"), State::pending);
    EXPECT_TRUE(run(one().dead({})).empty());
    const auto again = claim_one();
    EXPECT_EQ(again.message.failures, 0);
    EXPECT_EQ(again.message.deaths, 0);
    EXPECT_EQ(again.message.kwargs, R"({"n":1})");
    EXPECT_EQ(run(one().retry_dead({"a"})), 0u) << "it is not dead";
}

TEST_P(BrokerConformance, WhatWasRevokedAndDiedIsRevokedNoMoreWhenItIsTriedAgain) {
    push("a");
    const auto claimed = claim_one();
    EXPECT_TRUE(run(one().revoke("a")));
    EXPECT_TRUE(settle(claimed, {.outcome = Outcome::failed, .error = "e"}));
    EXPECT_EQ(run(one().retry_dead({"a"})), 1u);
    const auto again = claim_one();
    EXPECT_TRUE(beat("w1").cancelled.empty());
    EXPECT_TRUE(settle(again, {.outcome = Outcome::returned}));
    EXPECT_EQ(state("a"), State::pending);
    EXPECT_EQ(claim_one().message.id, "a");
}

TEST_P(BrokerConformance, TheDeadAreDropped) {
    let_fail("a");
    push("b");
    EXPECT_EQ(run(one().drop_dead({"a", "b", "nobody"})), 1u);
    EXPECT_EQ(state("a"), State::unknown);
    EXPECT_EQ(state("b"), State::pending);
    EXPECT_TRUE(run(one().dead({})).empty());
}

TEST_P(BrokerConformance, TheDeadStayWhateverTimePasses) {
    let_fail("a");
    under_test->pass(48h);
    run(one().sweep(100));
    EXPECT_EQ(ids_of(run(one().dead({}))), (Ids{"a"}));
}

TEST_P(BrokerConformance, ThoseThatWerePushedLastAreListedFirst) {
    push("a");
    push("b");
    push("c");
    EXPECT_EQ(ids_of(run(one().list(std::nullopt, 2))), (Ids{"c", "b"}));
    EXPECT_TRUE(settle(claim_one(), {.outcome = Outcome::done}));
    EXPECT_EQ(ids_of(run(one().list(State::pending, 9))), (Ids{"c", "b"}));
    EXPECT_EQ(ids_of(run(one().list(State::done, 9))), (Ids{"a"}));
    claim_one();
    EXPECT_EQ(ids_of(run(one().list(State::running, 9))), (Ids{"b"}));
    EXPECT_TRUE(run(one().list(State::failed, 9)).empty());
}

TEST_P(BrokerConformance, ASweepRemovesWhatHasExpiredSomeAtATime) {
    run(one().push({message("a"), message("b"), message("c")}));
    for (const Claim& each : claim()) {
        EXPECT_TRUE(settle(each, {.outcome = Outcome::done, .result_lasts = 1s}));
    }
    EXPECT_EQ(run(one().sweep(10)), 0u);
    push("d");
    under_test->pass(2s);
    std::uint64_t swept = 0;
    while (const auto count = run(one().sweep(2))) {
        EXPECT_LE(count, 2u);
        swept += count;
    }
    // A broker whose keeper lets results expire by itself has nothing to sweep.
    EXPECT_TRUE(swept == 3 || swept == 0) << swept;
    EXPECT_EQ(state("d"), State::pending);
}

TEST_P(BrokerConformance, OneHolderLeadsAtATime) {
    EXPECT_TRUE(run(one().lead("clock", "h1", 10s)));
    EXPECT_FALSE(run(other().lead("clock", "h2", 10s)));
    EXPECT_TRUE(run(other().lead("another", "h2", 10s)));
    under_test->pass(6s);
    EXPECT_TRUE(run(one().lead("clock", "h1", 10s)));
    under_test->pass(6s);
    EXPECT_FALSE(run(other().lead("clock", "h2", 10s)));
    under_test->pass(6s);
    EXPECT_FALSE(run(other().lead("clock", "h2", 10s)) && run(one().lead("clock", "h1", 10s)));
}

TEST_P(BrokerConformance, ALeaderThatIsGoneIsFollowed) {
    EXPECT_TRUE(run(one().lead("clock", "h1", 10s)));
    run(other().lead("clock", "h2", 10s));
    under_test->pass(11s);
    EXPECT_TRUE(run(other().lead("clock", "h2", 10s)));
    EXPECT_FALSE(run(one().lead("clock", "h1", 10s)));
}

TEST_P(BrokerConformance, AValueChangesOnlyFromWhatItIs) {
    using Value = std::optional<std::string>;
    EXPECT_EQ(run(one().exchange("k", std::nullopt, "1")), Value("1"));
    EXPECT_EQ(run(other().exchange("k", std::nullopt, "2")), Value("1"));
    EXPECT_EQ(run(other().exchange("k", "1", "2")), Value("2"));
    EXPECT_EQ(run(one().exchange("k", "1", "3")), Value("2"));
    EXPECT_EQ(run(one().exchange("unheard", "1", "2")), Value());
    EXPECT_EQ(run(one().exchange("unheard", std::nullopt, "2")), Value("2"));
}

TEST_P(BrokerConformance, SaysWhereItsTasksAreKept) { EXPECT_FALSE(one().words().empty()); }

}  // namespace
}  // namespace brio::tasks::test
