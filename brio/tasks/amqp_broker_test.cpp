#include <brio/tasks/amqp_broker.hpp>

#include <gmock/gmock.h>

#include <brio/db/test_engines.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/turn_harness.hpp>
#include <brio/tasks/amqp_lane.hpp>
#include <brio/tasks/broker_conformance.hpp>
#include <brio/tasks/test_rabbit.hpp>

namespace brio::tasks::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

void forget_queues() {
    std::vector<std::string> queues;
    for (const char* queue : {"q", "q1", "q2", "elsewhere"}) {
        for (const std::uint8_t priority : {0, 3, 6, 9}) {
            queues.push_back(amqp_lane(queue, priority));
        }
    }
    delete_queues(queues);
}

class OnRabbit final : public BrokerUnderTest {
public:
    explicit OnRabbit(sql::Dialect dialect) : fixture_(dialect) { forget_queues(); }
    Broker& one() override { return one_; }
    Broker& other() override { return other_; }

private:
    db::test::Fixture fixture_;
    db::Database second_{{.url = fixture_.url()}};
    AmqpBroker one_{*fixture_.database, {.address = rabbit()}, clocks.clocks()};
    AmqpBroker other_{second_, {.address = rabbit()}, clocks.clocks()};
};

BrokerKind on(sql::Dialect dialect, std::string name) {
    return {std::move(name), [dialect] { return std::make_unique<OnRabbit>(dialect); }};
}

INSTANTIATE_TEST_SUITE_P(RabbitMq, BrokerConformance,
                         testing::Values(on(sql::Dialect::sqlite, "rabbitmq_sqlite"),
                                         on(sql::Dialect::postgresql, "rabbitmq_postgresql")),
                         name_of_kind);

/// A broker with a worker, and a program in Python at the same RabbitMQ.
class RabbitMqBrokerTest : public testing::Test {
protected:
    using Outcome = Settlement::Outcome;

    RabbitMqBrokerTest() { forget_queues(); }
    void SetUp() override { run(broker->beat({.id = "w1", .host = "h", .pid = 7})); }
    void TearDown() override {
        keeping.stop(runtime::StopReason::shutdown);
        EXPECT_TRUE(runtime::test::turn_until(fixture.loop, [&] { return keeping.running() == 0; }));
    }

    template <class T>
    T run(Async<T> call) {
        return fixture.run(std::move(call));
    }
    std::unique_ptr<AmqpBroker> made(AmqpBrokerOptions options) {
        return std::make_unique<AmqpBroker>(*fixture.database, std::move(options), clocks.clocks());
    }
    /// As a program does that stays.
    void keep() { keeping.start(broker->keep()); }
    bool comes_true(const std::function<bool()>& condition) {
        return runtime::test::turn_until(fixture.loop, condition);
    }
    Message message(std::string id, std::string queue = "q") const {
        return {
            .id = std::move(id), .name = "app.task", .queue = std::move(queue), .pushed_at = clocks.now()};
    }
    Timestamp in(std::chrono::milliseconds time) const {
        return Timestamp(clocks.now().microseconds + std::chrono::microseconds(time).count());
    }
    std::vector<Claim> claim(std::string worker = "w1") {
        const std::vector<std::string> queues{"q"};
        return run(broker->claim({.worker = worker, .queues = queues, .most = 10}));
    }
    bool settle(const Claim& claimed, Settlement how) {
        how.held = claimed.held();
        return run(broker->settle("w1", {std::move(how)})).front();
    }
    State state(std::string id) { return run(broker->status(std::move(id))).state; }
    /// Publishes as Python's client does.
    void send(amqp::Post post) {
        amqp::Confirmations confirmations(1);
        python.publish(post, confirmations, 0);
        while (confirmations.open != 0) {
            python.pump();
        }
        EXPECT_TRUE(confirmations.is_confirmed.front());
    }
    static amqp::Post post(std::string headers, std::string body = "[[1,2],{},{}]") {
        return {
            .queue = "q", .headers = std::move(headers), .body = std::move(body), .reply_to = "elsewhere"};
    }
    std::optional<amqp::Delivery> get(const std::string& queue) {
        auto all = python.get(queue, 1);
        return all.empty() ? std::nullopt : std::optional(std::move(all.front()));
    }

