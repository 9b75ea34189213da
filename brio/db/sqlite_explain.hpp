// SQLite's plans of statements. Internal.
#pragma once
#include <memory>
#include <string>

#include <brio/db/sqlite_connection.hpp>

namespace brio::db::sqlite {

/// EXPLAIN QUERY PLAN as lines, what is part of something two blanks further in. Carries out nothing. Throws
/// StatementError.
std::string explain(Connection& connection, const sql::Statement& statement);

/// A database in memory with the same tables, indexes and statistics of ANALYZE, and no rows: the planner
/// decides in it as in the whole one.
std::unique_ptr<Connection> schema_copy(Connection& connection);

}  // namespace brio::db::sqlite
