// Sees every statement where it is sent and every unit of work that it should look at, and says what a person
// should know: slow statements with their plan, statements that are repeated, budgets that were exceeded.
//
// The same finding is logged once an interval, as a warning; all of them are kept, bounded, for whoever shows
// them. Neither has values of parameters in it. docs/decisions/statement-statistics.md says what is counted
// where.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <brio/db/engine.hpp>
#include <brio/db/explainer.hpp>
#include <brio/db/findings.hpp>
#include <brio/db/schema_facts.hpp>
#include <brio/db/statement_stats.hpp>
#include <brio/ledger/statement_tally.hpp>
#include <brio/runtime/work.hpp>

namespace brio::db {

struct WatchOptions {
    std::chrono::nanoseconds goal = std::chrono::milliseconds(100);  // Goals::query: over it is slow
    std::chrono::nanoseconds interval = std::chrono::seconds(60);    // between two log lines of a finding
    std::uint32_t most_runs = 10;     // of one statement in one unit of work; more is a repetition
    std::size_t most_findings = 300;  // kept, of all kinds together
    std::size_t most_waiting = 64;    // slow statements that wait for their plan
    std::size_t most_series = 1000;   // pairs of statement and work that are counted apart
    std::map<std::string, std::chrono::nanoseconds, std::less<>> own_goals =
        {};  // of statements, by their names
};

class StatementWatch final : public ledger::TallyWatcher {
public:
    StatementWatch(WatchOptions options, metrics::Registry* registry);
    StatementWatch(const StatementWatch&) = delete;
    StatementWatch& operator=(const StatementWatch&) = delete;
    ~StatementWatch();

    /// Who explains; before the first statement.
    void set_engine(Engine& engine) noexcept { engine_ = &engine; }
    /// Explains nothing more. Before the engine ends.
    void stop() { explainer_.stop(); }

    /// One statement of `work` has ended, on the work's loop.
    void count(runtime::Work& work, const Query& query, const StatementRun& run,
               std::chrono::nanoseconds goal);
    /// The same of what is no statement of the program's: into the statistics only.
    void count_beside(runtime::Work& work, const sql::Statement& statement, const StatementRun& run) {
        stats_.count(*work.loop, statement, work.name, run);
    }
    /// A statement has run in the unit of work, `count` times at once.
    void tally(runtime::Work& work, const sql::Statement& statement, std::uint64_t count, std::uint64_t ns);
    void ended(const ledger::StatementTally& tally, const ledger::EndedWork& work, Buffer* warnings) override;

    const WatchOptions& options() const noexcept { return options_; }
    StatementStats& stats() noexcept { return stats_; }
    /// Any thread.
    Findings findings() const;
    /// On the explainer's thread, or where waiting does no harm: the indexes that statements ask for, each
    /// tried where the engine can.
    Async<std::vector<IndexAdvice>> advise(const sql::Statement& statement, SchemaFacts facts,
                                           std::string plan);
    void each_limit(const std::function<void(runtime::Limit&)>& visit);

private:
    template <class Finding>
    struct Kept {
        Finding finding;
        std::chrono::nanoseconds next_line{0};
        metrics::Counter counter;
    };
    using Key = std::pair<std::string, std::uint32_t>;  // the work's name and the statement's number
    template <class Finding>
    using Kind = std::map<Key, Kept<Finding>>;
    struct Explained {
        Key key;
        const sql::Statement* statement;
        std::vector<std::string> others;
    };

    template <class Finding>
    Kept<Finding>* keep(Kind<Finding>& kind, Key key);
    template <class Finding>
    bool line_is_due(Kept<Finding>& kept);
    void slow(runtime::Work& work, const Query& query, const StatementRun& run,
              std::chrono::nanoseconds goal);
    void repeated(const ledger::StatementTally& tally, const ledger::StatementTally::Entry& entry,
                  const ledger::EndedWork& work, Buffer* warnings);
    void over_budget(const ledger::StatementTally& tally, const ledger::EndedWork& work, Buffer* warnings);
    Async<void> explain_slow(Explained job);
    Async<void> explain_repeated(Explained job);
    std::vector<std::string> other_tables(const ledger::StatementTally& tally, std::uint32_t number) const;
    std::string text_of(const sql::Statement& statement) const;
    struct OwnGoal {
        std::chrono::nanoseconds limit;
        metrics::Histogram durations;  // without a registry: nobody's
    };
    struct CounterSpec {
        const char* name;
        const char* help;
        const char* label;
    };
    metrics::Counter counter_of(CounterSpec spec, std::string_view value);

    const WatchOptions options_;
    metrics::Registry* const registry_;
    Engine* engine_ = nullptr;
    std::map<std::string, OwnGoal, std::less<>> own_goals_;  // looked up at each statement, if there are any
    StatementStats stats_;
    runtime::Limit findings_limit_;
    mutable std::mutex mutex_;
    Kind<SlowStatement> slow_;                  // guarded by mutex_
    Kind<RepeatedStatement> repeated_;          // guarded by mutex_
    Kind<ExceededBudget> over_budget_;          // guarded by mutex_
    std::shared_ptr<const SchemaFacts> facts_;  // guarded by mutex_: as last read
    Explainer explainer_;
};

}  // namespace brio::db
