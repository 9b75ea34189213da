#include <brio/tasks/batcher.hpp>

#include <gmock/gmock.h>

#include <algorithm>

#include <brio/runtime/errors.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/turn_harness.hpp>

namespace brio::tasks {
namespace {

using Sizes = std::vector<std::size_t>;

class BatcherTest : public testing::Test {
protected:
    explicit BatcherTest(std::size_t calls_at_a_time = 1)
        : batcher([this](std::vector<Message> all) { return call(std::move(all)); }, waiting,
                  calls_at_a_time) {}
    static std::vector<Message> messages(std::string id, std::size_t count = 1) {
        std::vector<Message> all(count);
        for (std::size_t i = 0; i < count; ++i) {
            all[i].id = id + std::to_string(i);
        }
        return all;
    }
    Async<void> call(std::vector<Message> all) {
        calls.push_back(all.size());
        if (is_held) {
            co_await let_go.wait();
        }
        if (is_away) {
            throw runtime::Unavailable("away");
        }
        if (std::ranges::find(all, "bad0", &Message::id) != all.end()) {
            throw std::invalid_argument("a bad one");
        }
        for (const Message& each : all) {
            pushed.push_back(each.id);
        }
    }
    Async<void> client(std::vector<Message> its) {
        const auto id = its.front().id;
        try {
            co_await batcher.push(std::move(its));
            ended.push_back(id);
        } catch (const std::exception& error) {
            ended.push_back(id + ": " + error.what());
        }
    }
    void push(std::string id, std::size_t count = 1) { clients.start(client(messages(id, count))); }
    void let_it_go() {
        is_held = false;
        let_go.notify_all();
    }
    void turn() { loop.turn(std::chrono::milliseconds(1)); }
    void turn_until_held() {
        const auto before = let_go.size();
        EXPECT_TRUE(runtime::test::turn_until(loop, [&] { return let_go.size() != before; }));
    }
    void finish() {
        EXPECT_TRUE(runtime::test::turn_until(loop, [&] { return clients.running() == 0; }));
    }

    runtime::Loop loop;
    runtime::Limit waiting{"task_push_queue", 5};
    bool is_held = false;
    bool is_away = false;
    runtime::WaitList let_go;
    Sizes calls;  // messages of each
    std::vector<std::string> pushed;
    std::vector<std::string> ended;
    Batcher batcher;
    runtime::Scope clients{loop};
};

TEST_F(BatcherTest, WhatIsPushedInOneTurnIsOneCall) {
    push("a");
    push("b", 2);
    push("c");
    finish();
    EXPECT_EQ(calls, Sizes{4});
    EXPECT_THAT(pushed, testing::ElementsAre("a0", "b0", "b1", "c0"));
    EXPECT_THAT(ended, testing::UnorderedElementsAre("a0", "b0", "c0"));
    EXPECT_EQ(waiting.used(), 0u);
}

TEST_F(BatcherTest, WhatComesDuringACallGoesWithTheNext) {
    is_held = true;
    push("a");
    turn_until_held();
    push("b");
    push("c");
    turn();
    EXPECT_EQ(calls, Sizes{1});
    let_it_go();
    finish();
    EXPECT_EQ(calls, (Sizes{1, 2}));
    EXPECT_THAT(ended, testing::UnorderedElementsAre("a0", "b0", "c0"));
}

class TwoCallsAtATime : public BatcherTest {
protected:
    TwoCallsAtATime() : BatcherTest(2) {}
};

TEST_F(TwoCallsAtATime, WhatIsPushedInOneTurnIsOneCall) {
    push("a");
    push("b", 2);
    push("c");
    finish();
    EXPECT_EQ(calls, Sizes{4});
}

TEST_F(TwoCallsAtATime, WhatComesDuringACallIsTheNextAndWhatComesDuringBothWaits) {
    is_held = true;
    push("a");
    turn_until_held();
    push("b");
    push("c");
    turn_until_held();
    EXPECT_EQ(calls, (Sizes{1, 2}));
    push("d");
    push("e");
    turn();
    turn();
    EXPECT_EQ(calls, (Sizes{1, 2}));
    let_it_go();
    finish();
    EXPECT_EQ(calls, (Sizes{1, 2, 2}));
    EXPECT_THAT(ended, testing::UnorderedElementsAre("a0", "b0", "c0", "d0", "e0"));
    EXPECT_EQ(waiting.used(), 0u);
}

TEST_F(BatcherTest, NobodyFailsForTheFaultOfAnother) {
    push("a");
    push("bad");
    push("c");
    finish();
    EXPECT_THAT(pushed, testing::ElementsAre("a0", "c0"));
    EXPECT_THAT(ended, testing::UnorderedElementsAre("a0", "bad0: a bad one", "c0"));
}

TEST_F(BatcherTest, AnOutageIsEverybodysAndAskedForOnce) {
    is_away = true;
    push("a");
    push("b");
    finish();
    EXPECT_EQ(calls, Sizes{2});
    EXPECT_THAT(ended, testing::UnorderedElementsAre("a0: away", "b0: away"));
    is_away = false;
    push("c");
    finish();
    EXPECT_EQ(pushed, std::vector<std::string>{"c0"});
}

TEST_F(BatcherTest, WhoeverIsStoppedWhileItWaitsIsLeftOut) {
    is_held = true;
    push("a");
    turn_until_held();
    runtime::Scope impatient(loop);
    impatient.start(client(messages("b")));
    push("c");
    impatient.stop(runtime::StopReason::disconnected);
    EXPECT_EQ(impatient.running(), 0u);
    let_it_go();
    finish();
    EXPECT_THAT(pushed, testing::ElementsAre("a0", "c0"));
}

TEST_F(BatcherTest, WhoMakesTheCallMakesItToItsEnd) {
    is_held = true;
    runtime::Scope impatient(loop);
    impatient.start(client(messages("a")));
    push("b");
    turn_until_held();
    impatient.stop(runtime::StopReason::disconnected);
    let_it_go();
    finish();
    EXPECT_THAT(pushed, testing::ElementsAre("a0", "b0"));
    EXPECT_EQ(impatient.running(), 0u);
}

TEST_F(BatcherTest, ACallHasAtMostSoManyMessages) {
    push("a", Batcher::most_messages - 1);
    push("b", 2);
    push("c", Batcher::most_messages + 1);
    finish();
    EXPECT_EQ(calls, (Sizes{Batcher::most_messages - 1, 2, Batcher::most_messages + 1}));
}

TEST_F(BatcherTest, MoreThanMayWaitAreRefused) {
    for (int i = 0; i < 6; ++i) {
        push("p");
    }
    EXPECT_THAT(ended, testing::ElementsAre("p0: task_push_queue is full"));
    finish();
    EXPECT_EQ(pushed.size(), 5u);
    EXPECT_EQ(waiting.used(), 0u);
}

}  // namespace
}  // namespace brio::tasks
