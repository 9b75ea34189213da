// The program's database: one of it, made from a URL, shared by all threads. Handlers get a Db of it.
//
// `sqlite:///name.db` is a file beside the working directory, `sqlite:////var/lib/name.db` an absolute one;
// `postgresql://user:password@host:5432/name` is a database of PostgreSQL 14 or later.
// Loops that use a database must outlive it: destroy it after the last loop has stopped and before the loops.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include <brio/db/db.hpp>
#include <brio/db/engine.hpp>
#include <brio/db/notifications.hpp>
#include <brio/db/raw_statements.hpp>
#include <brio/db/statement_watch.hpp>
#include <brio/db/totals.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/sql/cursor.hpp>

namespace brio::db {

struct DatabaseOptions {
    std::string url = "sqlite:///app.db";
    metrics::Registry* registry = nullptr;  // none: nothing is counted
    std::chrono::nanoseconds statement_limit =
        std::chrono::seconds(1);  // a statement that takes longer is ended
    std::map<std::string, std::chrono::nanoseconds, std::less<>> own_limits =
        {};  // of statements, by their names, instead
    WatchOptions watch = {};

    // SQLite
    std::size_t read_threads = 2;  // for reads that are too long for a loop
    std::size_t read_queue = 1024;
    std::size_t write_queue = 4096;
    std::chrono::milliseconds busy_timeout{5000};  // for another process' writer
    bool create = true;                            // an absent file

    // PostgreSQL
    std::size_t connections = 20;     // of this process, all together
    std::size_t most_waiting = 4096;  // units of work that wait for one
    std::chrono::nanoseconds wait_goal =
        std::chrono::milliseconds(100);  // a longer wait is reported with who holds the connections
};

bool is_postgresql(std::string_view url) noexcept;
/// Throws std::invalid_argument that says which URLs there are.
void check_url(std::string_view url);
/// The database for people, without its password: "shop.db", "127.0.0.1:5432/shop".
std::string place_of(std::string_view url);
/// The file that a `sqlite:` URL names. Throws std::invalid_argument that says which URLs there are.
std::string sqlite_path(std::string_view url);

class Database {
public:
    /// Throws Unavailable, StatementError or std::invalid_argument.
    explicit Database(DatabaseOptions options);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    Db db() noexcept { return Db(*this); }
    const DatabaseOptions& options() const noexcept { return options_; }
    /// The generations of this database's tables, for whoever keeps what was computed from them.
    sql::Generations& generations() noexcept { return engine_->generations(); }
    Engine& engine() noexcept { return *engine_; }
    Totals& totals() noexcept { return totals_; }
    /// Messages between the processes that use the database; nothing on SQLite.
    Notifications* notifications() noexcept { return engine_->notifications(); }
    RawStatements& raw_statements() noexcept { return raw_; }
    /// What the statements have cost and what is wrong with them.
    StatementWatch& watch() noexcept { return watch_; }
    const sql::CursorKey& cursor_key() const noexcept { return cursor_key_; }
    void each_limit(const std::function<void(runtime::Limit&)>& visit) {
        engine_->each_limit(visit);
        watch_.each_limit(visit);
    }

private:
    const DatabaseOptions options_;
    StatementWatch watch_;  // its loop outlives the engine
    std::unique_ptr<Engine> engine_;
    Totals totals_;
    RawStatements raw_;
    sql::CursorKey cursor_key_;
};

}  // namespace brio::db

namespace brio {
using db::Database;
}
