#include <brio/app/task_broker.hpp>

#include <brio/tasks/amqp_broker.hpp>
#include <brio/tasks/database_broker.hpp>
#include <brio/tasks/redis_broker.hpp>

namespace brio::app {

std::unique_ptr<tasks::Broker> open_shared_broker(const Settings& settings, const tasks::TaskSet& set,
                                                  runtime::OffloadPool& offload) {
    if (settings.broker_url.empty() || tasks::is_amqp(settings.broker_url)) {
        return nullptr;
    }
    return std::make_unique<tasks::RedisBroker>(
        tasks::RedisBrokerOptions{.address = *redis::parse_url(settings.broker_url),
                                  .own_queues = set.own_queues()},
        offload);
}

std::unique_ptr<tasks::Broker> open_own_broker(const Settings& settings, const tasks::TaskSet& set,
                                               db::Database& database) {
    if (!settings.broker_url.empty()) {
        return std::make_unique<tasks::AmqpBroker>(
            database, tasks::AmqpBrokerOptions{.address = *tasks::parse_amqp_url(settings.broker_url),
                                               .own_queues = set.own_queues(),
                                               .most_unsent = settings.unsent_tasks});
    }
    return std::make_unique<tasks::DatabaseBroker>(database);
}

}  // namespace brio::app
