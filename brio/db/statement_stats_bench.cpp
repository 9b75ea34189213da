// What counting a statement costs: the hot path's share of docs/decisions/statement-statistics.md.
#include <benchmark/benchmark.h>

#include <brio/db/statement_stats.hpp>

namespace brio::db {
namespace {

void count_a_statement(benchmark::State& state) {
    metrics::Registry registry;
    const metrics::Seat seat(registry);
    StatementStats stats({.registry = &registry});
    runtime::Loop loop;
    static const sql::Statement statement({.name = "users by id"},
                                          [](sql::Dialect) { return std::string("SELECT 1"); });
    const std::string route = "/api/resources/{id}";
    std::uint64_t ns = 5'000;
    for (auto _ : state) {
        ns = 5'000 + (ns * 7 & 0xfff);
        stats.count(loop, statement, route, {.rows = 20, .took_ns = ns});
    }
}
BENCHMARK(count_a_statement);

}  // namespace
}  // namespace brio::db
