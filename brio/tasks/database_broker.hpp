// Tasks in the program's own database: SQLite or PostgreSQL. What was acknowledged is as durable as any other
// write; push_within() makes tasks part of a transaction of the program's.
//
// The tables are made when the broker is (database_schema.hpp). Statements go to the engine beside the
// program's: they appear in no tally of a unit of work, and move no generations. Workers are woken by a bell
// that all processes share: on SQLite a futex in a file beside the database's, on PostgreSQL NOTIFY; a look
// once a second is the net below (docs/decisions/task-wakeup.md). What one loop pushes at a time is one
// transaction: on SQLite as all writes that wait, on PostgreSQL by a Batcher.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>

#include <brio/db/database.hpp>
#include <brio/runtime/seats.hpp>
#include <brio/tasks/batcher.hpp>
#include <brio/tasks/bell.hpp>
#include <brio/tasks/broker.hpp>
#include <brio/tasks/clocks.hpp>
#include <brio/tasks/shared_bell.hpp>
#include <brio/tasks/standstills.hpp>

namespace brio::tasks {

class DatabaseBroker : public Broker {
public:
    /// The database outlives it. Makes the tables where they are absent, which waits for the database: for a
    /// program's start. Throws what Database's constructor throws.
    explicit DatabaseBroker(db::Database& database, Clocks clocks = {});
    DatabaseBroker(const DatabaseBroker&) = delete;
    DatabaseBroker& operator=(const DatabaseBroker&) = delete;
    /// After the loops that use it have stopped.
    ~DatabaseBroker() override;

    Async<void> push(std::vector<Message> messages) override;
    /// Throws std::logic_error also where `db` is another database's, or in no transaction.
    Async<void> push_within(db::Db db, std::vector<Message> messages) override;
    Async<Status> status(std::string id) override;
    Async<bool> revoke(std::string id) override;

    Async<std::vector<Claim>> claim(ClaimRequest request) override;
    Async<std::vector<bool>> settle(std::string worker, std::vector<Settlement> settlements) override;
    Async<void> report_progress(Held held, double progress, std::string words) override;
    Async<BeatAnswer> beat(const WorkerId& worker) override;
    Async<std::vector<Held>> held_by(std::string worker) override;
    Async<void> leave(std::string worker) override;
    Async<std::vector<Status>> recover(std::chrono::milliseconds lease, int most_deaths) override;
    Async<void> tell_death(std::vector<Held> held, std::string words) override;
    Async<std::vector<std::vector<PartEnd>>> join(std::vector<PartEnd> parts) override;
    Async<void> forget_group(std::string group) override;
    Async<void> bury(std::vector<Message> messages, std::string error) override;
    Async<void> wait(std::span<const std::string> queues, std::chrono::milliseconds most) override;

    Async<std::vector<QueueStatus>> queues() override;
    Async<std::vector<Status>> dead(DeadFilter filter) override;
    Async<std::uint64_t> retry_dead(std::vector<std::string> ids) override;
    Async<std::uint64_t> drop_dead(std::vector<std::string> ids) override;
    Async<std::vector<Status>> trim_dead(std::string queue, std::size_t kept, std::size_t most) override;
    Async<void> pause(std::string queue, bool paused) override;
    Async<std::uint64_t> purge(std::string queue) override;
    Async<std::vector<Status>> list(std::optional<State> state, std::size_t most) override;
    Async<std::uint64_t> sweep(std::size_t most) override;

    Async<bool> lead(std::string name, std::string holder, std::chrono::milliseconds lasts) override;
    Async<std::optional<std::string>> exchange(std::string key, std::optional<std::string> from,
                                               std::string to) override;

    Async<Durability> durability() override;
    std::string words() const override;
    void each_limit(const std::function<void(runtime::Limit&)>& visit) override;

protected:
    /// The exception under way; the database's failures of the environment as those that a broker promises.
    [[noreturn]] static void rethrow();
    Async<void> read(std::vector<db::Query>& queries);
    /// Under a unit of work of its own, whatever becomes of the caller's: what was begun is known to end.
    Async<void> write(std::shared_ptr<db::WriteJob> job);
    Async<std::uint64_t> write_one(db::Query query);
    /// Tells nobody of them.
    Async<void> write_pushed(std::vector<Message> messages);
    bool is_time_to_make_ready(std::int64_t time) noexcept;
    Timestamp wall() const { return clocks_.wall(); }
    sql::Dialect dialect() const noexcept { return database_.engine().dialect(); }
    /// What wait() waits for in this process.
    const std::shared_ptr<Bell>& bell() const noexcept { return bell_; }

private:
    /// Read by one statement, on the caller's unit of work.
    Async<std::vector<Status>> read_statuses(db::Query query);
    Async<void> push_now(std::vector<Message> messages);
    Async<void> give_back(std::string worker, std::vector<Claim> claims);
    std::int64_t now() const { return clocks_.wall().microseconds; }
    void wake();

    static constexpr std::uint64_t most_waiting_pushes = 4096;

    db::Database& database_;
    const Clocks clocks_;
    const std::shared_ptr<Bell> bell_;
    std::unique_ptr<SharedBell> file_bell_;          // SQLite's
    db::Notifications::Subscription notifications_;  // PostgreSQL's
    runtime::Limit waiting_pushes_{"task_push_queue", most_waiting_pushes};
    runtime::Seats<Batcher> pushing_;                  // PostgreSQL's: SQLite's writer joins what waits
    std::atomic<std::int64_t> made_ready_{INT64_MIN};  // when a claim last did that
    std::atomic<bool> has_taken_over_{false};          // what was in RabbitMQ when BROKER_URL named one
    std::mutex mutex_;
    Standstills workers_;  // guarded by mutex_
    Standstills leaders_;  // guarded by mutex_
};

}  // namespace brio::tasks
