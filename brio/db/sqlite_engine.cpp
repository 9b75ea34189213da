#include <brio/db/sqlite_engine.hpp>

#include <algorithm>
#include <cstring>

#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/db/sqlite_delivery.hpp>
#include <brio/db/sqlite_explain.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::db::sqlite {

namespace {

using ledger::Phase;
using ledger::PhaseScope;

WriterOptions writer_options(const EngineOptions& options) {
    return {.connection = {.path = options.path,
                           .writes = true,
                           .create = options.create,
                           .busy_timeout = options.busy_timeout},
            .queue = options.write_queue,
            .busy_timeout = options.busy_timeout,
            .limits = options.limits};
}

void add_file_gauges(metrics::Registry& registry, const std::string& path,
                     std::vector<metrics::Callback>& gauges) {
    gauges.push_back(registry.gauge_of({.name = "db_file_bytes", .help = "Size of the database's file"}, {},
                                       [path] { return static_cast<double>(file_bytes(path)); }));
    gauges.push_back(
        registry.gauge_of({.name = "db_wal_bytes", .help = "Size of the database's write-ahead log"}, {},
                          [path] { return static_cast<double>(file_bytes(wal_path(path))); }));
}

}  // namespace

SqliteEngine::SqliteEngine(EngineOptions options)
    : options_(std::move(options)),
      generations_(std::filesystem::path(options_.path + "-generations")),
      metrics_(options_.registry != nullptr ? std::make_optional<Metrics>(*options_.registry) : std::nullopt),
      writer_(writer_options(options_), generations_, metrics_ ? &*metrics_ : nullptr),
      keeper_({.connection = {.path = options_.path,
                              .writes = true,
                              .busy_timeout = std::chrono::milliseconds(100)}},
              writer_, generations_),
      readers_({.threads = options_.read_threads, .queue = options_.read_queue, .name = "db-read"}) {
    if (metrics_) {
        gauges_ = occupancy_gauges(*options_.registry, [this] { return occupancy(); });
        add_file_gauges(*options_.registry, options_.path, gauges_);
    }
}

SqliteEngine::~SqliteEngine() = default;

Occupancy SqliteEngine::occupancy() noexcept {
    const std::uint64_t reading = reading_.load(std::memory_order_relaxed);
    const std::uint64_t in_use = reading + (writer_.is_busy() ? 1 : 0);
    const std::uint64_t open = open_.load(std::memory_order_relaxed) + 1;
    return {.idle = open > in_use ? open - in_use : 0,
            .in_use = in_use,
            .waiting = readers_.queue_limit().used() + writer_.queue_limit().used(),
            .most = seats_used_.load(std::memory_order_relaxed) + options_.read_threads + 1};
}

ConnectionOptions SqliteEngine::read_options() const {
    return {.path = options_.path, .busy_timeout = options_.busy_timeout};
}

SqliteEngine::Seat& SqliteEngine::seat_of(runtime::Loop& loop) {
    return seats_.of(loop, [&] {
        auto made = std::make_unique<Seat>(loop, read_options(), writer_);
        open_.fetch_add(1, std::memory_order_relaxed);
        seats_used_.fetch_add(1, std::memory_order_relaxed);
        return made;
    });
}

void SqliteEngine::expect_file() const {
    if (!keeper_.file_is_there()) [[unlikely]] {
        throw Unavailable(concat({"the database's file ", options_.path, " was deleted or replaced"}));
    }
}

bool SqliteEngine::read_now(runtime::Work& work, std::span<Query> batch) {
    expect_file();
    Connection& connection = seat_of(*work.loop).connection;
    for (const Query& query : batch) {
        if (!connection.prepare(*query.statement).placement.is_cheap()) {
            return false;
        }
    }
    const PhaseScope phase(work.ledger, Phase::db);
    const bool done =
        run_batch(connection, batch, {.until = ticks() + ns_to_ticks(Placement::budget_ns)}) == Outcome::done;
    measured(connection, batch, done);
    if (metrics_) {
        metrics_->placed(done ? Metrics::Place::on_loop : Metrics::Place::interrupted);
    }
    return done;
}

Async<void> SqliteEngine::read(std::span<Query> batch) {
    auto& work = co_await runtime::current_work;
    expect_file();
    Seat& seat = seat_of(*work.loop);
    struct Stop : runtime::StopCallback {
        Stop()
            : StopCallback(
                  [](StopCallback& stop, runtime::StopReason) { static_cast<Stop&>(stop).asked = true; }) {}
        std::atomic<bool> asked{false};
    };
    Stop stop;
    work.on_stop(stop);
    Outcome outcome = Outcome::done;
    Ticks took = 0;
    const PhaseScope waiting(work.ledger, Phase::pool);
    auto run = [&] {
        const Lease lease(*this);
        const Ticks begun = ticks();
        const Budget budget{
            .until = begun + ns_to_ticks(static_cast<std::uint64_t>(options_.limits.of(batch).count())),
            .stop = &stop.asked};
        outcome = run_batch(*lease.connection, batch, budget);
        took = ticks() - begun;
    };
    co_await runtime::offload(readers_, run, Phase::pool);
    if (work.ledger != nullptr) {
        work.ledger->enter(Phase::pool);
        work.ledger->move(Phase::pool, Phase::db, took);
    }
    if (metrics_) {
        metrics_->placed(Metrics::Place::offloaded);
    }
    measured(seat.connection, batch, outcome == Outcome::done);
    work.check();
    if (outcome == Outcome::interrupted) {
        throw QueryTimeout(batch.front().statement->name());
    }
}

