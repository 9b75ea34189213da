// How the Redis broker wakes an idle worker.
#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/runtime/within.hpp>
#include <brio/tasks/celery_message.hpp>
#include <brio/tasks/redis_broker.hpp>

namespace brio::tasks {
namespace {

using std::chrono::microseconds;

constexpr std::chrono::milliseconds look_every{3};  // where no change is told

}  // namespace

RedisBroker::Ear::Ear(redis::Client& client, runtime::Loop& loop)
    : watch(client.watch(loop, [this] {
          ++changes;
          waiters.notify_all();
      })) {}

/// The time until something is due in a queue that is not paused; 0: now. Watches what that depends on.
Async<microseconds> RedisBroker::look_for_due(Ear& ear, const Words& queues) {
    std::vector<redis::Command> commands(1, redis::Command("SMISMEMBER", "brio:paused"));
    for (const std::string& queue : queues) {
        commands.front().add(queue);
        commands.push_back(redis::Command("EXISTS"));
        for (const std::uint8_t priority : {0, 3, 6, 9}) {
            commands.back().add(celery_list(queue, priority));
        }
        commands.emplace_back("ZRANGE", concat({"brio:scheduled:", queue}), 0, 0, "WITHSCORES");
    }
    const auto replies = ear.watch->is_watching() ? co_await ear.watch->look(std::move(commands))
                                                  : co_await client_.commands(std::move(commands));
    if (!replies) {
        refuse(replies.error());
    }
    const auto paused = replies->front().elements();
    const std::int64_t now = clocks_.wall().microseconds;
    microseconds soonest = microseconds::max();
    for (std::size_t i = 0; i < queues.size(); ++i) {
        if (i >= paused.size() || paused[i].integer() == 1) {
            continue;
        }
        const auto first = (*replies)[2 * i + 2].elements();
        if ((*replies)[2 * i + 1].integer().value_or(0) > 0) {
            co_return microseconds(0);
        }
        if (first.size() == 2) {
            const microseconds left(first[1].integer().value_or(now) - now);
            soonest = std::min(soonest, std::max(left, microseconds(0)));
        }
    }
    co_return soonest;
}

Async<void> RedisBroker::wait(std::span<const std::string> queues, std::chrono::milliseconds most) {
    const Words names(queues.begin(), queues.end());
    auto& work = co_await runtime::current_work;
    Ear& ear = ears_.of(*work.loop, [&] { return std::make_unique<Ear>(client_, *work.loop); });
    const auto until = monotonic_now() + most;
    for (;;) {
        const std::uint64_t heard = ear.changes;
        const microseconds due = co_await look_for_due(ear, names);
        const auto left = std::chrono::ceil<microseconds>(until - monotonic_now());
        if (due.count() == 0 || left.count() <= 0 || heard != ear.changes) {
            co_return;
        }
        const microseconds longest = ear.watch->is_watching() ? options_.net : look_every;
        const auto is_told = co_await runtime::within(std::min({due, left, longest}),
                                                      [](runtime::WaitList* waiters) -> Async<bool> {
                                                          co_await waiters->wait();
                                                          co_return true;
                                                      }(&ear.waiters));
        if (is_told) {
            co_return;
        }
    }
}

}  // namespace brio::tasks
