#include <brio/db/report.hpp>

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/db/advice.hpp>
#include <brio/db/database.hpp>

namespace brio::db {

namespace {

/// A table of fewer rows is read as quickly without an index.
constexpr std::uint64_t least_scanned = 1000;

double milliseconds(std::uint64_t ns) noexcept { return static_cast<double>(ns / 1000) / 1000.0; }

bool is_asked_for(const std::vector<IndexAdvice>& all, const IndexAdvice& advice) {
    return std::ranges::any_of(all,
                               [&](const IndexAdvice& each) { return each.migration == advice.migration; });
}

/// What others than statements use, and what is not the program's.
bool is_needed(const SchemaIndex& index, const SchemaFacts& facts) {
    return index.is_unique || index.table.starts_with("brio_") ||
           std::ranges::any_of(facts.keys, [&](const ForeignKey& key) {
               return key.table == index.table && !index.columns.empty() &&
                      key.column == index.columns.front();
           });
}

std::vector<UnusedIndex> unused_indexes(const SchemaFacts& facts, const std::vector<std::string>& used,
                                        std::uint64_t statements) {
    std::vector<UnusedIndex> unused;
    for (const SchemaIndex& index : facts.indexes) {
        if (!index.scans && statements == 0) {
            continue;  // nothing is known yet
        }
        const bool is_used =
            index.scans ? *index.scans != 0 : std::ranges::find(used, index.name) != used.end();
        if (is_used || is_needed(index, facts)) {
            continue;
        }
        const auto why =
            index.scans
                ? std::string("no scan of it since the server counts")
                : concat({"no plan of the ", integer_text(statements), " statements that ran uses it"});
        unused.push_back({.table = index.table,
                          .index = index.name,
                          .columns = index.columns,
                          .why = why,
                          .migration = concat({"drop_index(\"", index.name, "\")"})});
    }
    return unused;
}

}  // namespace

QueriesReport report_queries(Database& database) {
    QueriesReport report;
    const auto dialect = database.engine().dialect();
    for (StatementRecord& record : database.watch().stats().records()) {
        StatementLine& line = report.statements.emplace_back();
        line.statement = "other";
        if (record.statement != nullptr) {
            line.statement = record.statement->name();
            line.type = sql::name_of(record.statement->type());
            line.fingerprint = fingerprint_text(record.statement->fingerprint());
            line.text = record.statement->text(dialect);
        }
        line.endpoint = std::move(record.work);
        line.count = record.count;
        line.failed = record.failed;
        line.rows = record.rows;
        line.scanned = record.scanned;
        line.waited_ms = milliseconds(record.waited_ns);
        line.took_ms = milliseconds(record.took_ns);
        line.decoded_ms = milliseconds(record.decoded_ns);
        line.mean_ms = milliseconds(record.mean_ns());
        line.p95_ms = milliseconds(record.p95_ns);
        line.slowest_ms = milliseconds(record.slowest_ns);
        line.slowest_at = Timestamp(record.slowest_at);
    }
    Findings findings = database.watch().findings();
    report.slow = std::move(findings.slow);
    report.repeated = std::move(findings.repeated);
    report.over_budget = std::move(findings.over_budget);
    return report;
}

Async<IndexReport> report_indexes(Database& database) {
    Engine& engine = database.engine();
    const auto facts = co_await read_schema_facts(engine);
    IndexReport report;
    for (const SlowStatement& slow : database.watch().findings().slow) {
        for (const IndexAdvice& advice : slow.advice) {
            if (!is_asked_for(report.missing, advice)) {
                report.missing.push_back(advice);
            }
        }
    }
    std::vector<std::string> used;
    std::vector<const sql::Statement*> seen;
    for (const StatementRecord& record : database.watch().stats().records()) {
        const sql::Statement* statement = record.statement;
        if (statement == nullptr || shape_of(statement->text(engine.dialect())).tables.empty() ||
            std::ranges::find(seen, statement) != seen.end()) {
            continue;
        }
        seen.push_back(statement);
        if (engine.dialect() != sql::Dialect::sqlite) {
            continue;  // a plan depends on values there, and the server counts by itself
        }
        const auto plan = co_await engine.explain(Query{.statement = statement});
        const auto reading = read_plan(plan, shape_of(statement->text(engine.dialect())));
        used.insert(used.end(), reading.indexes.begin(), reading.indexes.end());
        if (record.scanned / record.count < least_scanned) {
            continue;
        }
        for (IndexAdvice& advice : co_await database.watch().advise(*statement, facts, plan)) {
            advice.why = concat({statement->name(), " for ", record.work, ": scanned ",
                                 integer_text(record.scanned / record.count), " rows for ",
                                 integer_text(record.rows / record.count)});
            if (!is_asked_for(report.missing, advice)) {
                report.missing.push_back(std::move(advice));
            }
        }
    }
    report.statements = seen.size();
    report.unused = unused_indexes(facts, used, report.statements);
    co_return report;
}

}  // namespace brio::db
