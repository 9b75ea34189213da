// What becomes of plain records (redis_plain.hpp) in a Redis, beside Python and an older Brio.
#include <gmock/gmock.h>

#include <brio/redis/test_redis.hpp>
#include <brio/tasks/broker_conformance.hpp>
#include <brio/tasks/celery_message.hpp>
#include <brio/tasks/celery_result.hpp>
#include <brio/tasks/redis_broker.hpp>

namespace brio::tasks::test {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;
using Outcome = Settlement::Outcome;

redis::test::RedisServer& server() {
    static redis::test::RedisServer one;
    return one;
}

class RedisPlainTasks : public testing::Test {
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
        return run([](redis::Client& redis, redis::Command asked) -> Async<redis::Reply> {
            auto outcome = co_await redis.attempt(std::move(asked));
            if (!outcome) {
                throw std::runtime_error(outcome.error().what);
            }
            co_return std::move(*outcome);
        }(python, std::move(command)));
    }
    Message message(std::string id) const {
        return {.id = std::move(id), .name = "app.task", .queue = "q", .pushed_at = clocks.now()};
    }
    /// So many that whatever a push does now and then is done.
    void push_many(const std::string& id) {
        std::vector<Message> all;
        for (int i = 0; i < 40; ++i) {
            all.push_back(message(id + std::to_string(i)));
        }
        run(broker.push(std::move(all)));
    }
    std::vector<Claim> claim(std::string worker = "w1", std::size_t most = 10) {
        const std::vector<std::string> queues{"q"};
        return run(broker.claim({.worker = worker, .queues = queues, .most = most}));
    }
    Ids claimed_ids(std::string worker) {
        Ids ids;
        for (const Claim& each : claim(std::move(worker), 100)) {
            ids.push_back(each.message.id);
        }
        return ids;
    }
    bool settle(const Claim& claimed, Settlement how = {}) {
        how.held = claimed.held();
        return run(broker.settle("w1", {std::move(how)})).front();
    }
    std::int64_t count(std::string_view command, std::string_view key) {
        return ask(redis::Command(command, key)).integer().value_or(-1);
    }
    void pass_a_lease() {
        for (int i = 0; i < 6; ++i) {
            beat("w2");
            run(broker.recover(12s, 3));
            clocks.pass(3s);
        }
    }

    runtime::Loop loop;
    ManualClocks clocks;
    runtime::OffloadPool offload{{.threads = 1}};
    RedisBroker broker{{.address = server().address()}, offload, clocks.clocks()};
    redis::Client python{{.address = server().address(), .timeout = 5s}, offload};
};

TEST_F(RedisPlainTasks, OfWhatIsDoneOnlyItsResultIsLeft) {
    run(broker.push({message("a"), message("b")}));
    EXPECT_EQ(count("HLEN", "brio:plain:1"), 2);
    for (const Claim& each : claim()) {
        EXPECT_TRUE(settle(each, {.result = "1"}));
    }
    for (const char* key :
         {"brio:plain:1", "brio:task:a", "brio:taken:w1", "brio:running:w1", "brio:index"}) {
        EXPECT_EQ(count("EXISTS", key), 0) << key;
    }
    const auto known = run(broker.status("a"));
    EXPECT_EQ(known.state, State::done);
    EXPECT_EQ(known.name, "app.task");
    EXPECT_EQ(known.queue, "q");
    EXPECT_EQ(known.pushed_at, clocks.now());
    EXPECT_EQ(known.begun_at, clocks.now());
}

TEST_F(RedisPlainTasks, WhatIsDoneIsForgottenWithItsResult) {
    run(broker.push({message("a"), message("b")}));
    for (const Claim& each : claim()) {
        EXPECT_TRUE(settle(each, {.result_lasts = 60s}));
    }
    EXPECT_EQ(run(broker.list(State::done, 9)).size(), 2u);
    ask(redis::Command("DEL", "celery-task-meta-a", "celery-task-meta-b"));
    EXPECT_TRUE(run(broker.list(std::nullopt, 9)).empty());
    EXPECT_EQ(count("LLEN", "brio:done:60"), 2);
    run(broker.sweep(100));
    EXPECT_EQ(count("EXISTS", "brio:done:60"), 0);
    EXPECT_EQ(count("EXISTS", "brio:lasts"), 0);
}

