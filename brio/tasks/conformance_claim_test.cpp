// Pushing and claiming, on every broker.
#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include <brio/runtime/running.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/turn_harness.hpp>
#include <brio/tasks/broker_conformance.hpp>

namespace brio::tasks::test {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

TEST_P(BrokerConformance, WhatWasPushedIsClaimedOnce) {
    push("a");
    EXPECT_EQ(state("a"), State::pending);
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims.front().message.id, "a");
    EXPECT_TRUE(claim().empty());
    EXPECT_TRUE(claim(100, "w2").empty());
    const auto known = status("a");
    EXPECT_EQ(known.state, State::running);
    EXPECT_EQ(known.name, "app.task");
    EXPECT_EQ(known.queue, "q");
    EXPECT_TRUE(known.begun_at);
}

bool runs_for(const runtime::Work& work) {
    const auto* const running = runtime::Running::here();
    return running != nullptr && running->work() == &work;
}

TEST_P(BrokerConformance, WhoWaitedGoesOnAsItsUnitOfWork) {
    run([](Broker& broker, Message pushed) -> Async<void> {
        const runtime::Work& work = co_await runtime::current_work;
        co_await broker.push({std::move(pushed)});
        EXPECT_TRUE(runs_for(work));
        const std::vector<std::string> queues{"q"};
        const auto claims = co_await broker.claim({.worker = "w1", .queues = queues, .most = 1});
        EXPECT_TRUE(runs_for(work));
        std::vector<Settlement> all;
        all.push_back({.held = {claims.at(0).message.id, claims.at(0).fence}, .outcome = Outcome::done});
        co_await broker.settle("w1", std::move(all));
        EXPECT_TRUE(runs_for(work));
    }(one(), message("a")));
}

TEST_P(BrokerConformance, AnotherProcessClaimsWhatThisOnePushed) {
    push("a");
    const std::vector<std::string> queues{"q"};
    EXPECT_EQ(run(other().claim({.worker = "w2", .queues = queues, .most = 5})).size(), 1u);
    EXPECT_TRUE(claim().empty());
}

TEST_P(BrokerConformance, NoMoreIsClaimedThanWasAsked) {
    run(one().push({message("a"), message("b"), message("c")}));
    EXPECT_EQ(claimed_ids(2), (Ids{"a", "b"}));
    EXPECT_EQ(claimed_ids(2), (Ids{"c"}));
}

TEST_P(BrokerConformance, OlderOnesComeFirst) {
    push("c");
    push("a");
    push("b");
    EXPECT_EQ(claimed_ids(), (Ids{"c", "a", "b"}));
}

TEST_P(BrokerConformance, ALowerPriorityNumberComesFirst) {
    auto last = message("last");
    last.priority = 9;
    auto middle = message("middle");
    middle.priority = 3;
    run(one().push({last, middle, message("first")}));
    EXPECT_EQ(claimed_ids(), (Ids{"first", "middle", "last"}));
}

TEST_P(BrokerConformance, AllOfTheFirstQueueComeBeforeAnyOfTheSecond) {
    auto urgent = message("urgent", "q2");
    auto lazy = message("lazy", "q1");
    lazy.priority = 9;
    run(one().push({urgent, lazy}));
    EXPECT_EQ(claimed_ids(1, {"q1", "q2"}), (Ids{"lazy"}));
    EXPECT_EQ(claimed_ids(1, {"q1", "q2"}), (Ids{"urgent"}));
}

TEST_P(BrokerConformance, OnlyTheQueuesThatWereAskedForAreClaimed) {
    push(message("a", "q1"));
    EXPECT_TRUE(claimed_ids(9, {"q2"}).empty());
    EXPECT_TRUE(claimed_ids(9, {}).empty());
    EXPECT_EQ(claimed_ids(9, {"q2", "q1"}), (Ids{"a"}));
}

TEST_P(BrokerConformance, NothingIsClaimedBeforeItIsDue) {
    auto later = message("later");
    later.due = in(10s);
    auto sooner = message("sooner");
    sooner.due = in(5s);
    run(one().push({later, sooner}));
    EXPECT_TRUE(claim().empty());
    EXPECT_EQ(status("later").due, later.due);
    under_test->pass(4'900ms);
    EXPECT_TRUE(claim().empty());
    under_test->pass(200ms);
    EXPECT_EQ(claimed_ids(), (Ids{"sooner"}));
    under_test->pass(5s);
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims.front().message.due, later.due);
}

TEST_P(BrokerConformance, ThoseThatAreDueComeInTheOrderOfTheirTimes) {
    auto later = message("later");
    later.due = in(10s);
    auto sooner = message("sooner");
    sooner.due = in(5s);
    run(one().push({later, sooner}));
    under_test->pass(20s);
    EXPECT_EQ(claimed_ids(), (Ids{"sooner", "later"}));
}

TEST_P(BrokerConformance, AnUrgentOneThatIsNotDueHoldsNobodyUp) {
    auto urgent = message("urgent");
    urgent.due = in(1h);
    auto lazy = message("lazy");
    lazy.priority = 9;
    run(one().push({urgent, lazy}));
    EXPECT_EQ(claimed_ids(), (Ids{"lazy"}));
}

