// What DatabaseBroker knows of those who work, and of who leads.
#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/tasks/database_broker.hpp>
#include <brio/tasks/database_rows.hpp>
#include <brio/tasks/database_statements.hpp>

namespace brio::tasks {

using namespace database;

namespace {

struct IntegerSink final : db::Sink {
    void row(const sql::Columns& columns) override { value = columns.integer(0); }
    void clear() override { value = 0; }
    std::int64_t value = 0;
};

struct BeatJob final : db::WriteJob {
    IntegerSink is_dead;
    TextSink cancelled;
};

struct WorkersSink final : db::Sink {
    struct Worker {
        std::string id;
        std::uint64_t beats = 0;
    };
    void row(const sql::Columns& columns) override {
        all.push_back({std::string(columns.text(0)), static_cast<std::uint64_t>(columns.integer(1))});
    }
    void clear() override { all.clear(); }
    std::vector<Worker> all;
};

struct BackJob final : db::WriteJob {
    explicit BackJob(Timestamp now) : sink(now) {}
    StatusSink sink;
};

struct HeldSink final : db::Sink {
    void row(const sql::Columns& columns) override {
        all.push_back({std::string(columns.text(0)), static_cast<std::uint64_t>(columns.integer(1))});
    }
    void clear() override { all.clear(); }
    std::vector<Held> all;
};

struct LeaderSink final : db::Sink {
    void row(const sql::Columns& columns) override {
        is_there = true;
        holder = columns.text(0);
        renewals = columns.integer(1);
        lasts = std::chrono::milliseconds(columns.integer(2));
    }
    void clear() override { is_there = false; }
    bool is_there = false;
    std::string holder;
    std::int64_t renewals = 0;
    std::chrono::milliseconds lasts{0};
};

struct ValueJob final : db::WriteJob {
    TextSink sink;
};

constexpr std::string_view is_orphan =
    "state = 1 AND worker NOT IN (SELECT id FROM brio_task_workers WHERE is_dead = 0)";

const sql::Statement& take_back_statement() {
    static const sql::Statement statement =
        both("take tasks back",
             concat({"UPDATE brio_tasks SET deaths = deaths + 1, worker = NULL, "
                     // Somebody may have told already how it died.
                     "error = CASE WHEN error_type = 'death' THEN error ELSE 'its worker died' END, "
                     "error_type = 'death', "
                     "ended_at = CASE WHEN is_followed = 0 AND (is_revoked = 1 OR deaths + 1 >= $1) "
                     "THEN CAST($2 AS bigint) ELSE NULL END, "
                     "until = CASE WHEN is_revoked > is_followed THEN CAST($3 AS bigint) ELSE NULL END, "
                     "state = CASE WHEN is_followed = 1 THEN 0 WHEN is_revoked = 1 THEN 7 "
                     "WHEN deaths + 1 >= $1 THEN 5 ELSE 0 END WHERE ",
                     is_orphan, " RETURNING ", status_columns}));
    return statement;
}

}  // namespace

Async<BeatAnswer> DatabaseBroker::beat(const WorkerId& worker) {
    static const sql::Statement beat_statement =
        both("beat of a worker",
             "INSERT INTO brio_task_workers(id, host, pid, beats) VALUES ($1, $2, $3, 1) "
             "ON CONFLICT (id) DO UPDATE SET beats = brio_task_workers.beats + 1 RETURNING is_dead");
    static const sql::Statement cancelled_statement = both(
        "tasks to cancel", "SELECT id FROM brio_tasks WHERE state = 1 AND worker = $1 AND is_revoked = 1");
    auto job = std::make_shared<BeatJob>();
    job->queries.push_back(Bound(beat_statement)
                               .text(worker.id)
                               .text(storable(worker.host))
                               .integer(worker.pid)
                               .sink(&job->is_dead)
                               .take());
    job->queries.push_back(Bound(cancelled_statement).text(worker.id).sink(&job->cancelled).take());
    // The worker's name is not used after the first wait: it may be gone.
    return [](DatabaseBroker* self, std::shared_ptr<BeatJob> its_job) -> Async<BeatAnswer> {
        co_await self->write(its_job);
        co_return BeatAnswer{.is_known = its_job->is_dead.value == 0,
                             .cancelled = std::move(its_job->cancelled.all)};
    }(this, std::move(job));
}

Async<std::vector<Held>> DatabaseBroker::held_by(std::string worker) {
    static const sql::Statement statement =
        both("tasks of a worker", "SELECT id, fence FROM brio_tasks WHERE state = 1 AND worker = $1");
    HeldSink held;
    std::vector<db::Query> queries;
    queries.push_back(Bound(statement).text(worker).sink(&held).take());
    co_await read(queries);
    co_return std::move(held.all);
}

Async<void> DatabaseBroker::leave(std::string worker) {
    static const sql::Statement give_back =
        both("give tasks back",
             "UPDATE brio_tasks SET worker = NULL, "
             "state = CASE WHEN is_revoked > is_followed THEN 7 ELSE 0 END, "
             "ended_at = CASE WHEN is_revoked > is_followed THEN CAST($1 AS bigint) ELSE NULL END, "
             "until = CASE WHEN is_revoked > is_followed THEN CAST($2 AS bigint) ELSE NULL END WHERE worker "
             "= $3 AND "
             "state = 1");
    static const sql::Statement gone =
        both("a worker leaves", "DELETE FROM brio_task_workers WHERE id = $1 AND is_dead = 0");
    auto job = std::make_shared<db::WriteJob>();
    const auto time = now();
    job->queries.push_back(Bound(give_back)
                               .integer(time)
                               .integer(time + std::chrono::microseconds(ended_lasts).count())
                               .text(worker)
                               .take());
    job->queries.push_back(Bound(gone).text(worker).take());
    co_await write(job);
    if (job->queries.front().changes != 0) {
        wake();
    }
}

Async<std::vector<Status>> DatabaseBroker::recover(std::chrono::milliseconds lease, int most_deaths) {
    static const sql::Statement workers_statement =
        both("workers", "SELECT id, beats FROM brio_task_workers WHERE is_dead = 0");
    static const sql::Statement orphans_statement =
        both("orphans", concat({"SELECT count(*) FROM brio_tasks WHERE ", is_orphan}));
    static const sql::Statement bury_statement = both("a worker is dead",
                                                      "UPDATE brio_task_workers SET is_dead = 1, died_at = "
                                                      "$1 WHERE id = $2 AND beats = $3 AND is_dead = 0");
    WorkersSink workers;
    IntegerSink orphans;
    std::vector<db::Query> queries;
    queries.push_back(Bound(workers_statement).sink(&workers).take());
    queries.push_back(Bound(orphans_statement).sink(&orphans).take());
    co_await read(queries);
    const auto time = clocks_.monotonic();
    auto job = std::make_shared<BackJob>(clocks_.wall());
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& each : workers.all) {
            if (workers_.of(each.id, each.beats, time, lease / 3) >= lease) {
                job->queries.push_back(Bound(bury_statement)
                                           .integer(now())
                                           .text(each.id)
                                           .integer(static_cast<std::int64_t>(each.beats))
                                           .take());
            }
        }
        workers_.forget_before(time);
    }
    if (job->queries.empty() && orphans.value == 0) {
        co_return std::vector<Status>();
    }
    job->queries.push_back(Bound(take_back_statement())
                               .integer(most_deaths)
                               .integer(now())
                               .integer(now() + std::chrono::microseconds(ended_lasts).count())
                               .sink(&job->sink)
                               .take());
    co_await write(job);
    if (!job->sink.all.empty()) {
        wake();
    }
    co_return std::move(job->sink.all);
}

