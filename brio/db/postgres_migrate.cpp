#include <thread>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/db/migration_target.hpp>
#include <brio/db/postgres_record.hpp>
#include <brio/db/postgres_session.hpp>
#include <brio/db/postgres_steps.hpp>
#include <brio/db/postgres_watch.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::db {

namespace {

using postgres::note_finished;
using postgres::note_steps;
using postgres::Session;
using postgres::Step;

constexpr std::chrono::milliseconds between_polls{100};
constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{2000};
constexpr std::chrono::seconds silent_wait{3};

const std::string& lock_key() {
    static const std::string key =
        integer_text(static_cast<std::int64_t>(sql::stable_hash("brio_migrations")));
    return key;
}

/// A transaction that is rolled back unless it was committed.
class Begun {
public:
    explicit Begun(Session& session) : session_(session) { session_.execute("BEGIN"); }
    ~Begun() {
        if (!is_committed_) {
            try {
                session_.execute("ROLLBACK");
            } catch (const std::exception& error) {  // the connection is gone, and the transaction with it
                log_debug("a migration's transaction was not rolled back", {{"error", error.what()}});
            }
        }
    }
    Begun(const Begun&) = delete;
    Begun& operator=(const Begun&) = delete;
    void commit() {
        session_.execute("COMMIT");
        is_committed_ = true;
    }

private:
    Session& session_;
    bool is_committed_ = false;
};

class PostgresTarget final : public MigrationTarget {
public:
    PostgresTarget(const std::string& url, const MigrateOptions& options)
        : options_(options),
          session_(url),
          watch_(url, session_.server_process(), options.say) {
        session_.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
    }

    MigrationRecord record() override;
    std::optional<Change> advance(const Choose& choose) override {
        hold();
        const MigrationRecord record = this->record();
        const auto change = choose(record);
        if (change) {
            carry_out(*change, record.unfinished);
        }
        return change;
    }

private:
    void hold();
    void carry_out(const Change& change, const std::optional<UnfinishedChange>& unfinished);
    void run(const Change& change, const std::vector<Step>& steps, std::size_t at, bool is_resumed);
    /// What it could not get; nothing when all of it holds.
    std::optional<std::string> try_transaction(const Step& step, const std::vector<std::string>& record);
    void run_transaction(const Step& step, const std::vector<std::string>& record);
    void build_index(const Step& step, bool is_resumed);
    enum class IndexState : std::uint8_t { absent, invalid, valid };
    IndexState state_of_index(const Step& step);
    void drop_invalid_index(const Step& step);
    void execute(const std::string& statement) {
        statement_ = statement;
        watch_.execute(session_, statement);
    }
    void say(const std::string& line) const {
        if (options_.say) {
            options_.say(line);
        }
    }

