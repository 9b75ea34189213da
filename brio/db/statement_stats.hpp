// What statements have cost, for each statement and each route or task that ran it.
//
// A loop counts in cells of its own, without locks and without allocation once it has met a pair of statement
// and work; a reader adds the loops' cells up while they are written. Pairs beyond the limit
// `db_statement_series` are counted together as "other".
#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <brio/base/clock.hpp>
#include <brio/db/time_spread.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/sql/statement.hpp>

namespace brio::db {

/// What one run of a statement adds.
struct StatementRun {
    std::uint64_t rows = 0;
    std::uint64_t scanned = 0;     // rows stepped over without an index, where the engine counts them
    std::uint64_t waited_ns = 0;   // for a connection, a thread or the writer's turn
    std::uint64_t took_ns = 0;     // in the engine
    std::uint64_t decoded_ns = 0;  // rows to values, where the engine tells it from the rest
    bool failed = false;           // or given up
};

/// The sum of all loops. Copied out, so it may be kept.
struct StatementRecord {
    const sql::Statement* statement = nullptr;  // null: others, beyond the limit
    std::string work;                           // the route's pattern or the task's name; may be empty
    std::uint64_t count = 0;
    std::uint64_t failed = 0;
    std::uint64_t rows = 0;
    std::uint64_t scanned = 0;
    std::uint64_t waited_ns = 0;
    std::uint64_t took_ns = 0;
    std::uint64_t decoded_ns = 0;
    std::uint64_t slowest_ns = 0;
    WallTime slowest_at{};
    std::uint64_t p95_ns = 0;  // within an eighth

    std::uint64_t mean_ns() const noexcept { return count == 0 ? 0 : took_ns / count; }
};

class StatementStats {
public:
    static constexpr std::size_t most_loops = 64;
    struct Options {
        std::size_t most_series = 1000;
        metrics::Registry* registry = nullptr;  // for db_statement_duration_seconds{statement,endpoint}
        std::uint32_t most_shown = 200;         // series of that family
    };
    explicit StatementStats(Options options);
    StatementStats(const StatementStats&) = delete;
    StatementStats& operator=(const StatementStats&) = delete;
    ~StatementStats();

    /// On the loop's thread. Cost: 7 ns (statement_stats_bench); the first of a pair takes a lock.
    void count(runtime::Loop& loop, const sql::Statement& statement, std::string_view work,
               const StatementRun& run);

    /// Any thread; those that took most time first.
    std::vector<StatementRecord> records() const;
    /// Null when it was never counted in a series of its own.
    const sql::Statement* statement(std::uint32_t number) const;
    runtime::Limit& series_limit() noexcept { return series_limit_; }

private:
    struct Series {
        const sql::Statement* statement;
        std::string work;
        metrics::Summary duration;
    };
    struct Cells;
    struct Shard;
    Shard& shard_of(runtime::Loop& loop);
    Cells& make_cells(Shard& shard, const sql::Statement& statement, std::string_view work);
    Series& series_of(const sql::Statement& statement, std::string_view work);

    const Options options_;
    std::optional<metrics::Family<metrics::Summary>> durations_;
    runtime::Limit series_limit_;
    std::array<std::atomic<Shard*>, most_loops> shards_{};
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Series>> series_;       // guarded by mutex_; the first is of others
    std::vector<std::unique_ptr<Shard>> owned_shards_;  // guarded by mutex_
};

}  // namespace brio::db