TEST_P(BrokerConformance, WhatHasExpiredIsNotBegun) {
    auto late = message("late");
    late.expires = in(5s);
    auto later = message("later");
    later.expires = in(50s);
    run(one().push({late, later}));
    under_test->pass(6s);
    EXPECT_EQ(claimed_ids(1), (Ids{"later"})) << "those that expired take no place of others";
    EXPECT_EQ(state("late"), State::expired);
}

TEST_P(BrokerConformance, AnIdThatIsThereIsNotPushedAgain) {
    auto first = message("a");
    first.kwargs = R"({"n":1})";
    auto second = message("a");
    second.kwargs = R"({"n":2})";
    push(first);
    push(second);
    run(one().push({second, message("b"), second}));
    const auto claims = claim();
    ASSERT_EQ(claims.size(), 2u);
    EXPECT_EQ(claims.front().message.kwargs, R"({"n":1})");
    push(second);
    EXPECT_TRUE(claim().empty()) << "it is running";
    EXPECT_TRUE(settle(claims.front(), {.outcome = Outcome::done, .result = "1"}));
    push(second);
    EXPECT_TRUE(claim().empty()) << "it has been carried out";
    EXPECT_EQ(status("a").result, "1");
}

TEST_P(BrokerConformance, AnIdTwiceInOneBatchIsOne) {
    run(one().push({message("a"), message("a")}));
    EXPECT_EQ(claim().size(), 1u);
}

TEST_P(BrokerConformance, APushOfNothingIsNothing) {
    run(one().push({}));
    EXPECT_TRUE(run(one().settle("w1", {})).empty());
    EXPECT_TRUE(claim().empty());
}

TEST_P(BrokerConformance, AWorkerThatIsNotKnownGetsNothing) {
    push("a");
    EXPECT_TRUE(claim(1, "stranger").empty());
    EXPECT_EQ(claim().size(), 1u);
}

TEST_P(BrokerConformance, EachClaimHasAFenceOfItsOwn) {
    push("a");
    const auto first = claim_one();
    EXPECT_TRUE(settle(first, {.outcome = Outcome::returned}));
    const auto second = claim_one();
    EXPECT_NE(first.fence, second.fence);
    EXPECT_FALSE(settle(first, {.outcome = Outcome::done}));
    EXPECT_EQ(state("a"), State::running);
    EXPECT_TRUE(settle(second, {.outcome = Outcome::done}));
}

TEST_P(BrokerConformance, AMessageArrivesAsItWasSent) {
    const Trace trace{.parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                      .state = "a=1,b=\\2"};
    Message sent{.id = "3e2a7e5c-7c6b-7d2e-9f00-3b2f8f6f3b11",
                 .name = "app.worker.Überweisung",
                 .queue = "q",
                 .priority = 7,
                 .args = R"([9223372036854775807,-9223372036854775808,9007199254740993,-0.0,1e308,5e-324])",
                 .kwargs =
                     "{\"a\":\"\xf0\x9f\x90\x8c\xe2\x80\xae\xc2\xad\xef\xbf\xbe'\\u0000\\\"\\\\\",\"b\" "
                     ":\t[1.10,1e0 ]}",
                 .due = in(-1s),
                 .expires = in(1h),
                 .deadline = 1'500ms,
                 .hard_deadline = 2'500ms,
                 .failures = 2,
                 .ignores_result = true,
                 .pushed_at = Timestamp(1'764'000'000'123'456),
                 .root_id = "root",
                 .parent_id = "parent",
                 .trace = trace,
                 .embed = R"({"callbacks":null,"chain":[{"task":"t"}]})"};
    push(sent);
    const auto got = claim_one().message;
    EXPECT_EQ(got.id, sent.id);
    EXPECT_EQ(got.name, sent.name);
    EXPECT_EQ(got.queue, sent.queue);
    EXPECT_EQ(got.priority, sent.priority);
    EXPECT_EQ(got.args, sent.args);
    EXPECT_EQ(got.kwargs, sent.kwargs);
    EXPECT_EQ(got.due, sent.due);
    EXPECT_EQ(got.expires, sent.expires);
    EXPECT_EQ(got.deadline, sent.deadline);
    EXPECT_EQ(got.hard_deadline, sent.hard_deadline);
    EXPECT_EQ(got.failures, sent.failures);
    EXPECT_EQ(got.deaths, 0);
    EXPECT_TRUE(got.ignores_result);
    EXPECT_EQ(got.pushed_at, sent.pushed_at);
    EXPECT_EQ(got.root_id, sent.root_id);
    EXPECT_EQ(got.parent_id, sent.parent_id);
    EXPECT_EQ(got.trace, sent.trace);
    EXPECT_EQ(got.embed, sent.embed);
}

TEST_P(BrokerConformance, WhatAMessageDoesNotSayStaysUnsaid) {
    push("a");
    const auto got = claim_one().message;
    EXPECT_FALSE(got.due);
    EXPECT_FALSE(got.expires);
    EXPECT_FALSE(got.deadline);
    EXPECT_FALSE(got.hard_deadline);
    EXPECT_FALSE(got.ignores_result);
    EXPECT_EQ(got.parent_id, "");
    EXPECT_EQ(got.trace, Trace());
    EXPECT_EQ(got.embed, "");
}

TEST_P(BrokerConformance, AMebibyteArrivesAndGoesBackWhole) {
    auto big = message("big");
    big.kwargs = R"({"text":")" + std::string(1 << 20, 'x') + "\"}";
    push(big);
    const auto got = claim_one();
    EXPECT_EQ(got.message.kwargs, big.kwargs);
    EXPECT_TRUE(settle(got, {.outcome = Outcome::done, .result = big.kwargs}));
    EXPECT_EQ(status("big").result, big.kwargs);
}

