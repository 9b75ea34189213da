// What a process says of its broker: in metrics (`broker_durable`, and the queues'), and in the log when the
// broker may lose what it has acknowledged.
#pragma once
#include <string>

#include <brio/metrics/registry.hpp>
#include <brio/tasks/tasks.hpp>

namespace brio::app {

class BrokerWatch {
public:
    BrokerWatch(tasks::Tasks& tasks, metrics::Registry& registry);

    /// Asks whether what is acknowledged survives; one that cannot be asked is not durable.
    Async<tasks::Durability> judge();
    /// Asks that, and what the queues look like, again and again until it is stopped.
    Async<void> keep();

private:
    Async<void> show_queues();

    tasks::Tasks& tasks_;
    metrics::Gauge durable_;
    std::string said_;  // in the log, the last time
};

}  // namespace brio::app