TEST_F(RedisPlainTasks, TheOldestAreForgottenWhenOthersAreDone) {
    for (int i = 0; i < 5; ++i) {
        run(broker.push({message(std::to_string(i))}));
        EXPECT_TRUE(settle(claim().front(), {.result_lasts = 60s}));
        ask(redis::Command("DEL", "celery-task-meta-" + std::to_string(i)));
    }
    EXPECT_LE(count("LLEN", "brio:done:60"), 2);
}

TEST_F(RedisPlainTasks, ThoseThatAWorkerHeldComeBackInTheirOrder) {
    Ids ids;
    for (char id = 'a'; id <= 'j'; ++id) {
        ids.emplace_back(1, id);
        run(broker.push({message(ids.back())}));
        clocks.pass(1ms);
    }
    beat("victim");
    EXPECT_EQ(claimed_ids("victim"), ids);
    pass_a_lease();
    EXPECT_EQ(claimed_ids("w2"), ids);
    run(broker.leave("w2"));
    beat("w3");
    EXPECT_EQ(claimed_ids("w3"), ids);
}

TEST_F(RedisPlainTasks, ARecordIsThereForAWeekAtLeastAndNotForEver) {
    run(broker.push({message("a")}));
    ask(redis::Command("RPOP", "q"));  // a worker of Python's
    clocks.pass(8 * 24h);
    push_many("b");
    EXPECT_EQ(run(broker.status("a")).state, State::pending);
    run(broker.push({message("a")}));
    EXPECT_EQ(count("LLEN", "q"), 40) << "it is there already";
    clocks.pass(8 * 24h);
    push_many("c");
    EXPECT_EQ(run(broker.status("a")).state, State::unknown);
    EXPECT_EQ(run(broker.status("b0")).state, State::pending);
    const auto claims = claim("w1", 100);
    ASSERT_EQ(claims.size(), 80u);
    for (const Claim& each : claims) {
        EXPECT_TRUE(settle(each));
    }
    EXPECT_EQ(run(broker.status("b0")).state, State::done);
    EXPECT_EQ(count("EXISTS", "brio:plain:2") + count("EXISTS", "brio:plain:3"), 0);
}