    ManualClocks clocks;
    db::test::Fixture fixture;
    std::vector<std::string> made_by_python;
    amqp::Connection python{{.address = rabbit(), .name = "python", .made = [this](std::string queue) {
                                 made_by_python.push_back(std::move(queue));
                             }}};
    std::unique_ptr<AmqpBroker> broker = made({.address = rabbit()});
    runtime::Scope keeping{fixture.loop};
};

TEST_F(RabbitMqBrokerTest, RabbitMqHoldsCelerysMessage) {
    auto sent = message("a");
    sent.args = "[9223372036854775807]";
    run(broker->push({sent}));
    const auto got = get("q");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->post.content_type, "application/json");
    EXPECT_EQ(got->post.correlation_id, "a");
    EXPECT_TRUE(got->post.is_persistent);
    EXPECT_THAT(got->post.headers, AllOf(HasSubstr(R"("task":"app.task")"), HasSubstr(R"("id":"a")"),
                                         HasSubstr(R"("lang":"cpp")")));
    EXPECT_THAT(got->post.body, testing::StartsWith("[[9223372036854775807],{},{"));
}

TEST_F(RabbitMqBrokerTest, WhatPythonPushesIsClaimedAndItsResultSentBack) {
    python.declare("elsewhere");
    send(post(R"({"task":"app.task","id":"a"})"));
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims.front().message.args, "[1,2]");
    EXPECT_EQ(claims.front().message.queue, "q");
    EXPECT_EQ(state("a"), State::running);
    EXPECT_TRUE(settle(claims.front(), {.outcome = Outcome::done, .result = "3"}));
    const auto answer = get("elsewhere");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->post.correlation_id, "a");
    EXPECT_THAT(answer->post.body, HasSubstr(R"("status":"SUCCESS","result":3)"));
    EXPECT_EQ(state("a"), State::done);
}

TEST_F(RabbitMqBrokerTest, AnEtaOfPythonsWaitsInTheDatabase) {
    send(post(R"({"task":"app.task","id":"a","eta":")" + in(5s).text() + "\"}"));
    EXPECT_TRUE(claim().empty());
    EXPECT_EQ(run(broker->status("a")).due, in(5s));
    EXPECT_FALSE(get("q"));
    clocks.pass(6s);
    ASSERT_EQ(claim().size(), 1u);
}

TEST_F(RabbitMqBrokerTest, AMessageThatIsNoTaskIsDead) {
    send(post(R"({"task":"app.task","id":"a"})", "no json"));
    auto pickled = post(R"({"task":"app.task","id":"b"})");
    pickled.content_type = "application/x-python-serialize";
    send(pickled);
    send(post("{}"));
    EXPECT_TRUE(claim().empty());
    const auto dead = run(broker->dead({}));
    ASSERT_EQ(dead.size(), 3u);
    EXPECT_EQ(dead.front().error_type, "refused");
    EXPECT_THAT(run(broker->status("b")).error, HasSubstr("application/x-python-serialize"));
    EXPECT_EQ(state("a"), State::failed);
}

TEST_F(RabbitMqBrokerTest, AMessageThatComesTwiceIsCarriedOutOnce) {
    run(broker->push({message("a")}));
    const auto copy = get("q");
    ASSERT_TRUE(copy);
    for (int i = 0; i < 3; ++i) {
        send(copy->post);
    }
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 1u);
    send(copy->post);
    EXPECT_TRUE(claim().empty());
    EXPECT_TRUE(settle(claims.front(), {.outcome = Outcome::done, .result = "1"}));
    send(copy->post);
    EXPECT_TRUE(claim().empty());
    EXPECT_FALSE(get("q")) << "they are acknowledged";
    EXPECT_EQ(run(broker->status("a")).result, "1");
}

TEST_F(RabbitMqBrokerTest, WhatAProcessHeldThatDiedIsGivenToNobodyBeforeItsLeaseIsOver) {
    run(broker->push({message("a")}));
    ASSERT_EQ(claim().size(), 1u);
    broker = made({.address = rabbit()});  // its connection ends, and RabbitMQ gives the message to the next
    run(broker->beat({.id = "w2"}));
    EXPECT_TRUE(claim("w2").empty());
    EXPECT_EQ(state("a"), State::running);
    for (int i = 0; i < 6; ++i) {
        run(broker->beat({.id = "w2"}));
        run(broker->recover(12s, 3));
        clocks.pass(3s);
    }
    const auto again = claim("w2");
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again.front().message.deaths, 1);
}

