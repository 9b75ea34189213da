#include <brio/db/postgres_engine.hpp>

#include <algorithm>
#include <cstring>
#include <iterator>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/db/postgres_commit.hpp>
#include <brio/db/postgres_session.hpp>
#include <brio/db/postgres_transaction.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::db::postgres {

namespace {

using ledger::Phase;
using ledger::PhaseScope;

constexpr std::size_t shared_a_loop = 2;
constexpr std::chrono::milliseconds shared_limit{300};
constexpr std::size_t most_in_flight = 512;  // on one shared connection

ConnectOptions connect_options(const EngineOptions& options) {
    return {.url = options.url,
            .statement_limit = std::chrono::ceil<std::chrono::milliseconds>(options.limits.all)};
}

// What is shared is not cancelled, so a statement that is held up (by a lock, say) ends early and is asked
// again over a lease. The planner makes one plan for all values: it would make one for each LIMIT, at the
// cost of the page itself. A statement that is slow by that plan goes back to the leases, where it has the
// choice. What is quick enough to share finds its pages in memory, where one is about as near as the next: by
// PostgreSQL's own figure, of disks that turn, reading a table of some hundred rows is cheaper than looking
// up one of them.
std::string shared_set_up(const EngineOptions& options) {
    const auto limit = std::min(connect_options(options).statement_limit, shared_limit);
    return concat(
        {"SET plan_cache_mode = force_generic_plan; SET statement_timeout = ", integer_text(limit.count()),
         "; SELECT set_config('random_page_cost', least(current_setting('random_page_cost')::float8, "
         "1.1 * current_setting('seq_page_cost')::float8)::text, false)"});
}

bool has_generations(const std::string& url) {
    return Session(url).value("SELECT to_regclass($1)", {generation_name(0)}).has_value();
}

const sql::Statement& limit_statement() {
    static const sql::Statement made(
        {.type = sql::StatementType::select, .name = "statement limit"},
        [](sql::Dialect) { return std::string("SELECT set_config('statement_timeout', $1, true)"); });
    return made;
}

}  // namespace

/// What one loop has to itself.
struct PostgresEngine::Seat {
    /// A shared connection, or one that is on its way from the connector's thread.
    struct Place : runtime::Posted {
        Place() : Posted([](Posted& posted) { static_cast<Place&>(posted).take(); }) {}
        void take() {
            opening = false;
            connection = std::move(arrived);
            if (connection != nullptr) {
                connection->attach(*loop);
            } else {
                not_before = loop->now() + std::chrono::seconds(1);
            }
        }
        runtime::Loop* loop = nullptr;
        std::unique_ptr<Connection> connection;
        std::unique_ptr<Connection> arrived;  // of the connector's thread until it is posted
        bool opening = false;
        std::chrono::nanoseconds not_before{};
    };

    Sharing& cost_of(const sql::Statement& statement) {
        if (statement.number() >= costs.size()) {
            costs.resize(statement.number() + 1);
        }
        return costs[statement.number()];
    }

    runtime::Loop* loop = nullptr;
    std::size_t allowed = 0;  // shared connections
    std::array<Place, shared_a_loop> shared;
    std::vector<Sharing> costs;  // by the statement's number
};

PostgresEngine::PostgresEngine(EngineOptions options)
    : options_(std::move(options)),
      metrics_(options_.registry != nullptr ? std::make_optional<Metrics>(*options_.registry) : std::nullopt),
      allowance_(options_.connections),
      keeper_(connect_options(options_), generations_, has_generations(options_.url)),
      connector_(connect_options(options_), 2),
      pool_({.most = allowance_.leases(),
             .most_waiting = options_.most_waiting,
             .report_after = options_.wait_goal},
            allowance_.limit(), connector_, keeper_) {
    allowance_.on_change([this](std::size_t leases) { pool_.set_most(leases); });
    pool_.on_no_room([this] { allowance_.refused(); });
    keeper_.on_room([this](const Room& room) { allowance_.look(monotonic_now(), room, pool_.take_peak()); });
    if (metrics_) {
        gauges_ = occupancy_gauges(*options_.registry, [this] { return occupancy(); });
        std::ranges::move(allowance_.gauges(*options_.registry), std::back_inserter(gauges_));
    }
}

PostgresEngine::~PostgresEngine() {
    keeper_.on_room({});
    connector_.end();
}