    const MigrateOptions options_;
    Session session_;
    postgres::Watch watch_;
    std::string statement_;  // the last that was run, for messages
    bool is_held_ = false;
};

MigrationRecord PostgresTarget::record() {
    MigrationRecord record;
    if (!session_.value("SELECT to_regclass('brio_migration_steps')")) {
        return record;
    }
    for (auto& row : session_.query("SELECT revision, checksum, (extract(epoch FROM applied_at) * "
                                    "1000000)::bigint FROM brio_migrations ORDER BY position")) {
        record.applied.push_back({.revision = std::move(*row[0]),
                                  .checksum = std::stoll(*row[1]),
                                  .applied_at = std::stoll(*row[2])});
    }
    for (auto& row :
         session_.query("SELECT revision, direction, done, done_hash, begun FROM brio_migration_steps")) {
        record.unfinished = {
            .revision = std::move(*row[0]),
            .direction = *row[1] == "up" ? Direction::up : Direction::down,
            .steps = {
                .done = std::stoul(*row[2]), .done_hash = std::stoll(*row[3]), .is_begun = *row[4] == "t"}};
    }
    return record;
}

// Polled: whoever waits in pg_advisory_lock() holds a snapshot, for which the holder's CREATE INDEX
// CONCURRENTLY would wait in turn.
void PostgresTarget::hold() {
    if (is_held_) {
        return;
    }
    const auto begun = monotonic_now();
    auto next_word = begun + silent_wait;
    while (session_.value("SELECT pg_try_advisory_lock($1::bigint)", {lock_key()}) != "t") {
        const auto now = monotonic_now();
        if (now - begun > options_.most_wait) {
            throw MigrationError(concat({"another migration has held the database for ",
                                         duration_text(now - begun), ": ", watch_.holder(lock_key())}));
        }
        if (now > next_word) {
            next_word = now + 3 * silent_wait;
            say(concat({"waiting for another migration: ", watch_.holder(lock_key())}));
        }
        std::this_thread::sleep_for(between_polls);
    }
    is_held_ = true;
    session_.execute(concat({"SET lock_timeout = ", integer_text(options_.lock_timeout.count())}));
    for (const std::string& statement : postgres::bookkeeping()) {
        session_.execute(statement);
    }
}

void PostgresTarget::carry_out(const Change& change, const std::optional<UnfinishedChange>& unfinished) {
    const auto steps = postgres::steps_of(change.migration->operations(change.direction));
    const StepRecord begun = unfinished ? unfinished->steps : StepRecord{};
    if (begun.done > steps.size() || (begun.done > 0 && hash_of(steps, begun.done) != begun.done_hash)) {
        throw MigrationError(concat({"migration ", change.migration->revision, " was changed after ",
                                     integer_text(begun.done), " of its steps had been carried out ",
                                     name_of(change.direction), ": restore what they were"}));
    }
    if (steps.empty()) {
        return run_transaction({}, note_finished(change));
    }
    for (std::size_t at = begun.done; at < steps.size(); ++at) {
        try {
            run(change, steps, at, at == begun.done && begun.is_begun);
        } catch (const std::exception& error) {
            const auto place =
                steps.size() == 1
                    ? std::string()
                    : concat({" at step ", integer_text(at + 1), " of ", integer_text(steps.size()),
                              ", those before it stand (the next run goes on there)"});
            const std::string_view what = error.what();
            throw MigrationError(
                concat({"migration ", change.migration->revision, " failed and was rolled back", place, ": ",
                        what, what.contains(statement_) ? "" : concat({"\n", statement_})}));
        }
    }
}

void PostgresTarget::run(const Change& change, const std::vector<Step>& steps, std::size_t at,
                         bool is_resumed) {
    const Step& step = steps[at];
    const auto record =
        at + 1 == steps.size()
            ? note_finished(change)
            : std::vector{note_steps(change, {.done = at + 1, .done_hash = hash_of(steps, at + 1)})};
    if (step.kind == Step::Kind::transaction) {
        return run_transaction(step, record);
    }
    session_.execute(note_steps(change, {.done = at, .done_hash = hash_of(steps, at), .is_begun = true}));
    // These wait without keeping anybody else from the table.
    session_.execute("SET lock_timeout = 0");
    if (step.kind == Step::Kind::build_index) {
        build_index(step, is_resumed);
    } else {
        execute(step.statements.front());
    }
    session_.execute(concat({"SET lock_timeout = ", integer_text(options_.lock_timeout.count())}));
    run_transaction({}, record);
}

std::optional<std::string> PostgresTarget::try_transaction(const Step& step,
                                                           const std::vector<std::string>& record) {
    try {
        Begun transaction(session_);
        for (const std::string& statement : step.statements) {
            execute(statement);
        }
        for (const std::string& statement : record) {
            session_.execute(statement);
        }
        transaction.commit();
        return std::nullopt;
    } catch (const LockTimeout& error) {
        return error.what();
    } catch (const SerializationFailure& error) {  // also a deadlock
        return error.what();
    }
}

void PostgresTarget::run_transaction(const Step& step, const std::vector<std::string>& record) {
    const auto begun = monotonic_now();
    auto pause = first_pause;
    while (const auto why = try_transaction(step, record)) {
        const std::string blocker = watch_.oldest_transaction();
        const auto waited = monotonic_now() - begun;
        if (waited > options_.lock_patience) {
            throw MigrationError(concat(
                {"a table's lock was not to be had in ", duration_text(waited), ": ", blocker, "\n", *why}));
        }
        say(concat({"a table is in use, trying again: ", blocker}));
        std::this_thread::sleep_for(pause);
        pause = std::min(2 * pause, longest_pause);
    }
}

PostgresTarget::IndexState PostgresTarget::state_of_index(const Step& step) {
    const auto is_valid = session_.value(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1) AND indrelid = to_regclass($2)",
        {sql::quoted_name(step.index), sql::quoted_name(step.table)});
    return !is_valid ? IndexState::absent : *is_valid == "t" ? IndexState::valid : IndexState::invalid;
}

void PostgresTarget::drop_invalid_index(const Step& step) {
    if (state_of_index(step) == IndexState::invalid) {
        say(concat({"dropping the index ", step.index, ", which a run that was ended left invalid"}));
        execute(concat({"DROP INDEX CONCURRENTLY IF EXISTS ", sql::quoted_name(step.index)}));
    }
}

void PostgresTarget::build_index(const Step& step, bool is_resumed) {
    drop_invalid_index(step);
    // The server may have finished what a killed run had asked it for.
    if (is_resumed && state_of_index(step) == IndexState::valid) {
        return;
    }
    say(concat({"building the index ", step.index, " on ", step.table}));
    try {
        execute(step.statements.front());
    } catch (const std::exception&) {
        try {
            drop_invalid_index(step);
        } catch (const std::exception& error) {  // the next run does it
            log_debug("an invalid index was not dropped", {{"error", error.what()}});
        }
        statement_ = step.statements.front();
        throw;
    }
}

}  // namespace

std::unique_ptr<MigrationTarget> open_postgres_target(const std::string& url, const MigrateOptions& options) {
    return std::make_unique<PostgresTarget>(url, options);
}

}  // namespace brio::db
