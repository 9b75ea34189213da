#include <brio/db/statement_watch.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>

#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/db/advice.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::db {

namespace {

double milliseconds(std::uint64_t ns) noexcept { return static_cast<double>(ns / 1000) / 1000.0; }
double milliseconds(std::chrono::nanoseconds ns) noexcept {
    return milliseconds(static_cast<std::uint64_t>(ns.count()));
}

/// What rows and steps say where the plan says nothing; empty: nothing either.
std::string words_of_steps(const SlowStatement& slow) {
    constexpr std::uint64_t too_many = 100;  // steps a row
    if (slow.scanned < too_many * (slow.rows + 1)) {
        return {};
    }
    const bool skips = slow.text.find("OFFSET") != std::string::npos;
    return concat({"steps over ", integer_text(slow.scanned), " rows of an index to give ",
                   integer_text(slow.rows),
                   skips ? ": a cursor finds its place at once"
                         : ": an index that begins with its conditions would lead"});
}

/// PostgreSQL does not say how many.
std::string scanned_words(const SlowStatement& slow) {
    return slow.scanned != 0 ? concat({integer_text(slow.scanned), " rows"}) : std::string("the whole table");
}

/// On one line, as a log wants it.
std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        line += c == '\n' ? std::string_view(" | ") : std::string_view(&c, 1);
    }
    return line;
}

}  // namespace

std::string fingerprint_text(std::uint64_t fingerprint) {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(fingerprint));
    return digits;
}

StatementWatch::StatementWatch(WatchOptions options, metrics::Registry* registry)
    : options_(options),
      registry_(registry),
      stats_({.most_series = options.most_series, .registry = registry}),
      findings_limit_("db_findings", options.most_findings),
      explainer_(options.most_waiting) {
    for (const auto& [name, limit] : options.own_goals) {
        OwnGoal& own = own_goals_[name];
        own.limit = limit;
        if (registry != nullptr) {
            own.durations = registry
                                ->histogram({.name = "db_goal_query_duration_seconds",
                                             .help = "Statements that have a goal of their own.",
                                             .labels = {"query"}})
                                .with({name});
        }
    }
}

StatementWatch::~StatementWatch() = default;

void StatementWatch::count(runtime::Work& work, const Query& query, const StatementRun& run,
                           std::chrono::nanoseconds goal) {
    ledger::count_statement(work.ledger, run.rows);
    stats_.count(*work.loop, *query.statement, work.name, run);
    if (!own_goals_.empty()) [[unlikely]] {
        if (const auto own = own_goals_.find(query.statement->name()); own != own_goals_.end()) {
            goal = own->second.limit;
            if (registry_ != nullptr) {
                own->second.durations.observe(registry_->here(), run.took_ns);
            }
        }
    }
    if (run.took_ns > static_cast<std::uint64_t>(goal.count())) [[unlikely]] {
        slow(work, query, run, goal);
    }
}

void StatementWatch::tally(runtime::Work& work, const sql::Statement& statement, std::uint64_t count,
                           std::uint64_t ns) {
    if (work.tally == nullptr) {
        return;
    }
    const auto runs = work.tally->add(statement.number(), statement.name(), count, ns);
    if (runs > options_.most_runs || work.tally->is_over_budget()) [[unlikely]] {
        work.tally->watch(*this);
    }
}

void StatementWatch::ended(const ledger::StatementTally& tally, const ledger::EndedWork& work,
                           Buffer* warnings) {
    for (const auto& entry : tally) {
        if (entry.runs > options_.most_runs) {
            repeated(tally, entry, work, warnings);
        }
    }
    if (tally.is_over_budget()) {
        over_budget(tally, work, warnings);
    }
}

/// With the lock held; null when there is no room for another.
template <class Finding>
StatementWatch::Kept<Finding>* StatementWatch::keep(Kind<Finding>& kind, Key key) {
    const auto at = kind.find(key);
    if (at != kind.end()) {
        return &at->second;
    }
    return findings_limit_.try_take() ? &kind[std::move(key)] : nullptr;
}

template <class Finding>
bool StatementWatch::line_is_due(Kept<Finding>& kept) {
    const auto now = monotonic_now();
    if (now < kept.next_line) {
        return false;
    }
    kept.next_line = now + options_.interval;
    ++kept.finding.logged;
    return true;
}

metrics::Counter StatementWatch::counter_of(CounterSpec spec, std::string_view value) {
    if (registry_ == nullptr) {
        return {};
    }
    return registry_
        ->counter({.name = spec.name, .help = spec.help, .labels = {spec.label}, .most_series = 200})
        .with({value});
}

std::string StatementWatch::text_of(const sql::Statement& statement) const {
    return std::string(statement.text(engine_->dialect()));
}

