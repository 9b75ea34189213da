#include <brio/app/broker_watch.hpp>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/errors.hpp>

namespace brio::app {
namespace {

constexpr std::chrono::seconds asked_every{5};

}  // namespace

BrokerWatch::BrokerWatch(tasks::Tasks& tasks, metrics::Registry& registry)
    : tasks_(tasks),
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
    try {
        for (;;) {
            co_await judge();
            co_await show_queues();
            co_await runtime::sleep_for(asked_every);
        }
    } catch (const runtime::Cancelled&) {  // the process ends
    }
}

Async<void> BrokerWatch::show_queues() {
    try {
        tasks_.metrics().show(co_await tasks_.broker().queues(), Timestamp(wall_now()));
    } catch (const runtime::Unavailable&) {  // judge() has said it, and says it no more
    }
}

}  // namespace brio::app
