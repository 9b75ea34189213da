// The black box at the admin server:
//
//     GET /api/slow?name=/api/resources&kind=request&why=slow&top=50    the newest first
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <brio/http/router.hpp>
#include <brio/ledger/black_box.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio::app {

/// What GET /api/slow gives.
struct SlowPhase {
    std::string phase;
    double ms = 0;
};
struct SlowStatement {
    std::string statement;
    std::uint64_t count = 0;
    double ms = 0;
};
/// Where its processor time went, as far as samples were taken of it.
struct SlowStack {
    std::uint32_t seen = 0;
    std::vector<std::string> frames;  // the outermost function first
};
struct SlowEntry {
    std::uint64_t number = 0;
    Timestamp at;        // its end
    std::string kind;    // "request", "task"
    std::string why;     // "slow", "deadline", "failed"
    std::string method;  // a request's
    std::string name;    // the route's pattern or the task's name
    std::string target;  // a request's path without the query, a task's id
    int status = 0;      // a request's
    std::string error;   // a task's: its type
    double total_ms = 0;
    double goal_ms = 0;
    std::vector<SlowPhase> phases;  // those that took time, in the order of the ledger
    std::uint64_t statement_runs = 0;
    std::uint64_t rows = 0;
    std::vector<SlowStatement> statements;  // those that took most time, the longest first
    std::vector<SlowStack> cpu;             // the most seen first
    std::string request_id;
    std::string trace_id;  // empty: nobody traced it
    std::uint32_t process = 0;
};
struct SlowReport {
    std::uint64_t kept = 0;  // since the program started; the last `most` of them are here
    std::uint64_t most = 0;
    std::vector<SlowEntry> slow;
};

struct SlowQuery {
    std::uint32_t top = 50;
    std::optional<std::string> name;
    std::optional<std::string> kind;
    std::optional<std::string> why;
};

/// Of an address the name of its function.
using NameFunction = std::function<std::string(std::uint64_t address)>;

/// `newest` has the newest first.
SlowReport report_slow(std::span<const ledger::SlowWork> newest, const SlowQuery& query,
                       const NameFunction& name_of_function);

/// The box outlives the router's use.
void add_slow_routes(http::Router& router, const ledger::BlackBox& box);

}  // namespace brio::app