/// In one snapshot. What came of an interrupted batch is void.
Outcome SqliteEngine::run_batch(Connection& connection, std::span<Query> batch, const Budget& budget) {
    struct Snapshot {
        Connection& connection;
        bool open;
        ~Snapshot() {
            if (open && connection.in_transaction()) {
                connection.control(Connection::Control::commit);
            }
        }
    };
    if (batch.size() > 1) {
        connection.control(Connection::Control::begin);
    }
    const Snapshot snapshot{connection, batch.size() > 1};
    for (Query& query : batch) {
        if (query.sink != nullptr) {
            query.sink->clear();
        }
        query.took_ns = 0;
    }
    Ticks begun = ticks();
    for (Query& query : batch) {
        if (connection.run(query, budget) == Outcome::interrupted) {
            return Outcome::interrupted;
        }
        const Ticks ended = ticks();
        query.took_ns = ticks_to_ns(ended - begun) + 1;
        begun = ended;
    }
    return Outcome::done;
}

/// Teaches the loop's connection where the statements belong. The one that was interrupted is the first
/// without a time.
void SqliteEngine::measured(Connection& connection, std::span<Query> batch, bool done) {
    for (const Query& query : batch) {
        Placement& placement = connection.prepare(*query.statement).placement;
        if (query.took_ns == 0) {
            if (!done) {
                placement.interrupted();
            }
            return;
        }
        placement.measured(query.took_ns);
        if (metrics_) {
            metrics_->statement(query.statement->type(), query.took_ns);
        }
    }
}

SqliteEngine::Lease::Lease(SqliteEngine& its_engine) : engine(its_engine) {
    engine.reading_.fetch_add(1, std::memory_order_relaxed);
    const std::scoped_lock lock(engine.mutex_);
    if (engine.spare_.empty()) {
        connection = std::make_unique<Connection>(engine.read_options());
        engine.open_.fetch_add(1, std::memory_order_relaxed);
    } else {
        connection = std::move(engine.spare_.back());
        engine.spare_.pop_back();
    }
}

SqliteEngine::Lease::~Lease() {
    {
        const std::scoped_lock lock(engine.mutex_);
        engine.spare_.push_back(std::move(connection));
    }
    engine.reading_.fetch_sub(1, std::memory_order_relaxed);
}

Async<void> SqliteEngine::write(std::shared_ptr<WriteJob> job) {
    auto& work = co_await runtime::current_work;
    expect_file();
    auto ticket = std::make_shared<JobTicket>();
    ticket->mailbox = seat_of(*work.loop).mailbox;
    ticket->job = job;
    co_await deliver(ticket, {});
    std::uint64_t took = 0;
    for (const Query& query : job->queries) {
        took += query.took_ns;
    }
    const std::uint64_t executed = ticks_to_ns(ticket->executed);
    job->commit_ns = executed > took ? executed - took : 0;
}

Async<std::shared_ptr<Transaction>> SqliteEngine::begin(TransactionOptions options) {
    auto& work = co_await runtime::current_work;
    expect_file();
    auto ticket = std::make_shared<TransactionTicket>();
    ticket->mailbox = seat_of(*work.loop).mailbox;
    ticket->most = options.most;
    if (work.deadline != std::chrono::nanoseconds::max()) {
        ticket->most =
            std::clamp(work.deadline - work.loop->now(), std::chrono::nanoseconds(0), options.most);
    }
    // Made first, so that the writer is let go of whatever happens here.
    std::shared_ptr<Transaction> transaction = make_transaction(ticket);
    co_await deliver(ticket, {});
    co_return transaction;
}

void SqliteEngine::check(const sql::Statement& statement) {
    Connection connection(read_options());
    connection.prepare(statement);
}

Async<std::string> SqliteEngine::explain(const Query& query) {
    auto& work = co_await runtime::current_work;
    co_return sqlite::explain(seat_of(*work.loop).connection, *query.statement);
}

Async<std::string> SqliteEngine::explain_with(const Query& query, std::string create_index) {
    auto& work = co_await runtime::current_work;
    const auto copy = schema_copy(seat_of(*work.loop).connection);
    copy->execute(create_index.c_str());
    co_return sqlite::explain(*copy, *query.statement);
}

std::array<std::byte, 16> SqliteEngine::secret() {
    Connection connection({.path = options_.path, .writes = true, .busy_timeout = options_.busy_timeout});
    connection.execute(
        "CREATE TABLE IF NOT EXISTS brio_secrets(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
    std::array<std::byte, 16> fresh;
    random_bytes(fresh);
    static const sql::Statement put({.type = sql::StatementType::insert, .name = "secret"}, [](sql::Dialect) {
        return std::string(
            "INSERT INTO brio_secrets(name, value) VALUES ('cursor', $1) ON CONFLICT DO NOTHING");
    });
    static const sql::Statement get({.type = sql::StatementType::select, .name = "secret"}, [](sql::Dialect) {
        return std::string("SELECT value FROM brio_secrets WHERE name = 'cursor'");
    });
    Query insert{.statement = &put};
    insert.values.add_bytes({reinterpret_cast<const char*>(fresh.data()), fresh.size()},
                            sql::ValueKind::blob);
    connection.run(insert);
    struct Take final : Sink {
        void row(const sql::Columns& columns) override { value = columns.text(0); }
        void clear() override { value.clear(); }
        std::string value;
    };
    Take take;
    Query select{.statement = &get, .sink = &take};
    connection.run(select);
    if (take.value.size() != fresh.size()) {
        throw StatementError("the table brio_secrets holds a key of another length");
    }
    std::memcpy(fresh.data(), take.value.data(), fresh.size());
    return fresh;
}

void SqliteEngine::each_limit(const std::function<void(runtime::Limit&)>& visit) {
    visit(writer_.queue_limit());
    visit(readers_.queue_limit());
}

}  // namespace brio::db::sqlite
