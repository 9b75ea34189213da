// What was typed after `bench`.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace brio::app {

struct BenchWords {
    std::vector<std::string>
        requests;                 // "GET /a"; none: those of the budgets' file, or of the program's routes
    std::string budgets;          // the file; empty: bench.budgets, if there is one
    bool writes_budgets = false;  // the counts that are measured become the budgets
    std::uint64_t rows = 10'000;  // of the database that is made
    std::string database;         // another one, as it is; empty: one is made
    bool over_socket = false;     // instead of a memory link
    bool counts_only = false;
    std::uint32_t rounds = 20;
    std::uint32_t round_ms = 50;
    std::uint32_t cold = 5;                  // processes
    std::string against;                     // another program
    std::vector<std::string> against_env{};  // settings "NAME=VALUE" of who is compared with
    std::string json;                        // where to; empty: nowhere
    std::string junit;                       // the same
    bool is_subject = false;                 // measured, not measuring
};

}  // namespace brio::app
