// The statements that keep the record of migrations in a PostgreSQL database. Internal and pure.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <brio/db/migration_target.hpp>

namespace brio::db::postgres {

/// What the engine keeps for itself in a database: made before the first migration and looked after by every
/// later run, under the migrators' lock. Each may run again at any time.
const std::vector<std::string>& bookkeeping();

/// The change is done: no steps of it remain, and its revision is there or gone.
std::vector<std::string> note_finished(const Change& change);

std::string note_steps(const Change& change, const StepRecord& steps);

}  // namespace brio::db::postgres
