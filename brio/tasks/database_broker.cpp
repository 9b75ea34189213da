#include <brio/tasks/database_broker.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/tasks/database_schema.hpp>
#include <brio/tasks/database_statements.hpp>

namespace brio::tasks {

using namespace database;

namespace {

constexpr std::string_view channel = "brio_tasks";

/// How long a wait lasts at most: the net below the bells.
constexpr std::chrono::milliseconds most_wait{1000};

/// What is due is made ready by one claim in so long.
constexpr std::chrono::milliseconds ready_every{10};
constexpr std::int64_t never = INT64_MIN;

std::vector<Message> without_repeats(std::vector<Message> messages) {
    std::set<std::string> seen;
    std::erase_if(messages, [&seen](const Message& each) { return !seen.insert(each.id).second; });
    return messages;
}

struct ClaimJob final : db::WriteJob {
    ClaimSink sink;
};

const sql::Statement& next_due_statement() {
    static const sql::Statement statement =
        both("when tasks are due", "SELECT min(due) FROM brio_tasks WHERE state = 2");
    return statement;
}

/// Their messages are in a RabbitMQ that this program uses no more.
const sql::Statement& take_over_statement() {
    static const sql::Statement statement =
        both("take tasks over from RabbitMQ", "UPDATE brio_tasks SET state = 0 WHERE state = 3");
    return statement;
}

struct TimeSink final : db::Sink {
    void row(const sql::Columns& columns) override {
        time = columns.is_null(0) ? std::nullopt : std::optional<std::int64_t>(columns.integer(0));
    }
    void clear() override { time.reset(); }
    std::optional<std::int64_t> time;
};

}  // namespace

void DatabaseBroker::rethrow() {
    try {
        throw;
    } catch (const db::Unavailable& gone) {
        throw runtime::Unavailable(gone.reason());
    } catch (const db::QueryTimeout& late) {
        throw runtime::Unavailable(late.what());
    } catch (const db::SerializationFailure& crossed) {
        throw runtime::Unavailable(crossed.reason());
    }
}

DatabaseBroker::DatabaseBroker(db::Database& database, Clocks clocks)
    : database_(database),
      clocks_(std::move(clocks)),
      bell_(std::make_shared<Bell>()) {
    {
        // A database of its own: loops outlive the databases that they use, and this one ends here.
        runtime::Loop loop;
        db::Database making({.url = database.options().url, .statement_limit = std::chrono::seconds(30)});
        runtime::run(loop, make_tables(making));
    }
    if (auto* const notifications = database.notifications(); notifications != nullptr) {
        // A subscription may still receive while it ends: the bell is kept by it.
        notifications_ =
            notifications->listen(std::string(channel), [bell = bell_](std::string_view) { bell->ring(); });
    } else {
        file_bell_ = std::make_unique<SharedBell>(db::sqlite_path(database.options().url) + "-tasks",
                                                  [bell = bell_] { bell->ring(); });
    }
}

DatabaseBroker::~DatabaseBroker() = default;

void DatabaseBroker::wake() {
    bell_->ring();
    if (file_bell_ != nullptr) {
        file_bell_->ring();
    } else {
        database_.notifications()->notify(std::string(channel), "");
    }
}

Async<void> DatabaseBroker::read(std::vector<db::Query>& queries) {
    auto& work = co_await runtime::current_work;
    work.check();
    try {
        if (!database_.engine().read_now(work, queries)) {
            co_await database_.engine().read(queries);
        }
    } catch (...) {
        rethrow();
    }
}

Async<void> DatabaseBroker::write(std::shared_ptr<db::WriteJob> job) {
    auto& work = co_await runtime::current_work;
    work.check();
    runtime::Scope scope(*work.loop);
    scope.start(database_.engine().write(std::move(job)));
    try {
        co_await scope.join();
    } catch (...) {
        rethrow();
    }
}

Async<std::uint64_t> DatabaseBroker::write_one(db::Query query) {
    auto job = std::make_shared<db::WriteJob>();
    job->queries.push_back(std::move(query));
    co_await write(job);
    co_return job->queries.front().changes;
}

// -- those who push --

Async<void> DatabaseBroker::push(std::vector<Message> messages) {
    if (messages.empty()) {
        co_return;
    }
    auto& work = co_await runtime::current_work;
    work.check();
    try {
        if (dialect() == sql::Dialect::sqlite) {
            co_await push_now(std::move(messages));
        } else {
            auto& pushing = pushing_.of(*work.loop, [this] {
                return std::make_unique<Batcher>(
                    [this](std::vector<Message> all) { return push_now(std::move(all)); }, waiting_pushes_);
            });
            co_await pushing.push(std::move(messages));
        }
    } catch (...) {
        rethrow();
    }
}

Async<void> DatabaseBroker::push_now(std::vector<Message> messages) {
    co_await write_pushed(std::move(messages));
    wake();
}

Async<void> DatabaseBroker::write_pushed(std::vector<Message> messages) {
    auto job = std::make_shared<db::WriteJob>();
    job->queries = database::push(dialect(), without_repeats(std::move(messages)), clocks_.wall());
    try {
        co_await database_.engine().write(std::move(job));
    } catch (const db::LockTimeout&) {
        throw;  // of an id that somebody else is about to push
    } catch (const db::Unavailable& gone) {
        throw runtime::Unavailable(gone.reason());
    } catch (const db::QueryTimeout& late) {
        throw runtime::Unavailable(late.what());
    }
}

Async<void> DatabaseBroker::push_within(db::Db db, std::vector<Message> messages) {
    if (&db.database() != &database_ || !db.in_transaction()) {
        throw std::logic_error(
            concat({"tasks are pushed within a transaction of ", words(),
                    ", where they are kept: call it with the Db that transaction() gives"}));
    }
    if (messages.empty()) {
        co_return;
    }
    auto job = std::make_shared<db::WriteJob>();
    job->queries = database::push(dialect(), without_repeats(std::move(messages)), clocks_.wall());
    db.after_commit([this] { wake(); });
    co_await db.write(std::move(job));
}

Async<Status> DatabaseBroker::status(std::string id) {
    static const sql::Statement statement =
        both("status of a task", concat({"SELECT ", status_columns, " FROM brio_tasks WHERE id = $1"}));
    auto found = co_await read_statuses(Bound(statement).text(id).take());
    co_return found.empty() ? Status{.id = std::move(id)} : std::move(found.front());
}

Async<bool> DatabaseBroker::revoke(std::string id) {
    static const sql::Statement statement =
        both("revoke a task",
             "UPDATE brio_tasks SET is_revoked = 1, ended_at = CASE WHEN "
             "state = 1 OR is_followed = 1 THEN NULL ELSE CAST($1 AS bigint) END, "
             "until = CASE WHEN state = 1 OR is_followed = 1 THEN NULL ELSE CAST($2 AS "
             "bigint) END, state = CASE WHEN state = 1 THEN 1 WHEN is_followed = 1 THEN 0 ELSE 7 END "
             "WHERE id = $3 AND state IN (0, 1, 2, 3)");
    const auto time = now();
    co_return co_await write_one(Bound(statement)
                                     .integer(time)
                                     .integer(time + std::chrono::microseconds(ended_lasts).count())
                                     .text(id)
                                     .take()) != 0;
}

void DatabaseBroker::each_limit(const std::function<void(runtime::Limit&)>& visit) {
    if (dialect() == sql::Dialect::postgresql) {
        visit(waiting_pushes_);
    }
}

// -- those who work --

bool DatabaseBroker::is_time_to_make_ready(std::int64_t time) noexcept {
    const std::int64_t last = made_ready_.load(std::memory_order_relaxed);
    const bool is_recent =
        last != never && time >= last && time - last < std::chrono::microseconds(ready_every).count();
    if (is_recent) {
        return false;
    }
    made_ready_.store(time, std::memory_order_relaxed);
    return true;
}

Async<std::vector<Claim>> DatabaseBroker::claim(ClaimRequest request) {
    auto& work = co_await runtime::current_work;
    bell_->look(*work.loop);
    const std::string worker(request.worker);
    std::vector<Claim> claims;
    for (std::size_t at = 0; at < request.queues.size() && claims.size() < request.most; at += most_queues) {
        const auto now = clocks_.wall();
        const ClaimRequest part{
            .worker = worker,
            .queues = request.queues.subspan(at, std::min(most_queues, request.queues.size() - at)),
            .most = request.most - claims.size()};
        auto job = std::make_shared<ClaimJob>();
        if (is_time_to_make_ready(now.microseconds)) {
            job->queries = make_ready(now);
        }
        if (!has_taken_over_.exchange(true)) {
            job->queries.push_back(Bound(take_over_statement()).take());
        }
        job->queries.push_back(database::claim(dialect(), part, now));
        job->queries.back().sink = &job->sink;
        co_await write(job);
        for (Claim& each : job->sink.take(part.queues)) {
            claims.push_back(std::move(each));
        }
        if (work.stopped != runtime::StopReason::none) {
            co_await give_back(worker, claims);
            work.check();
        }
    }
    co_return claims;
}

/// Nobody is there to take them.
Async<void> DatabaseBroker::give_back(std::string worker, std::vector<Claim> claims) {
    std::vector<Held> held;
    for (const Claim& each : claims) {
        held.push_back(each.held());
    }
    auto& work = co_await runtime::current_work;
    runtime::Scope scope(*work.loop);
    scope.start([](DatabaseBroker* self, std::string of, std::vector<Settlement> all) -> Async<void> {
        co_await self->settle(std::move(of), std::move(all));
    }(this, std::move(worker), returned(held)));
    co_await scope.join();
}

Async<std::vector<bool>> DatabaseBroker::settle(std::string worker, std::vector<Settlement> settlements) {
    if (settlements.empty()) {
        co_return std::vector<bool>();
    }
    auto job = std::make_shared<SettleJob>(dialect(), worker, settlements, clocks_.wall());
    co_await write(job);
    const bool goes_back = std::ranges::any_of(settlements, [](const Settlement& each) {
        return each.outcome == Settlement::Outcome::returned || each.outcome == Settlement::Outcome::retried;
    });
    if (goes_back) {
        wake();
    }
    co_return job->settled(settlements);
}

Async<void> DatabaseBroker::report_progress(Held held, double progress, std::string words) {
    static const sql::Statement statement = both("progress of a task",
                                                 "UPDATE brio_tasks SET progress = $1, progress_words = $2 "
                                                 "WHERE id = $3 AND fence = $4 AND state = 1");
    co_await write_one(Bound(statement)
                           .real(progress)
                           .text(storable(words, most_error))
                           .text(held.id)
                           .integer(static_cast<std::int64_t>(held.fence))
                           .take());
}

Async<void> DatabaseBroker::wait(std::span<const std::string>, std::chrono::milliseconds most) {
    struct Listening {
        explicit Listening(SharedBell* its_bell) : bell(its_bell) {
            if (bell != nullptr) {
                bell->listen(true);
            }
        }
        ~Listening() {
            if (bell != nullptr) {
                bell->listen(false);
            }
        }
        Listening(const Listening&) = delete;
        Listening& operator=(const Listening&) = delete;
        SharedBell* bell;
    };
    const Listening listening(file_bell_.get());
    TimeSink next;
    std::vector<db::Query> queries;
    queries.push_back(Bound(next_due_statement()).sink(&next).take());
    co_await read(queries);
    auto time = std::min(most, most_wait);
    if (next.time) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            std::chrono::microseconds(std::max<std::int64_t>(*next.time - now(), 0)));
        time = std::min(time, left);
        if (left < ready_every) {
            made_ready_.store(never, std::memory_order_relaxed);  // the next claim is to find it
        }
    }
    co_await bell_->wait(time);
}

}  // namespace brio::tasks
