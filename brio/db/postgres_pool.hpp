// The bounded pool of leased connections: fair over all loops, with a deadline for who waits and a report of
// who holds. Internal.
//
// A lease is one connection for one unit of work. Whoever waits is served in order, whatever its loop. A
// connection that comes back in the middle of something (its unit of work was stopped) is cancelled and
// cleaned up first, or closed when that takes longer than half a second. Any thread; leases are taken and
// given back on loops. Where the server has no connection left, whoever waits gets the next one that comes
// back; only a process that has none at all asks the server again and again.
#pragma once
#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <brio/db/postgres_connector.hpp>
#include <brio/db/postgres_holders.hpp>
#include <brio/runtime/limit.hpp>

namespace brio::db::postgres {

class Keeper;
class Pool;

struct PoolOptions {
    std::size_t most = 16;                                          // connections
    std::size_t most_waiting = 4096;                                // units of work
    std::chrono::nanoseconds wait_limit = std::chrono::seconds(5);  // whoever has no earlier deadline
    std::chrono::nanoseconds report_after = std::chrono::milliseconds(100);  // a wait that is reported
    std::chrono::nanoseconds report_every = std::chrono::seconds(10);
};

class Lease {
public:
    Lease() = default;
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    /// Gives the connection back at the end of the loop's turn.
    ~Lease();

    Connection& operator*() const noexcept { return *connection_; }
    Connection* operator->() const noexcept { return connection_.get(); }
    /// For the report of holders.
    void note_statement(const sql::Statement& statement) const noexcept {
        holder_->statement.store(&statement, std::memory_order_relaxed);
    }

private:
    friend class Pool;
    Lease(Pool& pool, std::unique_ptr<Connection> connection,
          std::list<HolderEntry>::iterator holder) noexcept
        : pool_(&pool),
          connection_(std::move(connection)),
          holder_(holder) {}

    Pool* pool_ = nullptr;
    std::unique_ptr<Connection> connection_;
    std::list<HolderEntry>::iterator holder_;
};

/// A connection's place in the allowance, for one that its holder opens. Movable.
class Place {
public:
    explicit Place(Pool& pool) noexcept : pool_(&pool) {}
    Place(Place&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    /// Gives it back.
    ~Place();

private:
    Pool* pool_;
};

class Pool {
public:
    /// Each connection takes one of `allowance`, which others take from as well.
    Pool(PoolOptions options, runtime::Limit& allowance, Connector& connector, Keeper& keeper);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Waits for a connection. Throws Unavailable when none comes in time or there will be none,
    /// runtime::Overloaded when too many wait, Cancelled. The wait is charged to `pool`.
    Async<Lease> lease(this Pool& self);
    /// The place of one that is not leased: where the allowance has none left, that of the next connection
    /// that could be leased, which is closed. Throws as lease() does.
    Async<Place> place(this Pool& self);

    Occupancy occupancy() const;
    std::string holders() const;
    /// The wait that was reported last.
    PoolTrouble trouble() const;
    runtime::Limit& waiting_limit() noexcept { return waiting_; }
    /// Fewer or more connections from now on: idle ones beyond it are closed, leased ones when they come
    /// back.
    void set_most(std::size_t most);
    /// The most that were leased and wanted at a time since this was last asked.
    std::size_t take_peak();
    /// Called where the server has no connection left, on a thread of the connector. To be set before the
    /// first lease.
    void on_no_room(std::function<void()> told) { no_room_ = std::move(told); }

private:
    struct Ticket;
    struct Recovery;
    class Wait;
    friend class Lease;
    friend class Place;

    std::unique_ptr<Connection> take_idle();
    Lease make_lease(std::unique_ptr<Connection> connection, const runtime::Work& work);
    void join_queue(const std::shared_ptr<Ticket>& ticket);
    std::shared_ptr<Ticket> take_posted(const Ticket& ticket);
    /// False when it is no longer there: it has its connection, or will soon be told.
    bool leave_queue(const std::shared_ptr<Ticket>& ticket) noexcept;
    void open_one_more();  // with mutex_ held
    void note_peak() noexcept { peak_ = std::max(peak_, holders_.size() + queue_.size()); }  // the same
    void opened_none(std::exception_ptr hopeless);
    void opened(std::unique_ptr<Connection> connection, std::exception_ptr hopeless);
    void give_back(std::unique_ptr<Connection> connection, std::list<HolderEntry>::iterator holder);
    void take_back(Connection& connection);
    void recover(std::unique_ptr<Connection> connection, runtime::Loop& loop);
    void recovered(Recovery& recovery);
    void pass_on(std::unique_ptr<Connection> connection, runtime::Loop* attached);
    void drop(std::unique_ptr<Connection> connection);
    void close(Lease lease);
    void give_back_place();
    void count_closed() noexcept;  // with mutex_ held
    void report_wait(std::chrono::nanoseconds waited);

    const PoolOptions options_;
    runtime::Limit& allowance_;
    Connector& connector_;
    Keeper& keeper_;
    runtime::Limit waiting_;
    std::function<void()> no_room_;
    mutable std::mutex mutex_;
    std::size_t most_;      // guarded by mutex_, as is all below
    std::size_t open_ = 0;  // connections, idle or leased or being cleaned up
    std::size_t opening_ = 0;
    std::size_t peak_ = 0;
    std::vector<std::unique_ptr<Connection>> idle_;  // the last used last
    std::deque<std::shared_ptr<Ticket>> queue_;
    std::vector<std::shared_ptr<Ticket>> posted_;  // served, on their way to their loops
    std::list<HolderEntry> holders_;
    std::vector<std::unique_ptr<Connection>> leaving_;  // until the end of their loops' turns
    std::list<std::unique_ptr<Recovery>> recoveries_;
    std::chrono::nanoseconds reported_{};
    std::string reported_holders_;
};

}  // namespace brio::db::postgres
