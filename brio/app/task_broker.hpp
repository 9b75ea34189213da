// Which broker keeps the program's tasks: the Redis of BROKER_URL, or the program's own database, with the
// messages in the RabbitMQ of BROKER_URL if it names one.
#pragma once
#include <memory>

#include <brio/app/settings.hpp>
#include <brio/db/database.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/tasks/tasks.hpp>

namespace brio::app {

/// The Redis of the settings; null where they name none. Destroyed after `offload`.
std::unique_ptr<tasks::Broker> open_shared_broker(const Settings& settings, const tasks::TaskSet& set,
                                                  runtime::OffloadPool& offload);
/// The database's, which waits for it; destroyed before `database`.
std::unique_ptr<tasks::Broker> open_own_broker(const Settings& settings, const tasks::TaskSet& set,
                                               db::Database& database);

}  // namespace brio::app