void StatementWatch::slow(runtime::Work& work, const Query& query, const StatementRun& run,
                          std::chrono::nanoseconds goal) {
    const sql::Statement& statement = *query.statement;
    Key key{std::string(), statement.number()};
    {
        const std::scoped_lock lock(mutex_);
        auto* kept = keep(slow_, key);
        if (kept == nullptr) {
            return;
        }
        SlowStatement& finding = kept->finding;
        if (finding.times == 0) {
            kept->counter = counter_of(
                {"db_slow_statements_total", "Statements over their goal", "statement"}, statement.name());
        }
        if (++finding.times == 1 || milliseconds(run.took_ns) > finding.took_ms) {
            finding.statement = statement.name();
            finding.fingerprint = fingerprint_text(statement.fingerprint());
            finding.endpoint = work.name;
            finding.text = text_of(statement);
            finding.took_ms = milliseconds(run.took_ns);
            finding.waited_ms = milliseconds(run.waited_ns);
            finding.goal_ms = milliseconds(goal);
            finding.rows = run.rows;
            finding.scanned = run.scanned;
            finding.failed = run.failed;
            finding.at = Timestamp(wall_now());
        }
        if (registry_ != nullptr) {
            kept->counter.add(registry_->here());
        }
        if (!line_is_due(*kept)) {
            return;
        }
    }
    explainer_.submit([this, job = Explained{std::move(key), &statement, {}}] { return explain_slow(job); });
}

Async<std::vector<IndexAdvice>> StatementWatch::advise(const sql::Statement& statement, SchemaFacts facts,
                                                       std::string plan) {
    const auto shape = shape_of(statement.text(engine_->dialect()));
    auto advice = advice_for_scans(read_plan(plan, shape), shape, facts);
    for (IndexAdvice& each : advice) {
        const Query query{.statement = &statement};
        each.after = without_values(co_await engine_->explain_with(query, create_index_text(each)));
        each.before = each.after.empty() ? std::string() : without_values(plan);
    }
    co_return advice;
}

/// On the explainer's thread.
Async<void> StatementWatch::explain_slow(Explained job) {
    const Query query{.statement = job.statement};
    auto plan = co_await engine_->explain(query);
    auto facts = co_await read_schema_facts(*engine_);
    auto advice = co_await advise(*job.statement, facts, plan);
    plan = without_values(plan);
    const auto shape = shape_of(job.statement->text(engine_->dialect()));
    auto words = plan_words(read_plan(plan, shape), shape);
    SlowStatement finding;
    {
        const std::scoped_lock lock(mutex_);
        facts_ = std::make_shared<const SchemaFacts>(std::move(facts));
        SlowStatement& kept = slow_[job.key].finding;
        for (IndexAdvice& each : advice) {
            each.why = concat({kept.statement, " for ", kept.endpoint.empty() ? "no route" : kept.endpoint,
                               ": scanned ", scanned_words(kept), " for ", integer_text(kept.rows)});
        }
        kept.plan = std::move(plan);
        if (words.empty()) {
            words = words_of_steps(kept);
        }
        kept.words = std::move(words);
        kept.advice = std::move(advice);
        finding = kept;
    }
    log_warning("slow statement",
                {{"statement", finding.statement},
                 {"endpoint", finding.endpoint},
                 {"took_ms", finding.took_ms},
                 {"goal_ms", finding.goal_ms},
                 {"waited_ms", finding.waited_ms},
                 {"rows", finding.rows},
                 {"scanned", finding.scanned},
                 {"failed", finding.failed},
                 {"times", finding.times},
                 {"because", finding.words.empty() ? "its plan says nothing against it" : finding.words},
                 {"plan", one_line(finding.plan)},
                 {"text", one_line(finding.text)}});
}

std::vector<std::string> StatementWatch::other_tables(const ledger::StatementTally& tally,
                                                      std::uint32_t number) const {
    std::vector<std::string> tables;
    for (const auto& entry : tally) {
        const sql::Statement* statement = entry.number != number ? stats_.statement(entry.number) : nullptr;
        if (statement != nullptr) {
            tables.insert(tables.end(), statement->reads().begin(), statement->reads().end());
        }
    }
    return tables;
}