TEST_F(RabbitMqBrokerTest, APushIsTakenWhileRabbitMqIsAway) {
    auto nowhere = rabbit();
    nowhere.port = 1;
    broker = made({.address = nowhere, .most_unsent = 2});
    run(broker->push({message("a")}));
    EXPECT_EQ(state("a"), State::pending);
    run(broker->push({message("b")}));
    EXPECT_THROW(run(broker->push({message("c")})), runtime::Overloaded);
    EXPECT_THROW(claim(), runtime::Unavailable);
    broker = made({.address = rabbit()});  // it is there again
    keep();
    clocks.pass(6s);
    EXPECT_TRUE(comes_true([&] { return python.count("q") == 2; }));
    EXPECT_EQ(claim().size(), 2u);
}

TEST_F(RabbitMqBrokerTest, WhatIsPushedWithinATransactionIsSentAfterItsCommit) {
    keep();
    run(fixture.db().transaction([&](db::Db db) -> Async<void> {
        std::vector<Message> one;
        one.push_back(message("a"));
        co_await broker->push_within(db, std::move(one));
    }));
    EXPECT_TRUE(comes_true([&] { return python.count("q") == 1; }));
}

TEST_F(RabbitMqBrokerTest, WhatAWorkerInPythonAnswersIsTheTasksEnd) {
    broker = made({.address = rabbit(), .own_queues = std::vector<std::string>{"q"}});
    keep();
    auto later = message("a", "elsewhere");
    later.due = in(5s);
    later.priority = 7;
    run(broker->push({later}));
    run(broker->push({message("b", "elsewhere")}));
    const auto first = get("elsewhere");
    ASSERT_TRUE(first);
    EXPECT_THAT(first->post.headers, HasSubstr("\"eta\":\"" + in(5s).text())) << "it goes out at once";
    EXPECT_EQ(first->post.priority, 7);
    const auto answer = [&](std::string body) {
        send({.queue = first->post.reply_to, .body = std::move(body), .is_persistent = false});
    };
    answer(R"({"task_id":"a","status":"STARTED","result":null})");
    answer("no json");
    answer(R"({"task_id":"a","status":"SUCCESS","result":[42],"traceback":null,"children":[]})");
    answer(R"({"task_id":"b","status":"FAILURE","result":{"exc_type":"ValueError","exc_message":["bad"]}})");
    EXPECT_TRUE(comes_true([&] { return state("a") == State::done && state("b") == State::failed; }));
    EXPECT_EQ(run(broker->status("a")).result, "[42]");
    EXPECT_EQ(run(broker->status("b")).error, "bad");
}

TEST_F(RabbitMqBrokerTest, WhatWentToOthersAndWasNotAnsweredIsForgottenAfterADay) {
    broker = made({.address = rabbit(), .own_queues = std::vector<std::string>{"q"}});
    run(broker->push({message("a", "elsewhere"), message("b")}));
    clocks.pass(23h);
    EXPECT_EQ(state("a"), State::pending);
    clocks.pass(2h);
    EXPECT_EQ(state("a"), State::unknown);
    EXPECT_EQ(run(broker->sweep(10)), 1u);
    EXPECT_EQ(state("b"), State::pending);
}

TEST_F(RabbitMqBrokerTest, AQueueThatIsDeletedLosesNoTask) {
    auto lazy = message("b");
    lazy.priority = 9;
    run(broker->push({message("a"), lazy}));
    delete_queues({"q", amqp_lane("q", 9)});
    broker = made({.address = rabbit()});
    keep();
    EXPECT_TRUE(claim().empty());  // finds that they have to be made
    clocks.pass(6s);
    EXPECT_TRUE(comes_true([&] { return python.count("q") == 1 && python.count(amqp_lane("q", 9)) == 1; }));
    EXPECT_EQ(claim().size(), 2u);
}

TEST_F(RabbitMqBrokerTest, WhoFindsAQueueDeletedAndGoesLosesNoTask) {
    run(broker->push({message("a")}));
    delete_queues({"q"});
    broker = made({.address = rabbit()});
    EXPECT_EQ(run(broker->queues()).front().ready, 0u);
    run(broker->push({message("b")}));  // makes it
    EXPECT_EQ(claim().size(), 1u);
    broker = made({.address = rabbit()});
    keep();
    clocks.pass(6s);
    EXPECT_TRUE(comes_true([&] { return python.count("q") == 1; }));
    EXPECT_TRUE(comes_true([&] { return claim().size() == 1u; }));  // the message may come a little later
}