TEST_F(RedisPlainTasks, AsManyAsYouLikeArePushedAndClaimedAtOnce) {
    std::vector<Message> all;
    for (int i = 0; i < 5000; ++i) {
        all.push_back(message(std::to_string(i)));
    }
    run(broker.push(all));
    run(broker.push(all));
    const auto claims = claim("w1", 10'000);
    ASSERT_EQ(claims.size(), 5000u);
    EXPECT_EQ(claims.front().message.id, "0");
    EXPECT_EQ(claims.back().message.id, "4999");
    std::vector<Settlement> settlements;
    for (const Claim& each : claims) {
        settlements.push_back({.held = each.held()});
    }
    EXPECT_EQ(run(broker.settle("w1", settlements)), std::vector<bool>(5000, true));
    EXPECT_EQ(run(broker.list(State::done, 10'000)).size(), 5000u);
}

TEST_F(RedisPlainTasks, WhatHasNoRecordAnyMoreIsCarriedOutAndComesBack) {
    run(broker.push({message("a"), message("b")}));
    ask(redis::Command("DEL", "brio:plain:1"));
    EXPECT_EQ(claim().size(), 2u);
    run(broker.leave("w1"));
    beat("w1");
    run(broker.push({message("c")}));
    auto claims = claim();
    ASSERT_EQ(claims.size(), 3u);
    ask(redis::Command("DEL", "brio:plain:1"));  // of what is held
    EXPECT_TRUE(settle(claims[2], {.outcome = Outcome::returned}));
    claims = claim();
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims.front().message.id, "c");
    EXPECT_TRUE(settle(claims.front(), {.result = "1"}));
    EXPECT_EQ(run(broker.status("c")).result, "1");
}

TEST_F(RedisPlainTasks, WhatPythonPutsOffIsTriedWithItsFailures) {
    run(broker.push({message("a")}));
    ask(redis::Command("RPOP", "q"));
    auto again = message("a");
    again.failures = 2;
    ask(redis::Command("LPUSH", "q", celery_again(write_celery(again, "t"), {.failures = 2, .due = {}})));
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims.front().message.failures, 2);
    EXPECT_TRUE(settle(claims.front(), {.result = "1"}));
    EXPECT_EQ(run(broker.status("a")).state, State::done);
    EXPECT_EQ(count("EXISTS", "brio:plain:1"), 0);
}

TEST_F(RedisPlainTasks, AnEnvelopeTwiceIsOneTask) {
    run(broker.push({message("a")}));
    const auto envelope = ask(redis::Command("LINDEX", "q", 0)).take_text();
    ask(redis::Command("LPUSH", "q", envelope));
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 1u);
    ask(redis::Command("LPUSH", "q", envelope));
    EXPECT_TRUE(claim().empty()) << "it is running";
    EXPECT_TRUE(settle(claims.front()));
    ask(redis::Command("LPUSH", "q", envelope));
    EXPECT_TRUE(claim().empty()) << "it is done";
    EXPECT_EQ(count("EXISTS", "brio:taken:w1"), 0);
}

TEST_F(RedisPlainTasks, AnotherEnvelopeBehindItsIdIsWhatItSays) {
    run(broker.push({message("broken"), message("late")}));
    ask(redis::Command("DEL", "q"));
    ask(redis::Command("LPUSH", "q", R"({"headers":{"id":"broken","task":)"));
    auto late = message("late");
    late.expires = Timestamp(clocks.now().microseconds - 1);
    ask(redis::Command("LPUSH", "q", write_celery(late, "t")));
    EXPECT_TRUE(claim().empty());
    EXPECT_EQ(run(broker.status("broken")).error_type, "refused");
    EXPECT_EQ(run(broker.status("late")).state, State::expired);
    EXPECT_EQ(count("EXISTS", "brio:taken:w1") + count("EXISTS", "brio:running:w1"), 0);
}

/// As Brio kept it before there were plain records.
class OlderTasks : public RedisPlainTasks {
protected:
    void keep(std::string_view id, std::string_view state) {
        ask(redis::Command("HSET", "brio:task:" + std::string(id), "state", state, "name", "app.task",
                           "queue", "q", "priority", 0, "due", clocks.now().microseconds, "pushed",
                           clocks.now().microseconds, "age", 1, "envelope", ""));
        ask(redis::Command("ZADD", "brio:index", 1, id));
    }
    static std::string envelope(std::string id) {
        std::string text = write_celery({.id = std::move(id), .name = "app.task", .queue = "q"}, "t");
        text = celery_again(text, {});
        EXPECT_TRUE(text.starts_with(R"({"body":)"));
        return text;
    }
};

TEST_F(OlderTasks, WhatWaitsIsCarriedOut) {
    keep("a", "new");
    ask(redis::Command("LPUSH", "q", envelope("a")));
    EXPECT_EQ(run(broker.status("a")).state, State::pending);
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_TRUE(settle(claims.front(), {.result = "7"}));
    EXPECT_EQ(run(broker.status("a")).result, "7");
}

TEST_F(OlderTasks, WhatAWorkerHeldThatIsGoneComesBack) {
    keep("a", "running");
    ask(redis::Command("HSET", "brio:workers", "old", 5));
    ask(redis::Command("HSET", "brio:taken:old", 9, "1:q" + envelope("a"), 10, "1:q" + envelope("b")));
    ask(redis::Command("HSET", "brio:running:old", 9, ".a"));
    ask(redis::Command("SET", "brio:fences", 10));
    pass_a_lease();
    const auto claims = claim("w2");
    ASSERT_EQ(claims.size(), 2u);
    EXPECT_EQ(claims[0].message.id, "a");
    EXPECT_EQ(claims[0].message.deaths, 1);
    EXPECT_EQ(claims[1].message.deaths, 0);
}

}  // namespace
}  // namespace brio::tasks::test
