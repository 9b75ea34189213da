// Which broker keeps the program's tasks.
#pragma once
#include <memory>

#include <brio/db/database.hpp>
#include <brio/tasks/broker.hpp>

namespace brio::app {

/// The database's: tasks are in the program's own tables. `database` outlives it. Waits for the database.
std::unique_ptr<tasks::Broker> open_broker(db::Database& database);

}  // namespace brio::app
