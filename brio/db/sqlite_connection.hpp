// One SQLite connection with what it has prepared. Internal.
//
// Used by one thread at a time. Statements are prepared once and found by their number; a budget ends what
// takes too long.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/clock.hpp>
#include <brio/db/engine.hpp>
#include <brio/db/placement.hpp>
#include <brio/db/sqlite_turn.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace brio::db::sqlite {

struct ConnectionOptions {
    std::string path;
    bool writes = false;
    bool create = false;
    std::chrono::milliseconds busy_timeout{5000};
    std::int64_t mmap_bytes = std::int64_t{1} << 30;
    std::int64_t cache_kib = 16 * 1024;
    std::int64_t most_kept_log = std::int64_t{64} << 20;  // bytes that a log which starts again keeps
};

/// When a running statement gives up. Checked about every 1,000 instructions of SQLite's machine (some 10
/// microseconds).
struct Budget {
    Ticks until = UINT64_MAX;
    const std::atomic<bool>* stop = nullptr;
};

enum class Outcome : std::uint8_t { done, interrupted };

/// A prepared statement and what it has cost.
struct Prepared {
    sqlite3_stmt* handle = nullptr;
    Placement placement;
};

class Connection {
public:
    /// Throws Unavailable when the file cannot be opened, StatementError when it is no database.
    explicit Connection(ConnectionOptions options);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// Prepares at first use. Throws StatementError with SQLite's words.
    Prepared& prepare(const sql::Statement& statement);
    /// Fills the query's results. Interrupted only under a budget; then nothing of it holds, and a write has
    /// rolled back the transaction it was in. Throws error.hpp's exceptions, and what the sink throws.
    Outcome run(Query& query, const Budget& budget = {});
    /// Transaction control, prepared at first use. Throws as run() does.
    enum class Control : std::uint8_t { begin, commit, roll_back, savepoint, release, undo };
    void control(Control control);
    /// Text without parameters and results, several statements allowed.
    void execute(const char* text);
    /// One integer, as of a pragma. Throws when there is none.
    std::int64_t integer(const char* text);

    /// BEGIN IMMEDIATE that waits for other processes' writers, at most `most`, asking `abandon` between the
    /// tries; among those who wait here (sqlite_turn.hpp), nobody is passed again and again.
    bool begin_write(std::chrono::milliseconds most, const std::function<bool()>& abandon);
    bool in_transaction() const noexcept;
    /// Moves with every change of the schema, whoever makes it.
    std::int64_t schema_version();
    /// Pages in the write-ahead log after the last commit that wrote; 0 before any.
    int wal_pages() const noexcept { return wal_pages_; }
    /// Commits of this connection that wrote something.
    std::uint32_t commits() const noexcept { return commits_; }
    /// The number of commits ever made by anybody that the write-ahead log's index holds: SQLite's file
    /// format documentation, "WAL-Index Header", iChange. 0 when there is no log.
    std::uint32_t change_counter() noexcept;
    /// Pages of the log, and how many of them are in the database; equal after a whole checkpoint.
    struct Checkpointed {
        int pages = 0;
        int moved = 0;
    };
    /// Moves the log into the database; `wait` also waits for readers, at most the busy timeout, and makes
    /// the log start again. Never throws: busy is normal.
    Checkpointed checkpoint(bool wait) noexcept;

    sqlite3* handle() noexcept { return handle_; }

private:
    bool try_to_begin();
    Outcome step_all(Prepared& prepared, Query& query);
    sqlite3_stmt* control_handle(std::size_t at);
    void configure(const ConnectionOptions& options);
    static int on_progress(void* connection);
    static int on_commit(void* connection, sqlite3*, const char*, int pages);

    sqlite3* handle_ = nullptr;
    std::optional<WriteTurn> turn_;                    // of one that writes
    std::vector<std::unique_ptr<Prepared>> prepared_;  // by the statement's number
    std::array<sqlite3_stmt*, 8> controls_{};
    Budget budget_;
    int wal_pages_ = 0;
    std::uint32_t commits_ = 0;
};

/// Throws the exception that a result code and the connection's message stand for.
[[noreturn]] void throw_error(sqlite3* handle, int code, std::string_view statement);

}  // namespace brio::db::sqlite
