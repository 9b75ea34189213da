// What is followed by other tasks, and groups that others wait for, on every broker.
#include <brio/tasks/broker_conformance.hpp>

#include <gmock/gmock.h>

namespace brio::tasks::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto embed = R"({"callbacks":null,"errbacks":null,"chain":[{"task":"app.next"}],"chord":null})";

Message followed(Message message) {
    message.embed = embed;
    return message;
}
PartEnd part(std::int64_t index, std::string value, std::uint64_t size = 3) {
    return {.group = "g",
            .size = size,
            .index = index,
            .id = "p" + std::to_string(index),
            .is_done = true,
            .value = std::move(value)};
}
std::vector<PartEnd> alone(PartEnd end) {
    std::vector<PartEnd> parts;
    parts.push_back(std::move(end));
    return parts;
}
/// Of the only group.
std::vector<std::string> values(const std::vector<std::vector<PartEnd>>& groups) {
    EXPECT_EQ(groups.size(), 1u);
    std::vector<std::string> all;
    for (const PartEnd& each : groups.front()) {
        all.push_back(each.id + (each.is_done ? "=" : "!") + each.value);
    }
    return all;
}

TEST_P(BrokerConformance, WhoEndsLastIsGivenAllInOrder) {
    EXPECT_THAT(values(run(one().join(alone(part(2, "[2]"))))), IsEmpty());
    EXPECT_THAT(values(run(other().join(alone(part(0, "\"zero\""))))), IsEmpty());
    EXPECT_THAT(values(run(one().join(alone(part(1, "9223372036854775807"))))),
                ElementsAre("p0=\"zero\"", "p1=9223372036854775807", "p2=[2]"));
}

TEST_P(BrokerConformance, SeveralPartsOfOneCallAreAnsweredEachInItsPlace) {
    auto of_other = part(0, "7", 1);
    of_other.group = "h";
    std::vector<PartEnd> parts{part(0, "0"), of_other, part(1, "1"), part(2, "2")};
    const auto groups = run(one().join(parts));
    ASSERT_EQ(groups.size(), 4u);
    EXPECT_EQ(groups[1].size(), 1u);
    EXPECT_EQ(groups[3].size(), 3u);
    EXPECT_EQ(groups[3][2].value, "2");
    EXPECT_EQ(groups[3][2].group, "g");
}

TEST_P(BrokerConformance, APartThatEndsAgainCountsOnceAndItsLastWordCounts) {
    run(one().join(alone(part(0, "0"))));
    EXPECT_THAT(values(run(one().join(alone(part(0, "1"))))), IsEmpty());
    EXPECT_THAT(values(run(one().join(alone(part(0, "2"))))), IsEmpty());
    run(one().join(alone(part(1, "1"))));
    auto failed = part(2, R"({"exc_type":"E"})");
    failed.is_done = false;
    EXPECT_THAT(values(run(one().join(alone(failed)))),
                ElementsAre("p0=2", "p1=1", R"(p2!{"exc_type":"E"})"));
    EXPECT_THAT(values(run(one().join(alone(part(2, "2"))))), ElementsAre("p0=2", "p1=1", "p2=2"));
}

TEST_P(BrokerConformance, NothingIsKeptOfAGroupThatIsForgotten) {
    run(one().join(alone(part(0, "0"))));
    run(one().join(alone(part(1, "1"))));
    run(one().forget_group("g"));
    EXPECT_THAT(values(run(one().join(alone(part(2, "2"))))), IsEmpty());
}

TEST_P(BrokerConformance, WhatIsBuriedIsDeadWithItsWordsAndIsNotCarriedOut) {
    auto late = message("b");
    late.due = in(10s);
    std::vector<Message> buried{message("a"), std::move(late)};
    run(one().bury(std::move(buried), "the one before failed"));
    EXPECT_TRUE(claim().empty());
    under_test->pass(20s);
    EXPECT_TRUE(claim().empty());
    const auto known = status("a");
    EXPECT_EQ(known.state, State::failed);
    EXPECT_EQ(known.error_type, "upstream");
    EXPECT_EQ(known.error, "the one before failed");
    EXPECT_EQ(state("b"), State::failed);
    EXPECT_EQ(queue()->dead, 2u);
    EXPECT_EQ(run(one().dead({.queue = "q"})).size(), 2u);
}

TEST_P(BrokerConformance, WhatIsBuriedCanBeRetriedAndDropped) {
    std::vector<Message> buried{message("a"), message("b")};
    run(one().bury(std::move(buried), "words"));
    EXPECT_EQ(run(one().retry_dead({"a"})), 1u);
    EXPECT_EQ(claim_one().message.id, "a");
    EXPECT_EQ(run(one().drop_dead({"b"})), 1u);
    EXPECT_EQ(state("b"), State::unknown);
    push("b");
    EXPECT_EQ(claim_one().message.id, "b");
}

