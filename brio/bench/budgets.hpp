// The requests that a program is measured by and what each may cost, as a file that is kept in git beside it.
//
//     {"cases": [
//       {"request": "GET /api/resources?page_size=20",
//        "most": {"statements": 2, "allocations": 40, "bytes": 9000, "system_calls": 3, "p99_ms": 20}},
//       {"request": "POST /api/resources", "body": {"name": "a"}, "most": {"statements": 1}}
//     ]}
//
// Counts are the same on every machine, so that tests can hold a program to them; times are not. Pure.
#pragma once
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/bench/figures.hpp>
#include <brio/json/raw.hpp>

namespace brio::bench {

/// What one request costs that can be counted: the usual request of a kind, once its program is warm.
struct Counts {
    double statements = 0;
    double bytes = 0;                    // of the answer, its head too
    std::optional<double> allocations;   // of the process; none: cannot be counted in this build
    std::optional<double> system_calls;  // none: the kernel does not let them be counted
    bool operator==(const Counts&) const = default;
};

/// The larger of each.
Counts larger_of(const Counts& one, const Counts& other);

/// The most of each; what is absent is not judged.
struct Budget {
    std::optional<double> statements;
    std::optional<double> allocations;
    std::optional<double> bytes;
    std::optional<double> system_calls;
    std::optional<double> p50_ms;
    std::optional<double> p95_ms;
    std::optional<double> p99_ms;
    bool operator==(const Budget&) const = default;
};

struct Case {
    std::string request;  // method and target: "GET /api/resources?page_size=20"
    std::optional<std::map<std::string, std::string>> fields = {};
    std::optional<json::Raw> body = {};  // JSON
    std::optional<Budget> most = {};
};

struct Budgets {
    std::vector<Case> cases;
};

/// What is wrong with it otherwise, for people.
std::expected<Budgets, std::string> read_budgets(std::string_view text);
/// As a person would write it, a case in two lines.
std::string write_budgets(const Budgets& budgets);

/// "GET /a" or "POST /a {"name":"b"}", as on a command line. What is wrong with it otherwise.
std::expected<Case, std::string> read_case(std::string_view words);
/// The request as bytes, for a server of this process or on this machine.
std::string bytes_of(const Case& each);

/// What is over its budget, a sentence each: "statements: 3, the budget is 2". Without figures, times are not
/// judged.
std::vector<std::string> over_budget(const Budget& most, const Counts& counts, const Figures* figures);
/// What the budget asks of and cannot be counted here, by name.
std::vector<std::string> not_judged(const Budget& most, const Counts& counts);

}  // namespace brio::bench
