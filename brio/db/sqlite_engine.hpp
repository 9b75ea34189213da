// SQLite behind the engine interface: a read connection for each loop, offload threads with their own, one
// writer. Internal.
//
// Reads that have measured cheap run on the loop under a budget; the others, and those that exceed it, on the
// offload threads (docs/decisions/inline-reads.md). Loops must outlive the engine.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <brio/db/sqlite_keeper.hpp>
#include <brio/db/sqlite_writer.hpp>
#include <brio/db/statement_limits.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/seats.hpp>

namespace brio::db::sqlite {

struct EngineOptions {
    std::string path;
    bool create = true;
    std::size_t read_threads = 2;
    std::size_t read_queue = 1024;
    std::size_t write_queue = 4096;
    StatementLimits limits = {};
    std::chrono::milliseconds busy_timeout{5000};
    metrics::Registry* registry = nullptr;
};

class SqliteEngine final : public Engine {
public:
    explicit SqliteEngine(EngineOptions options);
    ~SqliteEngine() override;

    sql::Dialect dialect() const noexcept override { return sql::Dialect::sqlite; }
    sql::Generations& generations() noexcept override { return generations_; }
    Occupancy occupancy() noexcept override;
    bool read_now(runtime::Work& work, std::span<Query> batch) override;
    Async<void> read(std::span<Query> batch) override;
    Async<void> write(std::shared_ptr<WriteJob> job) override;
    Async<std::shared_ptr<Transaction>> begin(TransactionOptions options) override;
    void check(const sql::Statement& statement) override;
    Async<std::string> explain(const Query& query) override;
    Async<std::string> explain_with(const Query& query, std::string create_index) override;
    std::array<std::byte, 16> secret() override;
    void each_limit(const std::function<void(runtime::Limit&)>& visit) override;

private:
    /// What one loop has to itself.
    struct Seat {
        Seat(runtime::Loop& loop, ConnectionOptions options, Writer& writer)
            : connection(std::move(options)),
              mailbox(std::make_shared<Mailbox>(loop, writer)) {}
        Connection connection;
        std::shared_ptr<Mailbox> mailbox;
    };
    Seat& seat_of(runtime::Loop& loop);
    /// Throws Unavailable while the file is not where it was opened: a write would be lost with it.
    void expect_file() const;
    ConnectionOptions read_options() const;
    /// A connection of the offload threads, for as long as it lives.
    struct Lease {
        explicit Lease(SqliteEngine& its_engine);
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        SqliteEngine& engine;
        std::unique_ptr<Connection> connection;
    };
    static Outcome run_batch(Connection& connection, std::span<Query> batch, const Budget& budget);
    void measured(Connection& connection, std::span<Query> batch, bool done);

    const EngineOptions options_;
    sql::Generations generations_;
    std::optional<Metrics> metrics_;
    runtime::Seats<Seat> seats_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> spare_;  // guarded by mutex_
    std::atomic<std::uint64_t> open_{0};
    std::atomic<std::uint64_t> reading_{0};
    std::atomic<std::uint64_t> seats_used_{0};
    Writer writer_;
    Keeper keeper_;
    runtime::OffloadPool readers_;
    std::vector<metrics::Callback> gauges_;  // ask all of the above: the first to go
};

}  // namespace brio::db::sqlite
