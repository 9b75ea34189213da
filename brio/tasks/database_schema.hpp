// The tables that tasks are kept in: brio_tasks, brio_task_workers, brio_task_queues, brio_task_leaders,
// brio_task_values. Internal.
#pragma once
#include <brio/db/database.hpp>

namespace brio::tasks::database {

/// Makes what is absent, one process at a time. Throws StatementError when the tables are another version's,
/// or this user of the database may not make them.
Async<void> make_tables(db::Database& database);

}  // namespace brio::tasks::database
