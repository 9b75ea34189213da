// What becomes of what was claimed, on every broker.
#include <brio/tasks/broker_conformance.hpp>

#include <gmock/gmock.h>

namespace brio::tasks::test {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

TEST_P(BrokerConformance, WhatIsDoneHasItsResult) {
    push("a");
    const auto claimed = claim_one();
    EXPECT_TRUE(settle(claimed, {.outcome = Outcome::done, .result = R"({"n":9223372036854775807})"}));
    const auto known = status("a");
    EXPECT_EQ(known.state, State::done);
    EXPECT_EQ(known.result, R"({"n":9223372036854775807})");
    EXPECT_EQ(known.name, "app.task");
    EXPECT_TRUE(known.ended_at);
    EXPECT_TRUE(claim().empty());
}

TEST_P(BrokerConformance, NothingIsSettledTwice) {
    push("a");
    const auto claimed = claim_one();
    EXPECT_TRUE(settle(claimed, {.outcome = Outcome::done, .result = "1"}));
    EXPECT_FALSE(settle(claimed, {.outcome = Outcome::failed}));
    EXPECT_FALSE(settle(claimed, {.outcome = Outcome::returned}));
    EXPECT_FALSE(settle(claimed, {.outcome = Outcome::retried, .due = now()}));
    EXPECT_EQ(status("a").result, "1");
    EXPECT_EQ(state("a"), State::done);
    EXPECT_TRUE(claim().empty());
}

TEST_P(BrokerConformance, OnlyWhoHoldsItSettlesIt) {
    push("a");
    const auto claimed = claim_one("w1");
    EXPECT_FALSE(settle(claimed, {.outcome = Outcome::done}, "w2"));
    EXPECT_EQ(state("a"), State::running);
    EXPECT_TRUE(settle(claimed, {.outcome = Outcome::done}, "w1"));
}

TEST_P(BrokerConformance, SettlementsAreAnsweredEachInItsPlace) {
    run(one().push({message("a"), message("b"), message("c")}));
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 3u);
    std::vector<Settlement> all;
    for (const Claim& each : claims) {
        all.push_back({.held = {each.message.id, each.fence}, .result = "\"" + each.message.id + "\""});
    }
    all[1].held.fence += 1'000'000;
    all.push_back({.held = {"nobody", 1}});
    EXPECT_EQ(run(one().settle("w1", all)), (std::vector<bool>{true, false, true, false}));
    EXPECT_EQ(state("b"), State::running);
    EXPECT_EQ(status("c").result, "\"c\"");
}

TEST_P(BrokerConformance, MixedOutcomesOfOneCallAreEachCarriedOut) {
    run(one().push({message("a"), message("b"), message("c"), message("d"), message("e"), message("f")}));
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 6u);
    const std::vector<Outcome> outcomes{Outcome::done,     Outcome::retried, Outcome::failed,
                                        Outcome::returned, Outcome::expired, Outcome::revoked};
    std::vector<Settlement> all;
    for (std::size_t i = 0; i < 6; ++i) {
        all.push_back(
            {.held = {claims[i].message.id, claims[i].fence}, .outcome = outcomes[i], .due = in(10s)});
    }
    EXPECT_EQ(run(one().settle("w1", all)), std::vector<bool>(6, true));
    EXPECT_EQ(state("a"), State::done);
    EXPECT_EQ(state("b"), State::retrying);
    EXPECT_EQ(state("c"), State::failed);
    EXPECT_EQ(state("d"), State::pending);
    EXPECT_EQ(state("e"), State::expired);
    EXPECT_EQ(state("f"), State::revoked);
    EXPECT_EQ(claimed_ids(), (Ids{"d"}));
}

