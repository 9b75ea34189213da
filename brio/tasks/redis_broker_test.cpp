#include <brio/tasks/redis_broker.hpp>

#include <gmock/gmock.h>

#include <brio/redis/test_redis.hpp>
#include <brio/tasks/broker_conformance.hpp>
#include <brio/tasks/celery_message.hpp>
#include <brio/tasks/celery_result.hpp>

namespace brio::tasks::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

redis::test::RedisServer& server() {
    static redis::test::RedisServer one;
    return one;
}

class OnRedis final : public BrokerUnderTest {
public:
    OnRedis() { server().cli("FLUSHALL"); }
    Broker& one() override { return one_; }
    Broker& other() override { return other_; }
    void pass(std::chrono::milliseconds time) override {
        BrokerUnderTest::pass(time);
        const std::string shorten =
            "for _, key in ipairs(redis.call('KEYS', 'celery-task-meta-*')) do "
            "redis.call('PEXPIRE', key, redis.call('PTTL', key) - " +
            std::to_string(time.count()) + ") end";
        server().cli("EVAL \"" + shorten + "\" 0");
    }

private:
    runtime::OffloadPool offload_{{.threads = 1}};
    RedisBroker one_{{.address = server().address()}, offload_, clocks.clocks()};
    RedisBroker other_{{.address = server().address()}, offload_, clocks.clocks()};
};

INSTANTIATE_TEST_SUITE_P(Redis, BrokerConformance,
                         testing::Values(BrokerKind{"redis", [] { return std::make_unique<OnRedis>(); }}),
                         name_of_kind);

/// One Redis with one worker, and the lists as a program in Python sees them.
class RedisBrokerTest : public testing::Test {
protected:
    void SetUp() override {
        server().cli("FLUSHALL");
        beat("w1");
    }
    template <class T>
    T run(Async<T> call) {
        return runtime::run(loop, std::move(call));
    }
    void beat(std::string worker) { run(broker.beat({.id = std::move(worker), .host = "h", .pid = 7})); }
    redis::Reply ask(redis::Command command) {
        auto outcome = run(send(std::move(command)));
        EXPECT_TRUE(outcome) << outcome.error().what;
        return outcome ? std::move(*outcome) : redis::Reply();
    }
    Async<redis::Outcome> send(redis::Command command) {
        auto outcome = co_await python.attempt(std::move(command));
        co_return outcome;
    }
    Message message(std::string id) const {
        return {.id = std::move(id), .name = "app.task", .queue = "q", .pushed_at = clocks.now()};
    }
    Timestamp in(std::chrono::milliseconds time) const {
        return Timestamp(clocks.now().microseconds + std::chrono::microseconds(time).count());
    }
    /// As a producer in Python does it.
    void lpush(std::string_view envelope, std::string_view list = "q") {
        ask(redis::Command("LPUSH", list, envelope));
    }
    std::vector<Claim> claim(std::string worker = "w1", std::size_t most = 10) {
        const std::vector<std::string> queues{"q"};
        return run(broker.claim({.worker = worker, .queues = queues, .most = most}));
    }
    bool settle(const Claim& claimed, Settlement how) {
        how.held = {claimed.message.id, claimed.fence};
        return run(broker.settle("w1", {std::move(how)})).front();
    }
    using Outcome = Settlement::Outcome;

    runtime::Loop loop;
    ManualClocks clocks;
    runtime::OffloadPool offload{{.threads = 1}};
    RedisBroker broker{{.address = server().address()}, offload, clocks.clocks()};
    redis::Client python{{.address = server().address(), .timeout = 5s}, offload};
};

TEST_F(RedisBrokerTest, WhatIsPushedStandsInCelerysLists) {
    auto urgent = message("urgent");
    auto lazy = message("lazy");
    lazy.priority = 5;
    run(broker.push({urgent, lazy}));
    const auto popped = ask(redis::Command("BRPOP", "q",
                                           "q\x06\x16"
                                           "3",
                                           "q\x06\x16"
                                           "6",
                                           1));
    ASSERT_EQ(popped.elements().size(), 2u);
    EXPECT_EQ(popped.elements()[0].text(), "q");
    EXPECT_EQ(read_celery(popped.elements()[1].text(), "q")->id, "urgent");
    EXPECT_EQ(read_celery(ask(redis::Command("RPOP",
                                             "q\x06\x16"
                                             "3"))
                              .text(),
                          "q")
                  ->id,
              "lazy");
}

