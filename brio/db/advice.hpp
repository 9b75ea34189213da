// From what a statement does to what would mend it, in words and in code of Brio. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/db/findings.hpp>
#include <brio/db/query_plan.hpp>
#include <brio/db/schema_facts.hpp>
#include <brio/db/statement_shape.hpp>
#include <brio/sql/statement.hpp>

namespace brio::db {

/// What a statement that runs again and again in one unit of work should become. `others` are the tables that
/// the same work read by other statements: those that refer to this one are named first.
std::string advice_for_repetition(const sql::Statement& statement, const StatementShape& shape,
                                  const SchemaFacts& facts, const std::vector<std::string>& others);

/// The indexes that would save the plan its scans, without `why` and proof; none where the schema has them
/// already (the planner did not want it) or no column is known.
std::vector<IndexAdvice> advice_for_scans(const PlanReading& reading, const StatementShape& shape,
                                          const SchemaFacts& facts);

/// `CREATE INDEX "name" ON "table" ("a", "b")`, for a trial.
std::string create_index_text(const IndexAdvice& advice);

/// The plan with what may be a value in it (texts in quotes, numbers in conditions) as `?`.
std::string without_values(std::string_view plan);

}  // namespace brio::db