TEST_P(BrokerConformance, WhatFailedIsTriedAgainWhenItIsDue) {
    push("a");
    EXPECT_TRUE(settle(claim_one(), {.outcome = Outcome::retried,
                                     .error = "no luck",
                                     .error_type = "std::runtime_error",
                                     .due = in(2s)}));
    const auto known = status("a");
    EXPECT_EQ(known.state, State::retrying);
    EXPECT_EQ(known.failures, 1);
    EXPECT_EQ(known.error, "no luck");
    EXPECT_EQ(known.error_type, "std::runtime_error");
    EXPECT_TRUE(claim().empty());
    under_test->pass(3s);
    const auto again = claim_one();
    EXPECT_EQ(again.message.failures, 1);
    EXPECT_EQ(again.message.deaths, 0);
    EXPECT_TRUE(settle(again, {.outcome = Outcome::retried, .due = in(1s)}));
    under_test->pass(2s);
    EXPECT_EQ(claim_one().message.failures, 2);
}

TEST_P(BrokerConformance, WhatFailedForGoodIsDead) {
    let_fail("a");
    const auto known = status("a");
    EXPECT_EQ(known.state, State::failed);
    EXPECT_EQ(known.failures, 1);
    EXPECT_EQ(known.error, "it broke");
    EXPECT_EQ(known.error_type, "std::runtime_error");
    EXPECT_TRUE(known.ended_at);
    EXPECT_TRUE(claim().empty());
}

TEST_P(BrokerConformance, WhatIsReturnedIsWhereItWasUncounted) {
    run(one().push({message("a"), message("b")}));
    const auto first = claim_one();
    EXPECT_EQ(first.message.id, "a");
    EXPECT_TRUE(settle(first, {.outcome = Outcome::returned}));
    EXPECT_EQ(state("a"), State::pending);
    const auto again = claim_one();
    EXPECT_EQ(again.message.id, "a");
    EXPECT_EQ(again.message.failures, 0);
    EXPECT_EQ(again.message.deaths, 0);
}

TEST_P(BrokerConformance, ARetryThatIsReturnedIsStillOne) {
    push("a");
    EXPECT_TRUE(settle(claim_one(), {.outcome = Outcome::retried, .due = in(1s)}));
    under_test->pass(2s);
    EXPECT_TRUE(settle(claim_one(), {.outcome = Outcome::returned}));
    EXPECT_EQ(state("a"), State::retrying);
    EXPECT_EQ(claim_one().message.failures, 1);
}

TEST_P(BrokerConformance, AResultThatNobodyWantsIsNotKept) {
    push("a");
    EXPECT_TRUE(settle(claim_one(), {.outcome = Outcome::done, .result = "1", .keeps_result = false}));
    EXPECT_EQ(state("a"), State::unknown);
    auto ignored = message("b");
    ignored.ignores_result = true;
    push(ignored);
    EXPECT_TRUE(settle(claim_one(), {.outcome = Outcome::done, .result = "1"}));
    EXPECT_EQ(state("b"), State::unknown);
}

TEST_P(BrokerConformance, AResultExpires) {
    push("a");
    EXPECT_TRUE(settle(claim_one(), {.outcome = Outcome::done, .result = "1", .result_lasts = 2s}));
    under_test->pass(1s);
    EXPECT_EQ(state("a"), State::done);
    under_test->pass(2s);
    EXPECT_EQ(state("a"), State::unknown);
    run(one().sweep(100));
    EXPECT_EQ(state("a"), State::unknown);
    EXPECT_TRUE(run(one().list(std::nullopt, 10)).empty());
    push("a");
    EXPECT_EQ(claim().size(), 1u) << "an id whose result has expired is free again";
}

TEST_P(BrokerConformance, WhatIsUnknownIsSaidToBe) {
    const auto nothing = status("nobody");
    EXPECT_EQ(nothing.state, State::unknown);
    EXPECT_EQ(nothing.id, "nobody");
}

TEST_P(BrokerConformance, ProgressIsSeenWhileItRuns) {
    push("a");
    const auto claimed = claim_one();
    run(one().report_progress({"a", claimed.fence}, 0.25, "a quarter"));
    EXPECT_EQ(status("a").progress, 0.25);
    EXPECT_EQ(status("a").progress_words, "a quarter");
    run(one().report_progress({"a", claimed.fence + 1}, 0.5, "not mine"));
    EXPECT_EQ(status("a").progress, 0.25);
}

