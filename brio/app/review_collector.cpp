#include <brio/app/review_collector.hpp>

#include <brio/app/goal_keeper.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/db/database.hpp>
#include <brio/ledger/black_box.hpp>

namespace brio::app {

namespace {

constexpr std::size_t most_dead = 1000;

std::string time_text(std::uint64_t ns) { return duration_text(std::chrono::nanoseconds(ns)); }

std::string words_of(const ledger::SlowWork& work) {
    auto const at = Timestamp(WallTime(std::chrono::microseconds(work.ended_us))).text();
    auto words = concat({time_text(work.total_ns), " at ", at.substr(0, 10), " ", at.substr(11, 8)});
    if (work.statement_count > 0) {
        auto const& most = work.statements[0];
        words += concat({", ", time_text(most.ns), " of it in ", integer_text(most.count), " x \"",
                         valid_utf8(most.name.view()), "\""});
    }
    auto const is_request = work.kind == ledger::SlowKind::request;
    return concat({words, is_request ? " (request " : " (task ",
                   valid_utf8(is_request ? work.id.view() : work.target.view()), ")"});
}

std::vector<watch::SlowExample> examples_of(const ledger::BlackBox& box) {
    std::vector<watch::SlowExample> examples;
    for (auto const& work : box.newest()) {
        examples.push_back({.name = valid_utf8(work.name.view()), .words = words_of(work)});
    }
    return examples;
}

Async<void> ask_database(watch::ReviewFacts& facts, db::Database& database) {
    facts.queries = db::report_queries(database);
    try {
        facts.indexes = co_await db::report_indexes(database);
    } catch (const runtime::Cancelled&) {
        throw;
    } catch (const std::exception& failed) {  // a review of the rest is worth having
        facts.problems.push_back(
            concat({"The database could not be asked for its indexes: ", failed.what()}));
    }
}

Async<void> ask_broker(watch::ReviewFacts& facts, tasks::Broker& broker) {
    try {
        facts.queues = co_await broker.queues();
        facts.dead = co_await broker.dead({.queue = {}, .name = {}, .most = most_dead});
    } catch (const runtime::Cancelled&) {
        throw;
    } catch (const std::exception& failed) {  // the same
        facts.problems.push_back(concat({"The broker could not be asked for its queues: ", failed.what()}));
    }
}

}  // namespace

Async<watch::ReviewFacts> collect_review(const ReviewSources& sources, std::chrono::seconds since) {
    auto const& history = sources.keeper.history();
    watch::ReviewFacts facts{
        .program = sources.program,
        .version = sources.version,
        .at = std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()),
        .since = since,
        .rules = sources.rules,
        .judges_connections = sources.judges_connections,
        .history = history.report({.span = watch::span_of_review(since), .of = {}, .name = {}, .figure = {}}),
        .growth = history.report(
            {.span = watch::span_of_growth(since), .of = "resources", .name = {}, .figure = {}}),
        .is_running = true,
        .began = sources.began,
        .goals = sources.keeper.watch().report(),
        .cached = cache::report(sources.caches, 0, monotonic_now()).subjects,
        .slow = examples_of(sources.slow)};
    if (sources.database != nullptr) {
        co_await ask_database(facts, *sources.database);
    }
    if (sources.tasks != nullptr) {
        co_await ask_broker(facts, sources.tasks->broker());
    }
    co_return facts;
}

std::optional<watch::ReviewFacts> read_review(const Program& program, const Settings& settings,
                                              std::chrono::seconds since, std::chrono::seconds now) {
    auto const bytes = watch::read_file(settings.goals_file);
    auto const kept = bytes ? watch::read_history(*bytes) : std::nullopt;
    if (!kept) {
        return std::nullopt;
    }
    auto history = watch::report_of(kept->lines, now);
    return watch::ReviewFacts{
        .program = program.name,
        .version = program.version,
        .at = now,
        .since = since,
        .rules = goal_rules(program, settings),
        .judges_connections = program.has_database && db::is_postgresql(settings.database_url),
        .history = history,
        .growth = std::move(history)};
}

}  // namespace brio::app
