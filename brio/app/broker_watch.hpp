// What a process says of its broker: in metrics (`broker_durable`, the queues' and the schedule's), and in
// the log when the broker may lose what it has acknowledged.
#pragma once
#include <string>

#include <brio/metrics/registry.hpp>
#include <brio/tasks/schedule.hpp>
#include <brio/tasks/schedule_metrics.hpp>
#include <brio/tasks/tasks.hpp>
#include <brio/watch/wanted.hpp>

namespace brio::app {

class BrokerWatch {
public:
    /// All of them outlive it.
    BrokerWatch(tasks::Tasks& tasks, const tasks::Schedule& schedule, metrics::Registry& registry);

    /// Asks whether what is acknowledged survives; one that cannot be asked is not durable.
    Async<tasks::Durability> judge();
    /// Asks that, and what the queues and the schedule look like, again and again until it is stopped,
    /// whatever fails.
    Async<void> keep();
    /// In queues that are not paused, as of the last look.
    const watch::Waiting& waiting() const noexcept { return waiting_; }

private:
    Async<void> show();

    tasks::Tasks& tasks_;
    const tasks::Schedule& schedule_;
    tasks::ScheduleMetrics schedule_metrics_;
    metrics::Gauge durable_;
    watch::Waiting waiting_;
    std::string said_;  // in the log, the last time
};

}  // namespace brio::app
