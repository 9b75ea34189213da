// The one thread that writes, with group commit: all jobs that wait are executed in one transaction and
// become durable with one flush. Internal.
//
// A job that fails undoes its own effects only. Completions go to each loop in one post a commit. A waiting
// unit of work that is stopped leaves at once: its job is skipped when it has not begun, else carried out
// with nobody to tell. docs/decisions/sqlite-writer.md has the measurements.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <brio/db/cascades.hpp>
#include <brio/db/engine.hpp>
#include <brio/db/metrics.hpp>
#include <brio/db/sqlite_connection.hpp>
#include <brio/db/statement_limits.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::db::sqlite {

class Mailbox;
class Writer;

/// What the writer's queue holds: a job, or a transaction that wants the writer for itself.
struct Ticket {
    virtual ~Ticket() = default;
    std::shared_ptr<Mailbox> mailbox;
    std::atomic<bool> abandoned{false};
    Ticks executed = 0;  // how long it ran and was committed, for the ledger
    std::exception_ptr error;

    // Of the loop's thread only: whoever waits.
    runtime::Waiting waiting;
};

/// The way between one loop and the writer: what the loop submits in one turn leaves together at the turn's
/// end, and what one commit finished comes back in one post.
class Mailbox : runtime::Posted, runtime::TurnHook, public std::enable_shared_from_this<Mailbox> {
public:
    Mailbox(runtime::Loop& loop, Writer& writer);
    /// On the loop's thread. Throws runtime::Overloaded when the writer's queue is full.
    void send(std::shared_ptr<Ticket> ticket);
    /// On the writer's thread. Takes what it is given.
    void deliver(std::vector<std::shared_ptr<Ticket>>& finished);

private:
    void hand_over();
    void run();

    runtime::Loop& loop_;
    Writer& writer_;
    std::vector<std::shared_ptr<Ticket>> sending_;
    std::shared_ptr<Mailbox> sends_;  // itself, while the loop is to call it
    std::mutex mutex_;
    std::vector<std::shared_ptr<Ticket>> ready_;  // guarded by mutex_
    std::shared_ptr<Mailbox> posted_;             // guarded by mutex_: itself, while the loop is to run it
    std::vector<std::shared_ptr<Ticket>> running_;
};

struct JobTicket final : Ticket {
    std::shared_ptr<WriteJob> job;
};

/// An interactive transaction: the writer serves its steps alone until it ends.
struct TransactionTicket final : Ticket, std::enable_shared_from_this<TransactionTicket> {
    struct Step : Ticket {
        enum class Kind : std::uint8_t { job, commit, savepoint, release, undo } kind = Kind::job;
        std::shared_ptr<WriteJob> job;
    };
    std::chrono::nanoseconds most{};
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::shared_ptr<Step>> steps;  // guarded by mutex
    bool left = false;                        // guarded by mutex: the handle is gone
    bool ended = false;                       // guarded by mutex: no step is served any more
};

struct WriterOptions {
    ConnectionOptions connection;
    std::size_t queue = 4096;
    std::size_t most_batch = 512;
    std::chrono::milliseconds busy_timeout{5000};
    StatementLimits limits = {};
};

class Writer {
public:
    Writer(WriterOptions options, sql::Generations& generations, Metrics* metrics);
    /// Carries out what is queued, then ends.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Room in the queue for a ticket that is to come. Throws runtime::Overloaded when it is full.
    void reserve();
    /// Tickets that have room, in this order; takes what it is given.
    void submit(std::vector<std::shared_ptr<Ticket>>& tickets);
    runtime::Limit& queue_limit() noexcept { return queued_; }
    const runtime::Limit& queue_limit() const noexcept { return queued_; }
    /// Pages in the log after the last commit. Any thread.
    int wal_pages() const noexcept { return wal_pages_.load(std::memory_order_relaxed); }
    bool is_busy() const noexcept { return busy_.load(std::memory_order_relaxed); }

private:
    using Tickets = std::vector<std::shared_ptr<Ticket>>;
    using Slots = std::vector<sql::Generations::Slot>;

    void serve();
    void take(Tickets& batch);
    void run_batch(Tickets& batch);
    bool execute_batch(Tickets& batch, Slots& written);
    bool execute_job(JobTicket& ticket, Slots& written);
    void run_transaction(TransactionTicket& ticket);
    bool serve_step(TransactionTicket::Step& step, Slots& written);
    void commit(const Slots& written);
    void roll_back() noexcept;
    void begin(const std::function<bool()>& abandon);
    void note_tables(const sql::Statement& statement, Slots& written);
    const Cascades& cascades();
    void deliver(Tickets& finished);

    const WriterOptions options_;
    sql::Generations& generations_;
    Metrics* const metrics_;
    Connection connection_;
    runtime::Limit queued_;
    std::atomic<int> wal_pages_{0};
    std::atomic<bool> busy_{false};
    std::uint32_t commits_seen_ = 0;
    std::int64_t schema_version_ = -1;
    std::vector<Slots> slots_;          // of statements, by number, as the schema is
    std::optional<Cascades> cascades_;  // as the schema is

    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::shared_ptr<Ticket>> queue_;  // guarded by mutex_
    bool ending_ = false;                        // guarded by mutex_
    std::thread thread_;
};

}  // namespace brio::db::sqlite
