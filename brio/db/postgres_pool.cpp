#include <brio/db/postgres_pool.hpp>

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/db/postgres_clean_up.hpp>
#include <brio/db/postgres_keeper.hpp>
#include <brio/ledger/ledger.hpp>
#include <brio/runtime/errors.hpp>

namespace brio::db::postgres {

// -- leases --

Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      connection_(std::move(other.connection_)),
      holder_(other.holder_) {}

Lease::~Lease() {
    if (connection_ != nullptr) {
        pool_->give_back(std::move(connection_), holder_);
    }
}

Place::~Place() {
    if (pool_ != nullptr) {
        pool_->give_back_place();
    }
}

/// A place in the queue. Shared with the loop's list of posted work, which may run it after nobody waits.
struct Pool::Ticket : runtime::Posted, std::enable_shared_from_this<Ticket> {
    Ticket(Pool& its_pool, runtime::Loop& its_loop)
        : Posted([](Posted& posted) { static_cast<Ticket&>(posted).arrive(); }),
          pool(its_pool),
          loop(its_loop) {}

    /// On any thread: the coroutine goes on on its loop.
    void post() {
        {
            const std::scoped_lock lock(pool.mutex_);
            pool.posted_.push_back(shared_from_this());
        }
        loop.post(*this);
    }
    /// On the loop's thread.
    void arrive() {
        const auto self = pool.take_posted(*this);
        if (waiting) {
            std::exchange(waiting, {}).resume();
        } else if (got != nullptr) {
            pool.pass_on(std::move(got), nullptr);
        }
    }

    Pool& pool;
    runtime::Loop& loop;
    std::unique_ptr<Connection> got;
    std::exception_ptr error;
    runtime::Waiting waiting;  // of the loop's thread only
};

/// Nothing for a ticket that was served without being posted.
std::shared_ptr<Pool::Ticket> Pool::take_posted(const Ticket& ticket) {
    const std::scoped_lock lock(mutex_);
    const auto at = std::ranges::find(posted_, &ticket, &std::shared_ptr<Ticket>::get);
    if (at == posted_.end()) {
        return nullptr;
    }
    auto taken = std::move(*at);
    posted_.erase(at);
    return taken;
}

class Pool::Wait : runtime::StopCallback, runtime::Timer {
public:
    Wait(Pool& pool, runtime::Work& work)
        : StopCallback([](StopCallback& stop, runtime::StopReason) { static_cast<Wait&>(stop).go_on(); }),
          Timer([](Timer& timer) { static_cast<Wait&>(timer).look(); }),
          pool_(pool),
          work_(work),
          ticket_(std::make_shared<Ticket>(pool, *work.loop)),
          begun_(work.loop->now()) {}
    Wait(const Wait&) = delete;
    ~Wait() {
        ticket_->waiting = {};
        pool_.leave_queue(ticket_);
    }

    bool await_ready() const noexcept { return false; }
    template <std::derived_from<runtime::PromiseBase> P>
    void await_suspend(std::coroutine_handle<P> handle) {
        ticket_->waiting = handle;
        pool_.join_queue(ticket_);
        work_.on_stop(*this);
        work_.loop->arm(*this, pool_.options_.report_after);
    }
    std::unique_ptr<Connection> await_resume() {
        work_.check();
        if (ticket_->error) {
            std::rethrow_exception(ticket_->error);
        }
        return std::move(ticket_->got);
    }

private:
    void go_on() {
        pool_.leave_queue(ticket_);
        if (ticket_->waiting) {
            std::exchange(ticket_->waiting, {}).resume();
        }
    }
    void look() {
        const auto waited = work_.loop->now() - begun_;
        if (waited < pool_.options_.wait_limit) {
            pool_.report_wait(waited);
            work_.loop->arm(*this, pool_.options_.wait_limit - waited);
            return;
        }
        if (!pool_.leave_queue(ticket_)) {
            return;
        }
        const std::string trouble = pool_.connector_.trouble();
        ticket_->error =
            std::make_exception_ptr(Unavailable(concat({"no connection came within ", seconds_text(waited),
                                                        ": ", trouble.empty() ? pool_.holders() : trouble})));
        go_on();
    }