void StatementWatch::repeated(const ledger::StatementTally& tally, const ledger::StatementTally::Entry& entry,
                              const ledger::EndedWork& work, Buffer* warnings) {
    const sql::Statement* statement = stats_.statement(entry.number);
    if (statement == nullptr) {
        return;
    }
    const auto shape = shape_of(statement->text(engine_->dialect()));
    if (shape.by_list) {
        return;  // a select-in of very many keys
    }
    std::shared_ptr<const SchemaFacts> facts;
    bool due = false;
    {
        const std::scoped_lock lock(mutex_);
        facts = facts_;
        auto* kept = keep(repeated_, {std::string(work.name), entry.number});
        if (kept != nullptr) {
            RepeatedStatement& finding = kept->finding;
            if (++finding.times == 1) {
                kept->counter =
                    counter_of({"db_repeated_statements_total",
                                "Units of work that ran one statement again and again", "endpoint"},
                               work.name);
            }
            if (finding.runs < entry.runs || finding.took_ms < milliseconds(entry.ns)) {
                finding.statement = statement->name();
                finding.fingerprint = fingerprint_text(statement->fingerprint());
                finding.endpoint = work.name;
                finding.text = text_of(*statement);
                finding.runs = entry.runs;
                finding.took_ms = milliseconds(entry.ns);
                finding.share = work.goal.count() == 0
                                    ? 0
                                    : static_cast<double>(entry.ns) / static_cast<double>(work.goal.count());
                finding.at = Timestamp(wall_now());
            }
            if (registry_ != nullptr) {
                kept->counter.add(registry_->here());
            }
            due = line_is_due(*kept);
        }
    }
    auto others = other_tables(tally, entry.number);
    if (warnings != nullptr) {
        const auto fix =
            advice_for_repetition(*statement, shape, facts != nullptr ? *facts : SchemaFacts{}, others);
        warnings->append(concat({warnings->empty() ? "" : "\n", "n+1: ", statement->name(), " ran ",
                                 integer_text(entry.runs), " times; ", fix}));
    }
    if (due) {
        explainer_.submit(
            [this, job = Explained{{std::string(work.name), entry.number}, statement, std::move(others)}] {
                return explain_repeated(job);
            });
    }
}

/// On the explainer's thread.
Async<void> StatementWatch::explain_repeated(Explained job) {
    auto facts = co_await read_schema_facts(*engine_);
    const auto shape = shape_of(job.statement->text(engine_->dialect()));
    RepeatedStatement finding;
    {
        const std::scoped_lock lock(mutex_);
        RepeatedStatement& kept = repeated_[job.key].finding;
        kept.fix = advice_for_repetition(*job.statement, shape, facts, job.others);
        finding = kept;
        facts_ = std::make_shared<const SchemaFacts>(std::move(facts));
    }
    log_warning("repeated statement (n+1)",
                {{"endpoint", finding.endpoint},
                 {"statement", finding.statement},
                 {"runs", finding.runs},
                 {"took_ms", finding.took_ms},
                 {"percent_of_goal", static_cast<std::uint64_t>(finding.share * 100 + 0.5)},
                 {"times", finding.times},
                 {"mend", finding.fix},
                 {"text", one_line(finding.text)}});
}

void StatementWatch::over_budget(const ledger::StatementTally& tally, const ledger::EndedWork& work,
                                 Buffer* warnings) {
    Buffer ran;
    append_tally_words(ran, tally);
    bool due = false;
    {
        const std::scoped_lock lock(mutex_);
        if (auto* kept = keep(over_budget_, {std::string(work.name), 0})) {
            ExceededBudget& finding = kept->finding;
            if (++finding.times == 1) {
                kept->counter =
                    counter_of({"db_statement_budget_exceeded_total",
                                "Units of work that ran more statements than they say", "endpoint"},
                               work.name);
            }
            if (finding.statements < tally.total()) {
                finding.endpoint = work.name;
                finding.budget = tally.budget();
                finding.statements = tally.total();
                finding.ran = ran.view();
                finding.at = Timestamp(wall_now());
            }
            if (registry_ != nullptr) {
                kept->counter.add(registry_->here());
            }
            due = line_is_due(*kept);
        }
    }
    if (warnings != nullptr) {
        warnings->append(concat({warnings->empty() ? "" : "\n", "statement budget of ",
                                 integer_text(tally.budget()), " exceeded: ", ran.view()}));
    }
    if (due) {
        log_warning("statement budget exceeded",
                    {{"endpoint", work.name}, {"budget", tally.budget()}, {"statements", ran.view()}});
    }
}

Findings StatementWatch::findings() const {
    Findings found;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& [key, kept] : slow_) {
            found.slow.push_back(kept.finding);
        }
        for (const auto& [key, kept] : repeated_) {
            found.repeated.push_back(kept.finding);
        }
        for (const auto& [key, kept] : over_budget_) {
            found.over_budget.push_back(kept.finding);
        }
    }
    std::ranges::sort(found.slow, std::greater(), &SlowStatement::took_ms);
    std::ranges::sort(found.repeated, std::greater(), &RepeatedStatement::took_ms);
    std::ranges::sort(found.over_budget, std::greater(), &ExceededBudget::statements);
    return found;
}

void StatementWatch::each_limit(const std::function<void(runtime::Limit&)>& visit) {
    visit(stats_.series_limit());
    visit(findings_limit_);
    visit(explainer_.queue_limit());
}

}  // namespace brio::db