TEST_P(BrokerConformance, WhatIsRevokedBeforeItBeginsNeverDoes) {
    push("a");
    EXPECT_TRUE(run(one().revoke("a")));
    EXPECT_TRUE(claim().empty());
    EXPECT_EQ(state("a"), State::revoked);
    EXPECT_FALSE(run(one().revoke("a"))) << "it has ended";
    EXPECT_FALSE(run(one().revoke("nobody")));
    auto later = message("later");
    later.due = in(5s);
    push(later);
    EXPECT_TRUE(run(one().revoke("later")));
    under_test->pass(6s);
    EXPECT_TRUE(claim().empty());
}

TEST_P(BrokerConformance, TheWorkerOfWhatIsRevokedIsToldWithItsBeat) {
    run(one().push({message("a"), message("b")}));
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 2u);
    EXPECT_TRUE(beat("w1").cancelled.empty());
    EXPECT_TRUE(run(other().revoke("b")));
    EXPECT_EQ(state("b"), State::running);
    EXPECT_EQ(beat("w1").cancelled, (Ids{"b"}));
    EXPECT_TRUE(beat("w2").cancelled.empty());
    EXPECT_TRUE(settle(claims[1], {.outcome = Outcome::revoked}));
    EXPECT_EQ(state("b"), State::revoked);
    EXPECT_TRUE(beat("w1").cancelled.empty());
}

TEST_P(BrokerConformance, WhatIsRevokedWhileItRunsIsNotTriedAgain) {
    run(one().push({message("a"), message("b"), message("c")}));
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 3u);
    for (const Claim& each : claims) {
        EXPECT_TRUE(run(one().revoke(each.message.id)));
    }
    EXPECT_TRUE(settle(claims[0], {.outcome = Outcome::retried, .due = now()}));
    EXPECT_TRUE(settle(claims[1], {.outcome = Outcome::returned}));
    EXPECT_TRUE(settle(claims[2], {.outcome = Outcome::done, .result = "1"}));
    EXPECT_EQ(state("a"), State::revoked);
    EXPECT_EQ(state("b"), State::revoked);
    EXPECT_EQ(state("c"), State::done) << "it was quicker";
    under_test->pass(1s);
    EXPECT_TRUE(claim().empty());
}

TEST_P(BrokerConformance, AWorkerThatDoesNotBeatIsTakenForDead) {
    push("a");
    const auto claimed = claim_one("w1");
    const auto back = pass_a_lease(other(), {"w2"});
    ASSERT_EQ(back.size(), 1u);
    EXPECT_EQ(back.front().id, "a");
    EXPECT_EQ(back.front().name, "app.task");
    EXPECT_EQ(back.front().queue, "q");
    EXPECT_EQ(back.front().deaths, 1);
    EXPECT_EQ(back.front().state, State::pending);
    const auto again = claim_one("w2");
    EXPECT_EQ(again.message.deaths, 1);
    EXPECT_EQ(again.message.failures, 0);
    EXPECT_EQ(status("a").error_type, "death");
    EXPECT_FALSE(beat("w1").is_known);
    EXPECT_TRUE(beat("w2").is_known);
    EXPECT_FALSE(settle(claimed, {.outcome = Outcome::done, .result = "1"}, "w1")) << "a zombie";
    EXPECT_EQ(state("a"), State::running);
    EXPECT_TRUE(claim(1, "w1").empty()) << "the dead hold nothing";
    EXPECT_TRUE(settle(again, {.outcome = Outcome::done, .result = "2"}, "w2"));
    EXPECT_EQ(status("a").result, "2");
}

TEST_P(BrokerConformance, AWorkerThatBeatsKeepsWhatItHolds) {
    push("a");
    const auto claimed = claim_one();
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(pass_a_lease(other(), {"w1", "w2"}).empty());
    }
    EXPECT_TRUE(beat("w1").is_known);
    EXPECT_TRUE(settle(claimed, {.outcome = Outcome::done}));
}