TEST_P(BrokerConformance, WhatIsBuriedGivesWayToAPushOfItsIdAndToNoOtherBurial) {
    std::vector<Message> buried{message("a"), message("b")};
    run(one().bury(buried, "first words"));
    run(one().bury(std::move(buried), "other words"));
    EXPECT_EQ(status("a").error, "first words");
    push("a");
    const auto claimed = claim_one();
    EXPECT_EQ(claimed.message.id, "a");
    EXPECT_EQ(status("a").error, "");
    EXPECT_EQ(run(one().dead({.queue = "q"})).size(), 1u);
    EXPECT_TRUE(settle(claimed, {.outcome = Outcome::failed, .error = "its own", .error_type = "E"}));
    push("a");
    EXPECT_TRUE(claim().empty());
    EXPECT_EQ(status("a").error, "its own");
}

TEST_P(BrokerConformance, WhatIsThereAlreadyIsNotBuried) {
    push("a");
    push("b");
    settle(claim_one(), {.outcome = Outcome::done, .result = "1"});
    std::vector<Message> buried{message("a"), message("b")};
    run(one().bury(std::move(buried), "words"));
    EXPECT_EQ(state("a"), State::done);
    EXPECT_EQ(claim_one().message.id, "b");
}

TEST_P(BrokerConformance, WhatFollowsTravelsAlong) {
    auto pushed = followed(message("a"));
    pushed.group_id = "g";
    pushed.group_index = 7;
    push(pushed);
    const auto claimed = claim_one();
    EXPECT_EQ(claimed.message.embed, embed);
    EXPECT_EQ(claimed.message.group_id, "g");
    EXPECT_EQ(claimed.message.group_index, 7);
    EXPECT_FALSE(claimed.is_revoked);
}

TEST_P(BrokerConformance, WhatIsFollowedAndExpiresIsGivenToAWorker) {
    auto pushed = followed(message("a"));
    pushed.expires = in(1s);
    push(pushed);
    under_test->pass(5s);
    const auto claimed = claim_one();
    EXPECT_EQ(claimed.message.expires, pushed.expires);
    EXPECT_TRUE(settle(claimed, {.outcome = Outcome::expired}));
    EXPECT_EQ(state("a"), State::expired);
}

TEST_P(BrokerConformance, WhatIsFollowedAndRevokedIsGivenToAWorkerAsRevoked) {
    push(followed(message("a")));
    auto late = followed(message("b"));
    late.due = in(1h);
    push(late);
    EXPECT_TRUE(run(one().revoke("a")));
    EXPECT_TRUE(run(one().revoke("b")));
    for (int i = 0; i < 2; ++i) {
        const auto claimed = claim_one();
        EXPECT_TRUE(claimed.is_revoked);
        EXPECT_TRUE(settle(claimed, {.outcome = Outcome::revoked}));
    }
    EXPECT_EQ(state("a"), State::revoked);
    EXPECT_EQ(state("b"), State::revoked);
    EXPECT_TRUE(claim().empty());
}

TEST_P(BrokerConformance, WhatIsFollowedAndGoesBackRevokedIsGivenAgain) {
    push(followed(message("a")));
    const auto claimed = claim_one();
    EXPECT_TRUE(run(one().revoke("a")));
    EXPECT_THAT(beat("w1").cancelled, ElementsAre("a"));
    EXPECT_TRUE(settle(claimed, {.outcome = Outcome::returned}));
    const auto again = claim_one();
    EXPECT_TRUE(again.is_revoked);
    EXPECT_TRUE(settle(again, {.outcome = Outcome::revoked}));
    EXPECT_EQ(state("a"), State::revoked);
}

TEST_P(BrokerConformance, WhatIsFollowedAndLosesItsWorkersIsGivenToOneMore) {
    push(followed(message("a")));
    for (int death = 1; death <= 3; ++death) {
        const auto worker = "mortal" + std::to_string(death);
        beat(worker);
        EXPECT_EQ(claim_one(worker).message.deaths, death - 1);
        EXPECT_EQ(pass_a_lease(other(), {"w1", "w2"}).size(), 1u);
    }
    const auto claimed = claim_one();
    EXPECT_EQ(claimed.message.deaths, 3);
    EXPECT_TRUE(settle(claimed, {.outcome = Outcome::failed, .error = "its worker died"}));
    EXPECT_EQ(state("a"), State::failed);
}

}  // namespace
}  // namespace brio::tasks::test