    Pool& pool_;
    runtime::Work& work_;
    std::shared_ptr<Ticket> ticket_;
    std::chrono::nanoseconds begun_;
};

Pool::Pool(PoolOptions options, runtime::Limit& allowance, Connector& connector, Keeper& keeper)
    : options_(options),
      allowance_(allowance),
      connector_(connector),
      keeper_(keeper),
      waiting_("db_pool_waiting", options.most_waiting),
      most_(options.most) {}

Pool::~Pool() {
    // The frames that clean up look at their connections while they end.
    recoveries_.clear();
}

Async<Lease> Pool::lease(this Pool& self) {
    auto& work = co_await runtime::current_work;
    work.check();
    const ledger::PhaseScope phase(work.ledger, ledger::Phase::pool);
    auto connection = self.take_idle();
    if (connection == nullptr) {
        connection = co_await Wait(self, work);
    }
    co_return self.make_lease(std::move(connection), work);
}

Async<Place> Pool::place(this Pool& self) {
    if (!self.allowance_.try_take()) {
        self.close(co_await self.lease());
    }
    co_return Place(self);
}

std::unique_ptr<Connection> Pool::take_idle() {
    std::vector<std::unique_ptr<Connection>> dead;
    const std::scoped_lock lock(mutex_);
    while (queue_.empty() && !idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        if (connection->is_alive()) {
            return connection;
        }
        count_closed();
        dead.push_back(std::move(connection));
    }
    return nullptr;
}

Lease Pool::make_lease(std::unique_ptr<Connection> connection, const runtime::Work& work) {
    if (!connection->is_attached()) {
        connection->attach(*work.loop);
    }
    const std::scoped_lock lock(mutex_);
    auto& holder = holders_.emplace_front();
    holder.name = work.name;
    holder.since = work.loop->now();
    note_peak();
    return {*this, std::move(connection), holders_.begin()};
}

// -- the queue --

void Pool::join_queue(const std::shared_ptr<Ticket>& ticket) {
    if (!waiting_.try_take()) {
        ticket->waiting = {};
        throw runtime::Overloaded(waiting_.name());
    }
    const std::scoped_lock lock(mutex_);
    queue_.push_back(ticket);
    note_peak();
    if (opening_ < queue_.size()) {
        open_one_more();
    }
}

bool Pool::leave_queue(const std::shared_ptr<Ticket>& ticket) noexcept {
    const std::scoped_lock lock(mutex_);
    const auto at = std::ranges::find(queue_, ticket);
    if (at == queue_.end()) {
        return false;
    }
    queue_.erase(at);
    waiting_.give_back();
    return true;
}

void Pool::open_one_more() {
    const bool is_first = open_ + opening_ == 0;  // which nobody can do without
    if (is_first) {
        allowance_.take();
    }
    if (is_first || (open_ + opening_ < most_ && allowance_.try_take())) {
        ++opening_;
        connector_.open([this](std::unique_ptr<Connection> connection, std::exception_ptr hopeless) {
            opened(std::move(connection), std::move(hopeless));
        });
    }
}

void Pool::opened(std::unique_ptr<Connection> connection, std::exception_ptr hopeless) {
    if (connection == nullptr) {
        opened_none(std::move(hopeless));
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        --opening_;
        ++open_;
    }
    pass_on(std::move(connection), nullptr);
}

/// Whoever waits fails where it is hopeless; where the server only has none left they wait on, for one that
/// comes back.
void Pool::opened_none(std::exception_ptr hopeless) {
    std::deque<std::shared_ptr<Ticket>> failed;
    {
        const std::scoped_lock lock(mutex_);
        --opening_;
        allowance_.give_back();
        if (hopeless != nullptr) {
            failed.swap(queue_);
            waiting_.give_back(failed.size());
        } else if (open_ + opening_ == 0 && !queue_.empty()) {
            open_one_more();
        }
    }
    if (hopeless == nullptr && no_room_) {
        no_room_();
    }
    for (const auto& ticket : failed) {
        ticket->error = hopeless;
        ticket->post();
    }
}

/// Gives a clean connection to whoever waits longest. `attached` is the loop that it is still attached to.
void Pool::pass_on(std::unique_ptr<Connection> connection, runtime::Loop* attached) {
    connection->until_clean.reset();
    std::shared_ptr<Ticket> next;
    {
        const std::scoped_lock lock(mutex_);
        if (open_ > most_) {
            count_closed();
            connection->detach();
            return;
        }
        if (!queue_.empty()) {
            next = std::move(queue_.front());
            queue_.pop_front();
            waiting_.give_back();
        }
        if (next == nullptr) {
            connection->detach();
            idle_.push_back(std::move(connection));
            return;
        }
    }
    if (&next->loop == attached) {
        next->got = std::move(connection);
        next->arrive();
        return;
    }
    connection->detach();
    next->got = std::move(connection);
    next->post();
}

/// A connection that is of no use any more.
void Pool::drop(std::unique_ptr<Connection> connection) {
    if (connection->until_clean != nullptr) {
        keeper_.keep_for_a_while(std::move(connection->until_clean));
    }
    connection.reset();
    const std::scoped_lock lock(mutex_);
    count_closed();
    if (opening_ < queue_.size()) {
        open_one_more();
    }
}

/// Its place stays taken.
void Pool::close(Lease lease) {
    const auto connection = std::move(lease.connection_);
    const std::scoped_lock lock(mutex_);
    holders_.erase(lease.holder_);
    --open_;
}

void Pool::give_back_place() {
    allowance_.give_back();
    const std::scoped_lock lock(mutex_);
    if (opening_ < queue_.size()) {
        open_one_more();
    }
}

void Pool::count_closed() noexcept {
    --open_;
    allowance_.give_back();
}

void Pool::set_most(std::size_t most) {
    std::vector<std::unique_ptr<Connection>> closed;
    const std::scoped_lock lock(mutex_);
    most_ = std::max<std::size_t>(most, 1);
    for (auto left = queue_.size(); left > 0 && opening_ < queue_.size(); --left) {
        open_one_more();
    }
    while (open_ > most_ && !idle_.empty()) {
        count_closed();
        closed.push_back(std::move(idle_.back()));
        idle_.pop_back();
    }
}

std::size_t Pool::take_peak() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(peak_, holders_.size() + queue_.size());
}