TEST_P(BrokerConformance, AWatcherThatWasStoppedTakesNobodyForDead) {
    push("a");
    claim_one();
    run(other().recover(lease, 3));
    under_test->pass(10 * lease);
    EXPECT_TRUE(run(other().recover(lease, 3)).empty());
    EXPECT_TRUE(beat("w1").is_known);
}

TEST_P(BrokerConformance, TheThirdDeathIsTheLast) {
    push("a");
    for (int deaths = 1; deaths <= 3; ++deaths) {
        const std::string worker = "victim" + std::to_string(deaths);
        beat(worker);
        EXPECT_EQ(claim_one(worker).message.deaths, deaths - 1);
        const auto back = pass_a_lease(other(), {"w1", "w2"});
        ASSERT_EQ(back.size(), 1u);
        EXPECT_EQ(back.front().deaths, deaths);
        EXPECT_EQ(back.front().state, deaths == 3 ? State::failed : State::pending);
    }
    beat("w1");
    EXPECT_TRUE(claim().empty());
    const auto dead = run(one().dead({}));
    ASSERT_EQ(dead.size(), 1u);
    EXPECT_EQ(dead.front().deaths, 3);
    EXPECT_EQ(dead.front().error_type, "death");
}

TEST_P(BrokerConformance, TwoWatchersTakeBackOnce) {
    push("a");
    claim_one();
    std::size_t back = 0;
    for (int i = 0; i < 8; ++i) {
        beat("w2");
        back += run(one().recover(lease, 3)).size();
        back += run(other().recover(lease, 3)).size();
        under_test->pass(3s);
    }
    EXPECT_EQ(back, 1u);
    EXPECT_EQ(claim_one("w2").message.deaths, 1);
}

TEST_P(BrokerConformance, WhatIsRevokedIsNotBegunAgainAfterADeath) {
    push("a");
    claim_one();
    EXPECT_TRUE(run(one().revoke("a")));
    pass_a_lease(other(), {"w2"});
    EXPECT_EQ(state("a"), State::revoked);
    EXPECT_TRUE(claim(1, "w2").empty());
}

TEST_P(BrokerConformance, WhatAWorkerHoldsIsKnown) {
    push("a");
    push("b");
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 2u);
    EXPECT_THAT(run(other().held_by("w1")),
                testing::UnorderedElementsAre(Held{"a", claims[0].fence}, Held{"b", claims[1].fence}));
    EXPECT_TRUE(run(one().held_by("w2")).empty());
    EXPECT_TRUE(settle(claims[0], {.outcome = Outcome::done}));
    EXPECT_THAT(run(one().held_by("w1")), testing::ElementsAre(Held{"b", claims[1].fence}));
}

TEST_P(BrokerConformance, WhatAWorkerHoldsThatLeavesGoesBackUncounted) {
    push("a");
    claim_one();
    run(one().leave("w1"));
    const auto again = claim_one("w2");
    EXPECT_EQ(again.message.id, "a");
    EXPECT_EQ(again.message.deaths, 0);
    EXPECT_EQ(again.message.failures, 0);
}

TEST_P(BrokerConformance, WhatIsRevokedEndsWhenItsWorkerLeaves) {
    push("a");
    claim_one();
    EXPECT_TRUE(run(one().revoke("a")));
    run(one().leave("w1"));
    const auto status = run(one().status("a"));
    EXPECT_EQ(status.state, State::revoked);
    EXPECT_EQ(status.ended_at, now());
}

TEST_P(BrokerConformance, AWorkerThatLeftIsNotMissed) {
    push("a");
    EXPECT_TRUE(settle(claim_one(), {.outcome = Outcome::done}));
    run(one().leave("w1"));
    EXPECT_TRUE(pass_a_lease(other(), {"w2"}).empty());
    EXPECT_TRUE(beat("w1").is_known) << "it comes as a new one";
}

}  // namespace
}  // namespace brio::tasks::test
