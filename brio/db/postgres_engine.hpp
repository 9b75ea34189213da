// PostgreSQL behind the engine interface. Internal.
//
// A read of one statement that has measured cheap goes over a connection that the loop shares among all its
// units of work, pipelined; such reads are never cancelled, and what comes for a unit of work that has left
// is thrown away. Everything else leases a connection: a read that is new or slow, several reads of one
// snapshot, writes, transactions. docs/decisions/postgresql-connections.md has the measurements. Loops must
// outlive the engine.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include <brio/db/metrics.hpp>
#include <brio/db/postgres_allowance.hpp>
#include <brio/db/postgres_keeper.hpp>
#include <brio/db/postgres_pool.hpp>
#include <brio/db/sharing.hpp>
#include <brio/db/statement_limits.hpp>
#include <brio/runtime/seats.hpp>

namespace brio::db::postgres {

struct EngineOptions {
    std::string url;
    std::size_t connections =
        20;  // of this process, everything counted, while the server has them; at least 4
    std::size_t most_waiting = 4096;
    StatementLimits limits = {};
    std::chrono::nanoseconds wait_goal = std::chrono::milliseconds(100);  // a longer wait is reported
    metrics::Registry* registry = nullptr;
};

class PostgresEngine final : public Engine {
public:
    /// Throws Unavailable, StatementError or std::invalid_argument.
    explicit PostgresEngine(EngineOptions options);
    ~PostgresEngine() override;

    sql::Dialect dialect() const noexcept override { return sql::Dialect::postgresql; }
    sql::Generations& generations() noexcept override { return generations_; }
    Occupancy occupancy() noexcept override { return pool_.occupancy(); }
    PoolTrouble pool_trouble() const override { return pool_.trouble(); }
    bool read_now(runtime::Work&, std::span<Query>) override { return false; }
    Async<void> read(std::span<Query> batch) override;
    Async<void> write(std::shared_ptr<WriteJob> job) override;
    Async<std::shared_ptr<Transaction>> begin(TransactionOptions options) override;
    void check(const sql::Statement& statement) override;
    Async<std::string> explain(const Query& query) override;
    std::array<std::byte, 16> secret() override;
    void each_limit(const std::function<void(runtime::Limit&)>& visit) override;
    Notifications* notifications() noexcept override { return &keeper_; }

private:
    class OpenTransaction;
    struct Seat;

    Seat& seat_of(runtime::Loop& loop);
    void open_shared(Seat& seat, std::size_t at);
    void leave_shared(Seat& seat, std::size_t at);
    void leave_one_too_many(Seat& seat);
    Connection* shared_of(Seat& seat);
    Async<void> read_shared(Seat& seat, Connection& connection, Query& query);
    Async<void> read_leased(Seat& seat, std::span<Query> batch);
    Async<void> write_once(WriteJob& job);
    /// A message that changes the statement limit: to that of these statements, and to what is left of the
    /// deadline where that is less. None where it is the connections' own.
    std::optional<Query> other_limit(const runtime::Work& work, std::span<const Query> together) const;

    const EngineOptions options_;
    sql::Generations generations_;
    std::optional<Metrics> metrics_;
    Allowance allowance_;
    runtime::Seats<Seat> seats_;
    // In this order: the connector's threads call the pool and the seats, the pool the keeper.
    Keeper keeper_;
    Connector connector_;
    Pool pool_;
    std::vector<metrics::Callback> gauges_;  // ask all of the above: the first to go
};

}  // namespace brio::db::postgres