PostgresEngine::Seat& PostgresEngine::seat_of(runtime::Loop& loop) {
    return seats_.of(loop, [&] {
        auto made = std::make_unique<Seat>();
        made->loop = &loop;
        for (Seat::Place& place : made->shared) {
            place.loop = &loop;
        }
        made->allowed = allowance_.set_aside(shared_a_loop);
        return made;
    });
}

// -- reads --

void PostgresEngine::open_shared(Seat& seat, std::size_t at) {
    Seat::Place& place = seat.shared[at];
    if (!allowance_.try_open_shared()) {
        return;
    }
    place.opening = true;
    connector_.open(
        [&place, this](std::unique_ptr<Connection> connection, const std::exception_ptr& hopeless) {
            if (connection == nullptr) {
                allowance_.shared_closed();
                if (hopeless == nullptr) {
                    allowance_.refused();
                }
            }
            place.arrived = std::move(connection);
            place.loop->post(place);
        },
        shared_set_up(options_));
}

/// Nothing is under way on it. It goes at the end of the turn; a broken one is followed by another.
void PostgresEngine::leave_shared(Seat& seat, std::size_t at) {
    seat.shared[at].opening = true;
    seat.shared[at].connection->leave_at_turn_end([this, &seat, at](Connection& left) {
        const bool was_broken = left.is_broken();
        seat.shared[at].connection.reset();
        seat.shared[at].opening = false;
        allowance_.shared_closed();
        if (was_broken) {
            open_shared(seat, at);
        }
    });
}

/// Of this loop's connections the last one that nobody uses just now.
void PostgresEngine::leave_one_too_many(Seat& seat) {
    for (std::size_t at = seat.allowed; at-- > 0;) {
        const Seat::Place& place = seat.shared[at];
        if (!place.opening && place.connection != nullptr && place.connection->in_flight() == 0) {
            leave_shared(seat, at);
            return;
        }
    }
}

/// The one with least under way; none while there is none, or all are full.
Connection* PostgresEngine::shared_of(Seat& seat) {
    if (allowance_.has_too_many_shared()) [[unlikely]] {
        leave_one_too_many(seat);
    }
    Connection* best = nullptr;
    for (std::size_t at = 0; at < seat.allowed; ++at) {
        Seat::Place& place = seat.shared[at];
        auto& connection = place.connection;
        if (place.opening) {
            continue;
        }
        if (connection != nullptr && connection->is_broken()) {
            leave_shared(seat, at);
        } else if (connection == nullptr && seat.loop->now() >= place.not_before) {
            open_shared(seat, at);
        } else if (connection != nullptr && !connection->is_broken() &&
                   connection->in_flight() < (best != nullptr ? best->in_flight() : most_in_flight)) {
            best = connection.get();
        }
    }
    return best;
}

Async<void> PostgresEngine::read(std::span<Query> batch) {
    auto& work = co_await runtime::current_work;
    Seat& seat = seat_of(*work.loop);
    const bool cheap = batch.size() == 1 && seat.cost_of(*batch.front().statement).may_share();
    if (Connection* shared = cheap ? shared_of(seat) : nullptr) {
        try {
            co_await read_shared(seat, *shared, batch.front());
            co_return;
        } catch (const ConnectionLost&) {
        } catch (const QueryTimeout&) {
            // Something holds it up, and all that waits behind it.
            seat.cost_of(*batch.front().statement).held_up();
            shared->give_up("a shared connection was held up");
        }
    }
    // A read that was not answered is asked again over a lease, and once more when that was broken before.
    for (bool again = false;; again = true) {
        try {
            co_await read_leased(seat, batch);
            co_return;
        } catch (const ConnectionLost&) {
            if (again) {
                throw;
            }
        }
    }
}

Async<void> PostgresEngine::read_shared(Seat& seat, Connection& connection, Query& query) {
    auto& work = co_await runtime::current_work;
    const PhaseScope phase(work.ledger, Phase::db);
    for (bool sent = false; !sent;) {
        Prepared* prepared = connection.find_prepared(*query.statement);
        if (prepared == nullptr) {
            prepared = co_await connection.prepare(*query.statement);
        }
        Round round(connection);
        connection.send(round, query, *prepared);
        connection.sync_at_turn_end();
        co_await connection.finish(round);
        round.throw_error();
        sent = !round.was_aborted();
    }
    seat.cost_of(*query.statement).measured_shared(query.took_ns);
    if (metrics_) {
        metrics_->statement(query.statement->type(), query.took_ns);
        metrics_->placed(Metrics::Place::on_loop);
    }
}

