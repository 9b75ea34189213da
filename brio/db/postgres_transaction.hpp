// An interactive transaction on a leased connection. Internal.
//
// BEGIN travels with the first statement. Statements that write stand within a savepoint of their own, so
// that a failing one undoes only itself, as on SQLite; that costs no round trip.
#pragma once
#include <optional>

#include <brio/db/postgres_commit.hpp>
#include <brio/db/postgres_pool.hpp>
#include <brio/db/statement_limits.hpp>

namespace brio::db::postgres {

class LeasedTransaction final : public Transaction, runtime::Timer {
public:
    /// `limits` outlive it.
    LeasedTransaction(sql::Generations& generations, Keeper& keeper, const StatementLimits& limits,
                      TransactionOptions options, Lease lease);

    /// From now on it may last `most`.
    void start(runtime::Loop& loop, std::chrono::nanoseconds most) { loop.arm(*this, most); }
    Async<void> run(std::shared_ptr<WriteJob> job) override;
    Async<void> commit() override;
    Async<void> savepoint() override { return control(Control::set); }
    Async<void> release() override { return control(Control::release); }
    Async<void> undo() override { return control(Control::undo); }

private:
    enum class Control : std::uint8_t { set, release, undo };
    Connection& open();
    void begin(Round& round);
    void set_limit(Round& round, std::chrono::nanoseconds limit);
    void end() noexcept;
    Async<void> undo_job();
    Async<void> control(Control control);

    sql::Generations& generations_;
    Keeper& keeper_;
    const StatementLimits& limits_;
    const TransactionOptions options_;
    std::optional<Lease> lease_;
    std::vector<std::string> tables_;
    bool begun_ = false;
    bool busy_ = false;    // a step is under way
    bool late_ = false;    // it has lasted longer than it may
    bool failed_ = false;  // a statement failed that was not undone
};

}  // namespace brio::db::postgres
