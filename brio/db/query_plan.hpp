// What an engine's plan of a statement says, in plain words.
//
// Pure. Knows the lines of SQLite's EXPLAIN QUERY PLAN ("SCAN t", "SEARCH t USING INDEX i (a=?)", "USE TEMP
// B-TREE FOR ORDER BY") and of PostgreSQL's EXPLAIN ("Seq Scan on resources t", "Index Scan using i on …").
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <brio/db/statement_shape.hpp>

namespace brio::db {

struct PlanReading {
    std::vector<std::string> scanned;  // tables that are read from end to end
    std::vector<std::string> indexes;  // that it uses, by name
    bool sorts = false;                // rows are put in order after they were found
};

/// `plan` is lines; aliases in it become the shape's tables.
PlanReading read_plan(std::string_view plan, const StatementShape& shape);

/// "scans the whole table resources: an index on (status, created_at) would lead; sorts its rows afterwards".
/// Empty when the plan is as good as it gets.
std::string plan_words(const PlanReading& reading, const StatementShape& shape);

}  // namespace brio::db
