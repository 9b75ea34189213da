// What the database's statements say of the program that sends them: plain data, for pages, reviews and logs.
// No values of parameters are in it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <brio/reflect/timestamp.hpp>

namespace brio::db {

/// An index that a statement asks for.
struct IndexAdvice {
    std::string table;
    std::vector<std::string> columns;
    std::string why;        // "resources by status: scanned 10000 rows for 20"
    std::string migration;  // create_index("idx_resources_status", "resources", {"status"})
    std::string before;     // the plan now, and with the index, in a copy of the schema; empty: not tried
    std::string after;
};

/// A statement over its goal: one for each statement, the slowest run of it.
struct SlowStatement {
    std::string statement;  // its name
    std::string fingerprint;
    std::string endpoint;  // the route or task that ran it
    std::string text;
    double took_ms = 0;  // of a failed one with its wait
    double waited_ms = 0;
    double goal_ms = 0;
    std::uint64_t rows = 0;
    std::uint64_t scanned = 0;
    bool failed = false;
    std::string plan;   // the engine's lines
    std::string words;  // what is wrong with it; empty: nothing
    std::vector<IndexAdvice> advice;
    std::uint64_t times = 0;  // over its goal since the program started
    std::uint64_t logged = 0;
    Timestamp at;  // of the slowest run
};

/// The same statement again and again in one unit of work: N+1.
struct RepeatedStatement {
    std::string statement;
    std::string fingerprint;
    std::string endpoint;
    std::string text;
    std::uint64_t runs = 0;  // in the worst unit of work
    double took_ms = 0;      // all of them
    double share = 0;        // of the work's goal, 1 is all of it; 0: it has none
    std::string fix;
    std::uint64_t times = 0;  // units of work since the program started
    std::uint64_t logged = 0;
    Timestamp at;  // of the worst one
};

/// A unit of work that ran more statements than it says.
struct ExceededBudget {
    std::string endpoint;
    std::uint64_t budget = 0;
    std::uint64_t statements = 0;  // in the worst unit of work
    std::string ran;               // "21 (20 x users by id, 1 x resources page by created_at)"
    std::uint64_t times = 0;
    std::uint64_t logged = 0;
    Timestamp at;
};

/// A fingerprint as it is shown: sixteen hexadecimal digits.
std::string fingerprint_text(std::uint64_t fingerprint);

struct Findings {
    std::vector<SlowStatement> slow;  // the worst first
    std::vector<RepeatedStatement> repeated;
    std::vector<ExceededBudget> over_budget;
};

}  // namespace brio::db