Async<void> DatabaseBroker::tell_death(std::vector<Held> held, std::string words) {
    static const sql::Statement statement =
        both("how a worker died",
             "UPDATE brio_tasks SET error = $1, error_type = 'death' WHERE id = $2 AND fence = $3 AND "
             "(state = 1 OR (error_type = 'death' AND state IN (0, 2, 3, 5)))");
    auto job = std::make_shared<db::WriteJob>();
    const auto text = storable(words);
    for (const Held& each : held) {
        job->queries.push_back(
            Bound(statement).text(text).text(each.id).integer(static_cast<std::int64_t>(each.fence)).take());
    }
    if (!job->queries.empty()) {
        co_await write(job);
    }
}

Async<bool> DatabaseBroker::lead(std::string name, std::string holder, std::chrono::milliseconds lasts) {
    static const sql::Statement look =
        both("who leads", "SELECT holder, renewals, lasts_ms FROM brio_task_leaders WHERE name = $1");
    static const sql::Statement take =
        both("take the lead",
             "INSERT INTO brio_task_leaders(name, holder, renewals, lasts_ms) VALUES ($1, $2, $3, $4) "
             "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, renewals = excluded.renewals, "
             "lasts_ms = excluded.lasts_ms WHERE brio_task_leaders.renewals = $5");
    LeaderSink leader;
    std::vector<db::Query> queries;
    queries.push_back(Bound(look).text(name).sink(&leader).take());
    co_await read(queries);
    {
        const std::scoped_lock lock(mutex_);
        const auto still =
            leaders_.of(name, static_cast<std::uint64_t>(leader.renewals), clocks_.monotonic());
        if (leader.is_there && leader.holder != holder && still < leader.lasts) {
            co_return false;
        }
    }
    // Whoever comes between the look and this changes the number of renewals.
    const auto taken = co_await write_one(Bound(take)
                                              .text(name)
                                              .text(holder)
                                              .integer(leader.renewals + 1)
                                              .integer(lasts.count())
                                              .integer(leader.renewals)
                                              .take());
    co_return taken == 1;
}

Async<std::optional<std::string>> DatabaseBroker::exchange(std::string key, std::optional<std::string> from,
                                                           std::string to) {
    static const sql::Statement make =
        both("a first value",
             "INSERT INTO brio_task_values(key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING");
    static const sql::Statement change =
        both("exchange a value", "UPDATE brio_task_values SET value = $1 WHERE key = $2 AND value = $3");
    static const sql::Statement look = both("a value", "SELECT value FROM brio_task_values WHERE key = $1");
    auto job = std::make_shared<ValueJob>();
    job->queries.push_back(from ? Bound(change).text(to).text(key).text(*from).take()
                                : Bound(make).text(key).text(to).take());
    job->queries.push_back(Bound(look).text(key).sink(&job->sink).take());
    co_await write(job);
    std::optional<std::string> value;
    if (!job->sink.all.empty()) {
        value = std::move(job->sink.all.front());
    }
    co_return value;
}

}  // namespace brio::tasks