// -- coming back --

void Pool::give_back(std::unique_ptr<Connection> connection, std::list<HolderEntry>::iterator holder) {
    Connection& leaving = *connection;
    {
        const std::scoped_lock lock(mutex_);
        holders_.erase(holder);
        leaving_.push_back(std::move(connection));
    }
    leaving.leave_at_turn_end([this](Connection& left) { take_back(left); });
}

void Pool::take_back(Connection& left) {
    std::unique_ptr<Connection> connection;
    {
        const std::scoped_lock lock(mutex_);
        const auto at = std::ranges::find(leaving_, &left, &std::unique_ptr<Connection>::get);
        connection = std::move(*at);
        leaving_.erase(at);
    }
    runtime::Loop* const loop = connection->loop();
    if (connection->is_broken()) {
        drop(std::move(connection));
    } else if (connection->is_clean()) {
        pass_on(std::move(connection), loop);
    } else {
        recover(std::move(connection), *loop);
    }
}

/// A connection whose unit of work left in the middle of something.
struct Pool::Recovery {
    Recovery(Pool& its_pool, std::unique_ptr<Connection> its_connection, runtime::Loop& loop)
        : pool(its_pool),
          connection(std::move(its_connection)) {
        work.loop = &loop;
    }
    Pool& pool;
    runtime::Work work;
    std::unique_ptr<Connection> connection;
    Async<void> call;
};

void Pool::recover(std::unique_ptr<Connection> connection, runtime::Loop& loop) {
    Recovery* recovery = nullptr;
    {
        const std::scoped_lock lock(mutex_);
        recovery =
            recoveries_.emplace_back(std::make_unique<Recovery>(*this, std::move(connection), loop)).get();
    }
    recovery->call = clean_up(*recovery->connection, keeper_);
    recovery->call.start(
        recovery->work,
        [](void* context) {
            auto& ended = *static_cast<Recovery*>(context);
            ended.pool.recovered(ended);
        },
        recovery);
}

void Pool::recovered(Recovery& recovery) {
    Connection& leaving = *recovery.connection;
    if (!leaving.is_clean()) {
        leaving.give_up("it was left in the middle of a statement that did not end");
    }
    std::unique_ptr<Recovery> gone;
    {
        const std::scoped_lock lock(mutex_);
        leaving_.push_back(std::move(recovery.connection));
        const auto at = std::ranges::find(recoveries_, &recovery, &std::unique_ptr<Recovery>::get);
        gone = std::move(*at);
        recoveries_.erase(at);
    }
    leaving.leave_at_turn_end([this](Connection& left) { take_back(left); });
}

}  // namespace brio::db::postgres
