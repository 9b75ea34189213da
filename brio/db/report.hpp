// What pages, reviews and commands show of a database's statements and indexes: plain data.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <brio/db/findings.hpp>
#include <brio/runtime/async.hpp>

namespace brio::db {

class Database;

/// One statement of one route or task; times of all runs together unless they say otherwise.
struct StatementLine {
    std::string statement;  // "other": those beyond the limit
    std::string endpoint;
    std::string type;  // select, insert, update, delete, other
    std::uint64_t count = 0;
    std::uint64_t failed = 0;
    std::uint64_t rows = 0;
    std::uint64_t scanned = 0;
    double waited_ms = 0;
    double took_ms = 0;
    double decoded_ms = 0;
    double mean_ms = 0;  // of one run
    double p95_ms = 0;
    double slowest_ms = 0;
    Timestamp slowest_at;
    std::string fingerprint;
    std::string text;
};

struct QueriesReport {
    std::vector<StatementLine> statements;  // what took most time first
    std::vector<SlowStatement> slow;
    std::vector<RepeatedStatement> repeated;
    std::vector<ExceededBudget> over_budget;
};

/// Any thread.
QueriesReport report_queries(Database& database);

/// An index that nothing seems to need.
struct UnusedIndex {
    std::string table;
    std::string index;
    std::vector<std::string> columns;
    std::string why;
    std::string migration;  // drop_index("idx_resource_owner")
};

struct IndexReport {
    std::vector<IndexAdvice> missing;
    std::vector<UnusedIndex> unused;
    std::uint64_t statements = 0;  // that this rests on: those that the process has run
};

/// Asks for the plans of the statements that have run: not on a loop that serves. What is unused rests on
/// PostgreSQL on the server's own count, on SQLite on the plans (of none: nothing is unused); indexes that
/// are unique or lead with a foreign key are needed whoever reads by them. Throws error.hpp's exceptions.
Async<IndexReport> report_indexes(Database& database);

}  // namespace brio::db