TEST_P(BrokerConformance, TwoProcessesClaimEachTaskOnce) {
    constexpr std::size_t count = 600;
    std::vector<Message> messages;
    for (std::size_t i = 0; i < count; ++i) {
        messages.push_back(message(std::to_string(i)));
    }
    run(one().push(std::move(messages)));
    std::mutex mutex;
    std::multiset<std::string> seen;
    const auto work = [&](Broker& broker, std::string worker) {
        runtime::Loop own_loop;
        const std::vector<std::string> queues{"q"};
        for (;;) {
            const auto claims =
                runtime::run(own_loop, broker.claim({.worker = worker, .queues = queues, .most = 7}));
            if (claims.empty()) {
                return;
            }
            std::vector<Settlement> done;
            for (const Claim& each : claims) {
                done.push_back({.held = {each.message.id, each.fence}});
                const std::scoped_lock lock(mutex);
                seen.insert(each.message.id);
            }
            for (const bool settled : runtime::run(own_loop, broker.settle(worker, std::move(done)))) {
                EXPECT_TRUE(settled);
            }
        }
    };
    std::thread first([&] { work(one(), "w1"); });
    std::thread second([&] { work(other(), "w2"); });
    first.join();
    second.join();
    EXPECT_EQ(seen.size(), count);
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), count);
}

TEST_P(BrokerConformance, ManyCallsOfOneLoopGoTogether) {
    runtime::Scope scope(loop);
    for (int i = 0; i < 100; ++i) {
        std::vector<Message> single;
        single.push_back(message(std::to_string(i)));
        scope.start(one().push(std::move(single)));
    }
    run(scope.join());
    EXPECT_EQ(claim(200).size(), 100u);
}

/// A wait in the test's loop for what another broker does.
class Waiting {
public:
    Waiting(runtime::Loop& loop, Broker& broker) : scope_(loop), loop_(loop) {
        scope_.start([](Broker* waited, bool* end) -> Async<void> {
            const std::vector<std::string> queues{"q"};
            co_await waited->wait(queues, 1h);
            *end = true;
        }(&broker, &ended_));
    }
    ~Waiting() {
        scope_.stop(runtime::StopReason::shutdown);
        try {
            runtime::run(loop_, scope_.join());
        } catch (const runtime::Cancelled&) {
        }
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    bool ends() {
        return runtime::test::turn_until(loop_, [&] { return ended_; });
    }

private:
    bool ended_ = false;
    runtime::Scope scope_;
    runtime::Loop& loop_;
};

TEST_P(BrokerConformance, AWaitEndsWhenThisProcessPushes) {
    EXPECT_TRUE(claim().empty());
    Waiting waiting(loop, one());
    push("a");
    EXPECT_TRUE(waiting.ends());
}

TEST_P(BrokerConformance, AWaitEndsWhenAnotherProcessPushes) {
    EXPECT_TRUE(claim().empty());
    Waiting waiting(loop, one());
    loop.turn(1ms);
    run(other().push({message("a")}));
    EXPECT_TRUE(waiting.ends());
}

TEST_P(BrokerConformance, WhatIsPushedBetweenAClaimAndAWaitIsNotMissed) {
    EXPECT_TRUE(claim().empty());
    push("a");
    Waiting waiting(loop, one());
    EXPECT_TRUE(waiting.ends());
}

TEST_P(BrokerConformance, AWaitEndsAfterItsTime) {
    EXPECT_TRUE(claim().empty());
    const std::vector<std::string> queues{"q"};
    run(one().wait(queues, 1ms));
}

TEST_P(BrokerConformance, AStoppedWaitIsCancelled) {
    EXPECT_TRUE(claim().empty());
    const std::vector<std::string> queues{"q"};
    runtime::Work work;
    work.loop = &loop;
    auto call = one().wait(queues, 1h);
    call.start(work, [](void*) {}, nullptr);
    loop.turn(1ms);
    work.stop(runtime::StopReason::shutdown);
    EXPECT_TRUE(runtime::test::turn_until(loop, [&] { return call.has_ended(); }));
    EXPECT_THROW(call.result(), runtime::Cancelled);
}

}  // namespace
}  // namespace brio::tasks::test
