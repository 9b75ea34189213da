// What the typed layer asks of a database engine. Internal: programs use Db.
//
// A Query is a statement with its values and a sink for its rows. Reads come in batches that see one
// snapshot; writes come as jobs that the engine may still carry out after nobody waits for them any more;
// transactions are sequences of both.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <brio/runtime/async.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/sql/generations.hpp>
#include <brio/sql/json_plan.hpp>
#include <brio/sql/statement.hpp>
#include <brio/sql/value.hpp>

namespace brio::db {

/// Takes the rows of one statement, on whichever thread runs it.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void row(const sql::Columns& columns) = 0;
    /// What came so far is void: the statement runs again.
    virtual void clear() = 0;
};

/// Where the children of a row are put into its JSON: the number of the plan's splice, the row's id.
struct JsonSplice {
    std::uint16_t number;
    std::int64_t key;
    std::size_t at;  // in `out`
};

/// Rows as JSON, written by the engine without a call per row.
struct JsonRows {
    const sql::JsonPlan* plan = nullptr;
    int key = -1;                     // the result column that `last_key` keeps of the last row; -1: none
    std::uint64_t most = UINT64_MAX;  // rows to write; one more is noticed in `more`
    Buffer out;                       // objects, with commas between
    std::uint64_t rows = 0;
    bool more = false;
    sql::Values last_key;             // of the last row written
    std::int64_t last_id = 0;         // and its first column
    std::vector<std::int64_t> ids;    // of each row, when the plan asks
    std::vector<JsonSplice> splices;  // in the order of their places
    std::vector<std::size_t> ends;    // where each row's closing brace stands in `out`, when the plan asks
    void clear() noexcept;
};

struct Query {
    const sql::Statement* statement = nullptr;
    sql::Values values;
    Sink* sink = nullptr;  // one of the two, or none where rows do not matter
    JsonRows* json = nullptr;

    // What came of it.
    std::uint64_t rows = 0;
    std::uint64_t changes = 0;
    std::int64_t inserted_id = 0;
    // Where its time went, for the statistics; what passes beside it is counted as waiting. 0: it did not
    // end.
    std::uint64_t took_ns = 0;     // from its begin in the engine, or its turn at the server, to its last row
    std::uint64_t decoded_ns = 0;  // of making values of its rows, where that is no part of took_ns
    std::uint64_t scanned = 0;  // rows stepped over because no index leads to those wanted, where it is known
};

/// Writes that succeed or fail together. Shared by the coroutine that waits and the engine, so that a stopped
/// unit of work can leave.
struct WriteJob {
    virtual ~WriteJob() = default;
    std::vector<Query> queries;
    std::uint64_t commit_ns = 0;  // from the last statement until it is durable
};

/// What one transaction sees of others (PostgreSQL's documentation, "Transaction Isolation"). On SQLite a
/// transaction that may write is alone, which is serializable.
enum class Isolation : std::uint8_t { read_committed, repeatable_read, serializable };

struct TransactionOptions {
    std::chrono::nanoseconds most = std::chrono::seconds(5);  // from its begin to its commit
    Isolation isolation = Isolation::read_committed;
    int retries = 1;  // after a SerializationFailure, from its begin
};

class Transaction {
public:
    virtual ~Transaction() = default;  // rolls back what has not been committed
    /// One after the other; a failing one undoes its own effects only.
    virtual Async<void> run(std::shared_ptr<WriteJob> job) = 0;
    virtual Async<void> commit() = 0;
    /// A point to go back to. They nest: release() and undo() are about the innermost, and end it.
    virtual Async<void> savepoint() = 0;
    virtual Async<void> release() = 0;
    virtual Async<void> undo() = 0;
    /// For whoever commits it, to call once that is done.
    std::vector<std::function<void()>> after_commit;
};

/// What the gauges show.
struct Occupancy {
    std::uint64_t idle = 0;
    std::uint64_t in_use = 0;
    std::uint64_t waiting = 0;
    std::uint64_t most = 0;
};

/// The last time that work had to wait longer for a connection than statements may take; and what is now.
struct PoolTrouble {
    std::string words;               // who had the connections then; empty: it never had to
    std::chrono::nanoseconds at{0};  // monotonic
    std::string away;                // why no connection can be opened now; empty: they can
};

class Notifications;

class Engine {
public:
    virtual ~Engine() = default;
    virtual sql::Dialect dialect() const noexcept = 0;
    virtual sql::Generations& generations() noexcept = 0;
    virtual Occupancy occupancy() noexcept = 0;
    /// Any thread. Nothing on SQLite.
    virtual PoolTrouble pool_trouble() const { return {}; }

    /// Runs the batch before it returns, where all of it has measured cheap; false: nothing happened, use
    /// read().
    virtual bool read_now(runtime::Work& work, std::span<Query> batch) = 0;
    /// All of the batch in one snapshot. Throws Unavailable, QueryTimeout, StatementError, Cancelled.
    virtual Async<void> read(std::span<Query> batch) = 0;
    /// Gives when it is durable. Throws what went wrong with this job alone. A stopped unit of work gets
    /// Cancelled at once, and the job may still be carried out.
    virtual Async<void> write(std::shared_ptr<WriteJob> job) = 0;
    virtual Async<std::shared_ptr<Transaction>> begin(TransactionOptions options) = 0;
    /// Prepares and drops the statement. Throws StatementError that says what is wrong with it.
    virtual void check(const sql::Statement& statement) = 0;
    /// How the engine would carry out the query whatever its values, which are not there, as lines in the
    /// engine's own words; empty where it does not say. Not for serving loops: the statement watch asks on a
    /// thread of its own.
    virtual Async<std::string> explain(const Query& query);
    /// The same if there were one more index, made by `create_index` in a copy of the schema without rows;
    /// empty where the engine has no such copy.
    virtual Async<std::string> explain_with(const Query& query, std::string create_index);
    /// Sixteen random bytes that belong to the database: made once, kept in it, the same for every process.
    virtual std::array<std::byte, 16> secret() = 0;
    /// The engine's bounds, for whoever shows them.
    virtual void each_limit(const std::function<void(runtime::Limit&)>& visit) = 0;
    /// Nothing on SQLite.
    virtual Notifications* notifications() noexcept { return nullptr; }
};

}  // namespace brio::db