TEST_F(RedisBrokerTest, WhatPythonPushesIsClaimedAndItsResultIsPublished) {
    auto sent = message("a");
    sent.args = "[9223372036854775807,9007199254740993]";
    lpush(write_celery(sent, "tag"));
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims.front().message.args, sent.args);
    std::string published;
    bool listens = false;
    const auto subscription =
        python.subscribe(loop, celery_result_key("a"),
                         {.message = [&](std::string_view payload) { published = payload; },
                          .listening = [&] { listens = true; }});
    ASSERT_TRUE(redis::test::turn_until(loop, [&] { return listens; }));
    EXPECT_TRUE(settle(claims.front(), {.result = "9007199254740993"}));
    ASSERT_TRUE(redis::test::turn_until(loop, [&] { return !published.empty(); }));
    EXPECT_THAT(published, HasSubstr(R"("status":"SUCCESS","result":9007199254740993)"));
    EXPECT_EQ(ask(redis::Command("GET", celery_result_key("a"))).text(), published);
    const auto lasts = ask(redis::Command("TTL", celery_result_key("a"))).integer();
    EXPECT_TRUE(lasts > 3500 && lasts <= 3600);
}

TEST_F(RedisBrokerTest, WhatPythonWantsLaterWaitsUntilItIsDue) {
    auto sent = message("a");
    sent.due = in(10s);
    lpush(write_celery(sent, "tag"));
    EXPECT_TRUE(claim().empty());
    EXPECT_EQ(run(broker.queues()).front().scheduled, 1u);
    clocks.pass(11s);
    EXPECT_EQ(claim().size(), 1u);
}

TEST_F(RedisBrokerTest, WhatPythonFinishedIsKnown) {
    run(broker.push({message("a")}));
    ask(redis::Command("RPOP", "q"));
    ask(redis::Command("SETEX", celery_result_key("a"), 60,
                       R"({"status": "SUCCESS", "result": 42, "task_id": "a"})"));
    EXPECT_EQ(run(broker.status("a")).state, State::done);
    EXPECT_EQ(run(broker.status("a")).result, "42");
}

TEST_F(RedisBrokerTest, ATryThatFailedIsCountedInTheEnvelope) {
    run(broker.push({message("a")}));
    EXPECT_TRUE(settle(claim().front(), {.outcome = Outcome::retried, .due = in(-1ms)}));
    const auto again = read_celery(ask(redis::Command("RPOP", "q")).text(), "q");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->failures, 1);
    EXPECT_EQ(again->due, in(-1ms));
}

TEST_F(RedisBrokerTest, WhatIsNoTaskIsInTheDeadSetWithAReason) {
    lpush("no JSON");
    auto envelope = write_celery(message("a"), "tag");
    envelope.replace(envelope.find("application/json"), 16, "application/yaml");
    lpush(envelope);
    lpush(write_celery(message("b"), "tag"));
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims.front().message.id, "b");
    const auto dead = run(broker.dead({}));
    ASSERT_EQ(dead.size(), 2u);
    const bool is_first = dead[0].id == "a";  // both died at one time
    const Status& in_yaml = dead[is_first ? 0 : 1];
    EXPECT_EQ(in_yaml.id, "a");
    EXPECT_EQ(in_yaml.error_type, "refused");
    EXPECT_THAT(in_yaml.error, HasSubstr("application/yaml"));
    EXPECT_THAT(dead[is_first ? 1 : 0].error, HasSubstr("no JSON"));
    EXPECT_EQ(run(broker.retry_dead({"a"})), 0u);
    EXPECT_EQ(run(broker.drop_dead({"a"})), 1u);
}

TEST_F(RedisBrokerTest, WhatWasTakenByAWorkerThatDiedBeforeItKnewIsWhereItWas) {
    for (const std::string_view id : {"a", "b"}) {
        lpush(write_celery(message(std::string(id)), "tag"),
              "q\x06\x16"
              "3");
    }
    beat("victim");
    runtime::Work work;
    work.loop = &loop;
    const std::vector<std::string> queues{"q"};
    {
        auto call = broker.claim({.worker = "victim", .queues = queues, .most = 10});
        call.start(work, [](void*) {}, nullptr);
        ASSERT_TRUE(redis::test::turn_until(
            loop, [&] { return server().cli("HLEN brio:taken:victim") == "2" || call.has_ended(); }));
        work.stop(runtime::StopReason::shutdown);
        ASSERT_TRUE(redis::test::turn_until(loop, [&] { return call.has_ended(); }));
    }
    for (int i = 0; i < 6; ++i) {
        beat("w1");
        run(broker.recover(12s, 3));
        clocks.pass(3s);
    }
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 2u);
    EXPECT_EQ(claims[0].message.id, "a");
    EXPECT_EQ(claims[1].message.id, "b");
}

