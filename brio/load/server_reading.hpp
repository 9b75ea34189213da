// What the server under test says of itself at its admin port, and what of it belongs to one run. Pure.
//
// Counters are read at a run's begin and end, levels (connections of the pool, processor) some times within.
// A server that is not Brio's, or whose admin port is not open, has no reading.
#pragma once
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/ledger/blame.hpp>

namespace brio::load {

/// Of one statement and route, added up over all runs.
struct StatementUse {
    std::string statement;  // "resources page by created_at"
    std::string endpoint;
    std::uint64_t runs = 0;
    std::uint64_t rows = 0;
    std::uint64_t scanned = 0;  // rows that the engine looked at; 0 where it does not say
    double took_ms = 0;         // in the engine
    double waited_ms = 0;       // for a connection, a thread or the writer's turn
};

/// Since the server's begin.
struct ServerCounters {
    ledger::PhaseSums phases;                   // of all requests; `count` is how many
    ledger::PhaseSums overruns;                 // of those that took longer than the server's own goal
    std::uint64_t total_ns = 0;                 // of all requests, by the server's clock
    std::map<std::string, std::uint64_t> shed;  // refused requests by reason
    std::vector<StatementUse> statements;       // at most `most_statements`

    static constexpr std::size_t most_statements = 1'000;
};
struct ServerLevels {
    std::uint64_t pool_in_use = 0;
    std::uint64_t pool_waiting = 0;     // work that wants a connection
    std::uint64_t pool_most = 0;        // 0: there is no pool
    std::optional<double> cpu_percent;  // of what the server may use
};

/// What happened between two readings.
struct ServerWindow {
    ServerCounters counted;  // the later minus the earlier; statements that ran, the costliest first
    ServerLevels highest;    // of the levels that were seen; of cpu_percent the median
};

/// From /metrics in Prometheus' text format. Lines that it does not know are passed over.
ServerCounters read_counters(std::string_view metrics);
/// From /api/usage. Else what is wrong.
std::expected<ServerLevels, std::string> read_levels(std::string_view json);
/// From /api/queries. Else what is wrong.
std::expected<std::vector<StatementUse>, std::string> read_statements(std::string_view json);

ServerWindow window_of(const ServerCounters& begin, const ServerCounters& end,
                       std::span<const ServerLevels> levels);

}  // namespace brio::load
