#include <brio/db/postgres_transaction.hpp>

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::db::postgres {

namespace {

const char* begin_text(Isolation isolation) {
    switch (isolation) {
        case Isolation::repeatable_read: return "BEGIN ISOLATION LEVEL REPEATABLE READ";
        case Isolation::serializable: return "BEGIN ISOLATION LEVEL SERIALIZABLE";
        case Isolation::read_committed: break;
    }
    return "BEGIN ISOLATION LEVEL READ COMMITTED";
}

bool is_serialization_failure(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const SerializationFailure&) {
        return true;
    } catch (...) {
        return false;
    }
}

struct Busy {
    explicit Busy(bool& flag) : busy(flag) { busy = true; }
    ~Busy() { busy = false; }
    bool& busy;
};

}  // namespace

LeasedTransaction::LeasedTransaction(sql::Generations& generations, Keeper& keeper,
                                     const StatementLimits& limits, TransactionOptions options, Lease lease)
    : Timer([](Timer& timer) {
          auto& self = static_cast<LeasedTransaction&>(timer);
          self.late_ = true;
          if (!self.busy_) {
              self.end();
          }
      }),
      generations_(generations),
      keeper_(keeper),
      limits_(limits),
      options_(options) {
    lease_.emplace(std::move(lease));
}

/// The connection, or the reason why there is none any more.
Connection& LeasedTransaction::open() {
    if (late_) {
        throw Unavailable("the transaction took longer than it may and was rolled back");
    }
    if (!lease_) {
        throw Unavailable("the transaction has ended");
    }
    if (failed_) {
        throw StatementError("a statement of the transaction failed, so nothing more can be done in it");
    }
    return **lease_;
}

/// What was not committed is rolled back when the connection comes back to the pool.
void LeasedTransaction::end() noexcept {
    cancel();
    lease_.reset();
}

void LeasedTransaction::begin(Round& round) {
    if (!begun_) {
        (*lease_)->send(round, begin_text(options_.isolation));
        begun_ = true;
    }
}

void LeasedTransaction::set_limit(Round& round, std::chrono::nanoseconds limit) {
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(limit);
    const auto text = concat({"SET LOCAL statement_timeout = ", integer_text(ms.count())});
    (*lease_)->send(round, text.c_str());
}

Async<void> LeasedTransaction::run(std::shared_ptr<WriteJob> job) {
    auto& work = co_await runtime::current_work;
    const ledger::PhaseScope phase(work.ledger, ledger::Phase::db);
    Connection& connection = open();
    const Busy busy(busy_);
    std::vector<Prepared*> prepared;
    for (const Query& query : job->queries) {
        lease_->note_statement(*query.statement);
        prepared.push_back(co_await connection.prepare(*query.statement));
    }
    const bool writes = std::ranges::any_of(job->queries, [](const Query& query) {
        return query.statement->type() != sql::StatementType::select;
    });
    std::exception_ptr error;
    {
        Round round(connection);
        begin(round);
        const auto limit = limits_.of(job->queries);
        if (limit != limits_.all) {
            set_limit(round, limit);
        }
        if (writes) {
            connection.send(round, "SAVEPOINT job");
        }
        for (std::size_t i = 0; i < job->queries.size(); ++i) {
            connection.send(round, job->queries[i], *prepared[i]);
        }
        if (writes) {
            connection.send(round, "RELEASE SAVEPOINT job");
        }
        if (limit != limits_.all) {
            set_limit(round, limits_.all);
        }
        connection.sync(round);
        co_await connection.finish(round);
        error = round.error();
    }
    if (error) {
        failed_ = true;
        if (writes && !connection.is_broken() && !is_serialization_failure(error)) {
            co_await undo_job();
        }
        std::rethrow_exception(error);
    }
    for (const Query& query : job->queries) {
        add_tables(tables_, *query.statement, keeper_);
    }
}

Async<void> LeasedTransaction::undo_job() {
    Connection& connection = **lease_;
    Round round(connection);
    connection.send(round, "ROLLBACK TO SAVEPOINT job");
    connection.send(round, "RELEASE SAVEPOINT job");
    connection.sync(round);
    co_await connection.finish(round);
    failed_ = static_cast<bool>(round.error());
}

Async<void> LeasedTransaction::control(Control control) {
    auto& work = co_await runtime::current_work;
    const ledger::PhaseScope phase(work.ledger, ledger::Phase::db);
    if (control == Control::undo && lease_ && !late_) {
        failed_ = false;  // whatever failed behind the savepoint is undone with it
    }
    Connection& connection = open();
    const Busy busy(busy_);
    Round round(connection);
    begin(round);
    switch (control) {
        case Control::set: connection.send(round, "SAVEPOINT place"); break;
        case Control::undo: connection.send(round, "ROLLBACK TO SAVEPOINT place"); [[fallthrough]];
        case Control::release: connection.send(round, "RELEASE SAVEPOINT place"); break;
    }
    connection.sync(round);
    co_await connection.finish(round);
    failed_ = static_cast<bool>(round.error());
    round.throw_error();
}

Async<void> LeasedTransaction::commit() {
    auto& work = co_await runtime::current_work;
    const ledger::PhaseScope phase(work.ledger, ledger::Phase::db);
    Connection& connection = open();
    if (!begun_) {
        end();
        co_return;
    }
    const Busy busy(busy_);
    auto owned = std::make_unique<Commit>(generations_, keeper_, tables_);
    Commit& committing = *owned;
    auto moves = committing.moves();
    std::vector<Prepared*> moving;
    for (const Query& move : moves) {
        moving.push_back(co_await connection.prepare(*move.statement));
    }
    connection.until_clean = std::move(owned);
    {
        Round round(connection);
        for (std::size_t i = 0; i < moves.size(); ++i) {
            connection.send(round, moves[i], *moving[i]);
        }
        connection.send(round, "COMMIT");
        connection.sync(round);
        co_await connection.finish(round);
        committing.note_moved(moves);
        if (connection.is_clean()) {
            connection.until_clean.reset();
        }
        round.throw_error();
    }
    end();
}

}  // namespace brio::db::postgres