TEST_F(RedisBrokerTest, WhatWasTakenByAWorkerThatLivesAndNeverKnewIsWhereItWas) {
    lpush(write_celery(message("a"), "tag"), "q");
    beat("w1");
    {
        runtime::Work work;
        work.loop = &loop;
        const std::vector<std::string> queues{"q"};
        auto call = broker.claim({.worker = "w1", .queues = queues, .most = 10});
        call.start(work, [](void*) {}, nullptr);
        ASSERT_TRUE(redis::test::turn_until(
            loop, [&] { return server().cli("HLEN brio:taken:w1") == "1" || call.has_ended(); }));
        work.stop(runtime::StopReason::shutdown);
        ASSERT_TRUE(redis::test::turn_until(loop, [&] { return call.has_ended(); }));
    }
    EXPECT_TRUE(run(broker.held_by("w1")).empty());
    EXPECT_TRUE(claim().empty()) << "its answer may still come";
    EXPECT_TRUE(run(broker.held_by("w1")).empty());
    EXPECT_EQ(claim().size(), 1u);
}

TEST_F(RedisBrokerTest, AQueueOfOthersHasItsDelayedTasksInItsList) {
    RedisBroker producer(
        {.address = server().address(), .own_queues = std::vector<std::string>{"main-queue"}}, offload,
        clocks.clocks());
    auto later = message("later");
    later.due = in(10s);
    run(producer.push({later}));
    EXPECT_EQ(read_celery(ask(redis::Command("LINDEX", "q", 0)).text(), "q")->due, later.due);
}

TEST(RedisBroker, AKilledRedisWithItsLogKeepsWhatWasAcknowledged) {
    redis::test::RedisServer durable({"--appendonly", "yes", "--appendfsync", "always"});
    runtime::Loop loop;
    runtime::OffloadPool offload({.threads = 1});
    RedisBroker broker({.address = durable.address()}, offload);
    const WorkerId worker{.id = "w", .host = "h", .pid = 7};
    runtime::run(loop, broker.beat(worker));
    std::vector<Message> messages;
    for (int i = 0; i < 200; ++i) {
        messages.push_back({.id = std::to_string(i), .name = "n", .queue = "q"});
    }
    runtime::run(loop, broker.push(messages));
    const std::vector<std::string> queues{"q"};
    const auto held = runtime::run(loop, broker.claim({.worker = "w", .queues = queues, .most = 50}));
    EXPECT_EQ(held.size(), 50u);
    durable.kill();
    EXPECT_THROW(runtime::run(loop, broker.push({{.id = "x", .name = "n", .queue = "q"}})),
                 runtime::Unavailable);
    durable.start();
    std::vector<Claim> rest;
    ASSERT_TRUE(redis::test::turn_until(loop, [&] {
        try {
            rest = runtime::run(loop, broker.claim({.worker = "w", .queues = queues, .most = 500}));
        } catch (const runtime::Unavailable&) {
        }
        return !rest.empty();
    }));
    EXPECT_EQ(rest.size(), 150u);
    std::vector<Settlement> all;
    for (const Claim& each : held) {
        all.push_back({.held = {each.message.id, each.fence}});
    }
    EXPECT_EQ(runtime::run(loop, broker.settle("w", all)), std::vector<bool>(50, true));
    EXPECT_TRUE(runtime::run(loop, broker.durability()).is_durable);
}

TEST(RedisBroker, WhatIsNotDurableIsSaid) {
    EXPECT_TRUE(durability_of("aof_enabled:1\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n", "everysec")
                    .is_durable);
    EXPECT_THAT(durability_of("aof_enabled:0\r\n", "everysec").words, HasSubstr("appendonly yes"));
    EXPECT_THAT(durability_of("aof_enabled:1\r\n", "no").words, HasSubstr("everysec"));
    EXPECT_THAT(durability_of("aof_enabled:1\r\nmaxmemory:100\r\nmaxmemory_policy:allkeys-lru\r\n", "").words,
                HasSubstr("noeviction"));
}

}  // namespace
}  // namespace brio::tasks::test
