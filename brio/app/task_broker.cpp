#include <brio/app/task_broker.hpp>

#include <brio/tasks/database_broker.hpp>

namespace brio::app {

std::unique_ptr<tasks::Broker> open_broker(db::Database& database) {
    return std::make_unique<tasks::DatabaseBroker>(database);
}

}  // namespace brio::app