TEST_F(RabbitMqBrokerTest, AnAnswerThatNobodyWaitsForMakesNoQueue) {
    send(post(R"({"task":"app.task","id":"a"})"));
    EXPECT_TRUE(settle(claim().front(), {.outcome = Outcome::done, .result = "3"}));
    EXPECT_EQ(state("a"), State::done);
    EXPECT_FALSE(get("elsewhere"));
    EXPECT_THAT(made_by_python, testing::Contains("elsewhere"));
}

TEST_F(RabbitMqBrokerTest, AQueueThatTheServerRefusesKeepsNothingOfOthers) {
    run(broker->push({message("a"), message("b")}));
    const std::vector<std::string> queues{"q", "amq.reserved"};
    EXPECT_EQ(run(broker->claim({.worker = "w1", .queues = queues, .most = 5})).size(), 2u);
}

TEST_F(RabbitMqBrokerTest, QueuesAreCountedWithWhatOthersPushed) {
    send(post(R"({"task":"app.task","id":"a"})"));
    run(broker->push({message("b")}));
    const auto all = run(broker->queues());
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all.front().ready, 2u);
    EXPECT_EQ(run(broker->purge("q")), 2u);
    EXPECT_TRUE(claim().empty());
}

TEST_F(RabbitMqBrokerTest, TheDatabaseTakesOverWhatIsInRabbitMq) {
    run(broker->push({message("a")}));
    DatabaseBroker without(*fixture.database, clocks.clocks());
    const std::vector<std::string> queues{"q"};
    EXPECT_EQ(run(without.claim({.worker = "w1", .queues = queues, .most = 5})).size(), 1u);
}

TEST_F(RabbitMqBrokerTest, OneThatWaitsIsWokenWhileItsTasksRun) {
    runtime::Scope waiting(fixture.loop);
    waiting.start([](AmqpBroker* waited) -> Async<void> {
        const std::vector<std::string> queues{"q"};
        try {
            for (;;) {
                co_await waited->wait(queues, 1h);
                co_await runtime::sleep_for(1ms);  // it goes on at once until somebody claims
            }
        } catch (const runtime::Cancelled&) {
        }
    }(broker.get()));
    for (const char* id : {"a", "b", "c"}) {
        send(post(concat({R"({"task":"app.task","id":")", id, "\"}"})));
        EXPECT_TRUE(comes_true([&] { return python.count("q") == 0; })) << id << " is taken ahead";
        std::size_t claimed = 0;  // it may still be on its way here
        EXPECT_TRUE(comes_true([&] { return (claimed += claim().size()) != 0; })) << id;
        EXPECT_EQ(claimed, 1u) << id;
    }
    waiting.stop(runtime::StopReason::shutdown);
    EXPECT_TRUE(comes_true([&] { return waiting.running() == 0; }));
}

TEST_F(RabbitMqBrokerTest, AQueueThatTheServerRefusesHoldsNobodyUp) {
    run(broker->push({message("a", "amq.reserved"), message("b")}));
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims.front().message.id, "b");
    EXPECT_EQ(state("a"), State::pending);
    const std::vector<std::string> refused{"amq.reserved"};
    EXPECT_THROW(run(broker->claim({.worker = "w1", .queues = refused, .most = 1})), runtime::Unavailable);
    EXPECT_TRUE(settle(claims.front(), {.outcome = Outcome::done})) << "the connection is the same";
    EXPECT_FALSE(get("q"));
    EXPECT_THROW(run(broker->push({message("c", std::string(241, 'q'))})), std::invalid_argument);
    run(broker->push({message(std::string(300, 'i'))}));
    EXPECT_EQ(claim().size(), 1u);
}

TEST_F(RabbitMqBrokerTest, WhatIsWrongWithTheServerIsSaid) {
    auto wrong = rabbit();
    wrong.password = "wrong";
    try {
        const amqp::Connection connection({.address = wrong});
        FAIL();
    } catch (const amqp::Failure& failure) {
        EXPECT_THAT(failure.what(), AllOf(HasSubstr("refuses the user guest"), HasSubstr("ACCESS_REFUSED")));
    }
    wrong.port = 1;
    EXPECT_THROW(const amqp::Connection connection({.address = wrong}), amqp::Failure);
}

}  // namespace
}  // namespace brio::tasks::test
