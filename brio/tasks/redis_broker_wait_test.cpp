// What wakes an idle worker on Redis, where nothing else would within the test's patience.
#include <gtest/gtest.h>

#include <brio/redis/test_redis.hpp>
#include <brio/runtime/run.hpp>
#include <brio/tasks/redis_broker.hpp>

namespace brio::tasks {
namespace {

using namespace std::chrono_literals;
using redis::test::RedisServer;
using redis::test::turn_until;

/// Waits again and again, in a process of its own.
class IdleWorker {
public:
    explicit IdleWorker(const redis::Address& address) : broker_({.address = address, .net = 1h}, offload_) {
        work_.loop = &loop_;
        waiting_ = wait(*this);
        waiting_.start(work_, [](void*) {}, nullptr);
    }
    ~IdleWorker() {
        work_.stop(runtime::StopReason::shutdown);
        turn_until(loop_, [&] { return waiting_.has_ended(); });
    }
    IdleWorker(const IdleWorker&) = delete;
    IdleWorker& operator=(const IdleWorker&) = delete;

    /// It has looked at everything, and nothing is there.
    bool sleeps(const RedisServer& server) {
        const bool has_looked =
            turn_until(loop_, [&] { return server.cli("INFO stats").contains("tracking_total_keys:11\r"); });
        loop_.turn(1ms);
        woken_ = 0;
        return has_looked;
    }
    bool wakes() {
        const bool woke = turn_until(loop_, [&] { return woken_ != 0; });
        woken_ = 0;
        return woke;
    }

private:
    static Async<void> wait(IdleWorker& self) {
        const std::vector<std::string> queues{"other", "q"};
        for (;;) {
            bool is_away = false;
            try {
                co_await self.broker_.wait(queues, 1h);
                ++self.woken_;
            } catch (const runtime::Cancelled&) {
                break;
            } catch (const runtime::Unavailable&) {
                is_away = true;
            }
            if (is_away) {
                co_await runtime::sleep_for(1ms);
            }
        }
    }

    runtime::Loop loop_;
    runtime::OffloadPool offload_{{.threads = 1}};
    RedisBroker broker_;
    runtime::Work work_;
    Async<void> waiting_;
    int woken_ = 0;
};

struct RedisWait : testing::Test {
    /// In another process.
    template <class Call>
    auto elsewhere(Call call) {
        runtime::Loop loop;
        runtime::OffloadPool offload({.threads = 1});
        RedisBroker broker({.address = server.address()}, offload);
        return runtime::run(loop, call(broker));
    }
    void push(std::string id, std::chrono::milliseconds in = 0ms) {
        const Timestamp now(wall_now());
        std::vector<Message> messages;
        messages.push_back({.id = std::move(id), .name = "app.task", .queue = "q", .pushed_at = now});
        if (in != 0ms) {
            messages.back().due = Timestamp(now.microseconds + std::chrono::microseconds(in).count());
        }
        elsewhere([&](Broker& broker) { return broker.push(std::move(messages)); });
    }

    RedisServer server;
};

TEST_F(RedisWait, WhatPythonPushesWakes) {
    for (const std::string_view list : {"q",
                                        "'q\x06\x16"
                                        "6'"}) {
        server.cli("FLUSHALL");
        IdleWorker worker(server.address());
        ASSERT_TRUE(worker.sleeps(server));
        server.cli("LPUSH unheard x");
        server.cli(concat({"LPUSH ", list, " x"}));
        EXPECT_TRUE(worker.wakes()) << list;
    }
}

TEST_F(RedisWait, ATaskOfThisBrokersWakesWhenItIsPushedAndWhenItIsDue) {
    IdleWorker worker(server.address());
    ASSERT_TRUE(worker.sleeps(server));
    push("now");
    EXPECT_TRUE(worker.wakes());
    server.cli("FLUSHALL");
    ASSERT_TRUE(worker.sleeps(server));
    push("soon", 300ms);
    ASSERT_TRUE(worker.wakes()) << "it sleeps shorter now";
    EXPECT_TRUE(worker.wakes());
}

TEST_F(RedisWait, AQueueThatIsResumedWakes) {
    const auto pause = [](bool paused) {
        return [paused](Broker& broker) { return broker.pause("q", paused); };
    };
    elsewhere(pause(true));
    push("a");
    IdleWorker worker(server.address());
    ASSERT_TRUE(worker.sleeps(server)) << "what waits in a queue that is paused is not for it";
    elsewhere(pause(false));
    EXPECT_TRUE(worker.wakes());
}

TEST_F(RedisWait, ARedisThatCameBackWakes) {
    IdleWorker worker(server.address());
    ASSERT_TRUE(worker.sleeps(server));
    server.kill();
    server.start();
    ASSERT_TRUE(worker.sleeps(server));
    server.cli("LPUSH q x");
    EXPECT_TRUE(worker.wakes());
}

TEST_F(RedisWait, WithoutPermissionToWatchItLooks) {
    server.cli("ACL SETUSER default -client\\|tracking");
    IdleWorker worker(server.address());
    server.cli("LPUSH q x");
    EXPECT_TRUE(worker.wakes());
}

}  // namespace
}  // namespace brio::tasks