std::optional<Query> PostgresEngine::other_limit(const runtime::Work& work,
                                                 std::span<const Query> together) const {
    auto most = options_.limits.of(together);
    if (work.deadline != std::chrono::nanoseconds::max()) {
        const auto left = std::max(work.deadline - work.loop->now(), std::chrono::nanoseconds(0));
        most = std::min(most, left + std::chrono::milliseconds(1));  // who waits is told first
    }
    if (most == options_.limits.all) {
        return std::nullopt;
    }
    Query query{.statement = &limit_statement()};
    query.values.add_bytes(integer_text(std::chrono::ceil<std::chrono::milliseconds>(most).count()));
    return query;
}

Async<void> PostgresEngine::read_leased(Seat& seat, std::span<Query> batch) {
    auto& work = co_await runtime::current_work;
    const Lease lease = co_await pool_.lease();
    const PhaseScope phase(work.ledger, Phase::db);
    auto limit = other_limit(work, batch);
    std::vector<Prepared*> prepared;
    for (const Query& query : batch) {
        lease.note_statement(*query.statement);
        prepared.push_back(co_await lease->prepare(*query.statement));
    }
    Prepared* const limiting = limit ? co_await lease->prepare(*limit->statement) : nullptr;
    Round round(*lease);
    const bool several = batch.size() > 1;
    if (several) {
        lease->send(round, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    }
    if (limit) {
        lease->send_aside(round, *limit, *limiting);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        lease->send(round, batch[i], *prepared[i]);
    }
    if (several) {
        lease->send(round, "COMMIT");
    }
    lease->sync(round);
    co_await lease->finish(round);
    round.throw_error();
    for (const Query& query : batch) {
        seat.cost_of(*query.statement).measured_alone(query.took_ns);
        if (metrics_) {
            metrics_->statement(query.statement->type(), query.took_ns);
        }
    }
    if (metrics_) {
        metrics_->placed(Metrics::Place::offloaded);
    }
}

// -- writes --

Async<void> PostgresEngine::write(std::shared_ptr<WriteJob> job) {
    seat_of(*(co_await runtime::current_work).loop);  // first of all, what the loop shares is set aside
    for (bool again = false;; again = true) {
        try {
            co_await write_once(*job);
            co_return;
        } catch (const ConnectionLost& lost) {
            if (again || !lost.was_undone()) {
                throw;
            }
        }
    }
}

Async<void> PostgresEngine::write_once(WriteJob& job) {
    auto& work = co_await runtime::current_work;
    const Lease lease = co_await pool_.lease();
    const PhaseScope phase(work.ledger, Phase::db);
    std::vector<std::string> tables;
    std::vector<Prepared*> prepared;
    for (const Query& query : job.queries) {
        lease.note_statement(*query.statement);
        if (!prepared.empty() && prepared.back()->statement == query.statement) {
            prepared.push_back(prepared.back());
            continue;
        }
        add_tables(tables, *query.statement, keeper_);
        Prepared* ready = lease->find_prepared(*query.statement);
        prepared.push_back(ready != nullptr ? ready : co_await lease->prepare(*query.statement));
    }
    auto commit = std::make_unique<Commit>(generations_, keeper_, std::move(tables));
    const sql::Statement* moving_alone =
        keeper_.counts() && job.queries.size() == 1 ? moving_insert(*job.queries.front().statement) : nullptr;
    if (moving_alone != nullptr) {
        Prepared* ready = lease->find_prepared(*moving_alone);
        prepared.front() = ready != nullptr ? ready : co_await lease->prepare(*moving_alone);
    }
    auto moves = moving_alone != nullptr ? std::vector<Query>() : commit->moves();
    std::vector<Prepared*> moving;
    for (const Query& move : moves) {
        Prepared* ready = lease->find_prepared(*move.statement);
        moving.push_back(ready != nullptr ? ready : co_await lease->prepare(*move.statement));
    }
    auto limit = other_limit(work, job.queries);
    Prepared* const limiting = limit ? co_await lease->prepare(*limit->statement) : nullptr;

    Commit& committing = *commit;
    lease->until_clean = std::move(commit);
    Round round(*lease);
    if (limit) {
        lease->send_aside(round, *limit, *limiting);
    }
    for (std::size_t i = 0; i < moves.size(); ++i) {
        lease->send(round, moves[i], *moving[i]);
    }
    for (std::size_t i = 0; i < job.queries.size(); ++i) {
        lease->send(round, job.queries[i], *prepared[i]);
    }
    lease->sync(round);
    co_await lease->finish(round);
    job.commit_ns = lease->sync_ns();
    moving_alone != nullptr ? committing.note_moved(job.queries.front().rows == 1)
                            : committing.note_moved(moves);
    if (lease->is_clean()) {
        lease->until_clean.reset();
    }
    round.throw_error();
    if (metrics_) {
        metrics_->batch(1);
        for (const Query& query : job.queries) {
            metrics_->statement(query.statement->type(), query.took_ns);
        }
    }
}

Async<std::shared_ptr<Transaction>> PostgresEngine::begin(TransactionOptions options) {
    auto& work = co_await runtime::current_work;
    seat_of(*work.loop);
    auto most = options.most;
    if (work.deadline != std::chrono::nanoseconds::max()) {
        most = std::clamp(work.deadline - work.loop->now(), std::chrono::nanoseconds(0), options.most);
    }
    auto transaction = std::make_shared<LeasedTransaction>(generations_, keeper_, options_.limits, options,
                                                           co_await pool_.lease());
    transaction->start(*work.loop, most);
    co_return transaction;
}

// -- the rest --

void PostgresEngine::check(const sql::Statement& statement) {
    Session session(options_.url);
    session.execute(concat({"PREPARE checked AS ", statement.text(sql::Dialect::postgresql)}));
}

/// The generic plan, which knows no values. Blocks, as explain() may.
Async<std::string> PostgresEngine::explain(const Query& query) {
    const auto place = co_await pool_.place();
    Session session(options_.url);
    session.execute("SET plan_cache_mode = force_generic_plan");
    // A plan is not worth waiting for: what made the statement slow may be a lock.
    session.execute("SET lock_timeout = 50; SET statement_timeout = 1000");
    session.execute(concat({"PREPARE explained AS ", query.statement->text(sql::Dialect::postgresql)}));
    const auto parameters = session.value(
        "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'explained'");
    std::string nulls;
    for (int i = 0; i < std::stoi(parameters.value_or("0")); ++i) {
        nulls += nulls.empty() ? "(NULL" : ", NULL";
    }
    nulls += nulls.empty() ? "" : ")";
    std::string plan;
    for (const auto& line : session.query(concat({"EXPLAIN EXECUTE explained", nulls}))) {
        plan += concat({plan.empty() ? "" : "\n", line.at(0).value_or("")});
    }
    co_return plan;
}

std::array<std::byte, 16> PostgresEngine::secret() {
    Session session(options_.url);
    session.execute("CREATE TABLE IF NOT EXISTS brio_secrets(name text PRIMARY KEY, value bytea NOT NULL)");
    std::array<std::byte, 16> key;
    random_bytes(key);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hexadecimal = "\\x";
    for (const std::byte byte : key) {
        hexadecimal += digits[std::to_integer<std::size_t>(byte >> 4)];
        hexadecimal += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    session.query("INSERT INTO brio_secrets(name, value) VALUES ('cursor', $1) ON CONFLICT DO NOTHING",
                  {hexadecimal});
    const auto kept = session.value("SELECT encode(value, 'hex') FROM brio_secrets WHERE name = 'cursor'");
    if (!kept || kept->size() != 2 * key.size()) {
        throw StatementError("the table brio_secrets holds a key of another length");
    }
    for (std::size_t i = 0; i < key.size(); ++i) {
        unsigned byte = 0;
        std::from_chars(kept->data() + 2 * i, kept->data() + 2 * i + 2, byte, 16);
        key[i] = static_cast<std::byte>(byte);
    }
    return key;
}

void PostgresEngine::each_limit(const std::function<void(runtime::Limit&)>& visit) {
    visit(pool_.waiting_limit());
    visit(allowance_.limit());
}

}  // namespace brio::db::postgres
