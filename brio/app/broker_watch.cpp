#include <brio/app/broker_watch.hpp>

#include <algorithm>
#include <utility>

#include <brio/base/log.hpp>
#include <brio/base/steady_wall.hpp>
#include <brio/base/text.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/tasks/schedule_keeper.hpp>

namespace brio::app {
namespace {

constexpr std::chrono::seconds asked_every{5};

watch::Waiting waiting_in(const std::vector<tasks::QueueStatus>& queues, Timestamp now) {
    watch::Waiting waiting;
    for (const auto& each : queues) {
        if (each.is_paused) {
            continue;
        }
        waiting.ready += each.ready;
        if (each.oldest) {
            waiting.oldest = std::max<std::chrono::nanoseconds>(
                waiting.oldest, std::chrono::microseconds(now.microseconds - each.oldest->microseconds));
        }
    }
    return waiting;
}

}  // namespace

BrokerWatch::BrokerWatch(tasks::Tasks& tasks, const tasks::Schedule& schedule, metrics::Registry& registry)
    : tasks_(tasks),
      schedule_(schedule),
      schedule_metrics_(registry),
      durable_(registry
                   .gauge({.name = "broker_durable",
                           .help = "1 where tasks that were acknowledged survive the broker's end.",
                           .labels = {}})
                   .with({})) {}

Async<tasks::Durability> BrokerWatch::judge() {
    auto& broker = tasks_.broker();
    tasks::Durability found;
    std::string news;
    try {
        found = co_await broker.durability();
        durable_.set(found.is_durable ? 1 : 0);
        news = found.words;
    } catch (const runtime::Unavailable& away) {
        found = {.is_durable = false, .words = concat({"it cannot be asked: ", away.what()})};
        news = "away";
    }
    if (!news.empty() && news != said_) {
        log_warning("the broker may lose tasks", {{"broker", broker.words()}, {"why", found.words}});
    }
    said_ = std::move(news);
    co_return found;
}

Async<void> BrokerWatch::keep() {
    std::string fault;  // said in the log
    for (;;) {
        try {
            co_await judge();
            co_await show();
            fault.clear();
        } catch (const runtime::Cancelled&) {  // the process ends
            co_return;
        } catch (const std::exception& error) {
            if (std::exchange(fault, error.what()) != error.what()) {
                log_warning("the broker cannot be watched",
                            {{"broker", tasks_.broker().words()}, {"error", error.what()}});
            }
        }
        try {
            co_await runtime::sleep_for(asked_every);
        } catch (const runtime::Cancelled&) {
            co_return;
        }
    }
}

Async<void> BrokerWatch::show() {
    try {
        const Timestamp now(steady_wall_now());
        const auto queues = co_await tasks_.broker().queues();
        tasks_.metrics().show(queues, now);
        waiting_ = waiting_in(queues, now);
        for (const auto& entry : schedule_.entries()) {
            const auto status = co_await tasks::status_of(tasks_, entry, now);
            schedule_metrics_.show(entry.name, {.last = status.last, .next = status.next});
        }
    } catch (const runtime::Unavailable&) {  // judge() has said it, and says it no more
    }
}

}  // namespace brio::app
