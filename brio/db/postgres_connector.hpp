// Opens connections to PostgreSQL on threads of its own, because libpq resolves names and proves who it is
// while it blocks. Internal.
//
// What fails for a reason that passes (refused, starting up) is tried again, after 20 ms first and 250 ms at
// most, until it works or the connector ends. Where the server has no connection left, whoever wants one is
// told so instead, and the next try waits as long.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <brio/db/postgres_connection.hpp>

namespace brio::db::postgres {

struct ConnectOptions {
    std::string url;
    std::chrono::milliseconds statement_limit{1000};
    std::string set_up = {};  // SETs to begin with
    const char* application = "brio";
};

/// The server has no connection left, or none for this role or database (SQLSTATE 53300).
class NoRoom final : public Unavailable {
public:
    using Unavailable::Unavailable;
};

/// One try, blocking: an open connection in libpq's blocking mode, the caller's to close. Throws Unavailable
/// for what may pass, NoRoom among it, StatementError for what does not (a wrong password, no such database).
pg_conn* open_handle(const ConnectOptions& options);
/// The same as a Connection. Throws as open_handle().
std::unique_ptr<Connection> connect(const ConnectOptions& options);

class Connector {
public:
    /// Called on one of the connector's threads with a connection, or with what makes it hopeless; with
    /// neither where the server has none left.
    using Opened = std::function<void(std::unique_ptr<Connection>, std::exception_ptr hopeless)>;

    Connector(ConnectOptions options, std::size_t threads);
    ~Connector();
    Connector(const Connector&) = delete;
    Connector& operator=(const Connector&) = delete;

    /// `set_up` as in ConnectOptions.
    void open(Opened opened, std::string set_up = {});
    /// Ends the threads; what has not been opened by then never is.
    void end() noexcept;
    /// Why the last try failed; empty when it did not.
    std::string trouble() const;

private:
    struct Wanted {
        Opened opened;
        std::string set_up;
    };
    void serve();
    enum class Outcome : std::uint8_t { done, again, no_room };
    Outcome try_open(const Wanted& wanted);

    const ConnectOptions options_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Wanted> wanted_;          // guarded by mutex_
    std::string trouble_;                // guarded by mutex_
    std::chrono::milliseconds pause_{};  // guarded by mutex_
    bool ending_ = false;                // guarded by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace brio::db::postgres
