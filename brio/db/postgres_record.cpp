#include <brio/db/postgres_record.hpp>

#include <brio/base/text.hpp>
#include <brio/db/migration_hazards.hpp>
#include <brio/db/postgres_keeper.hpp>
#include <brio/db/postgres_steps.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::db {

namespace postgres {

using sql::quoted_text;

const std::vector<std::string>& bookkeeping() {
    static const std::vector<std::string> statements = [] {
        std::vector<std::string> all{
            "CREATE TABLE IF NOT EXISTS brio_migrations(position bigint GENERATED ALWAYS AS IDENTITY PRIMARY "
            "KEY, "
            "revision text NOT NULL UNIQUE, checksum bigint NOT NULL, "
            "applied_at timestamptz NOT NULL DEFAULT clock_timestamp())",
            "CREATE TABLE IF NOT EXISTS brio_migration_steps(revision text PRIMARY KEY, direction text NOT "
            "NULL, "
            "done bigint NOT NULL, done_hash bigint NOT NULL, begun boolean NOT NULL)",
        };
        for (std::size_t i = 0; i < generation_count; ++i) {
            all.push_back(concat({"CREATE SEQUENCE IF NOT EXISTS ", generation_name(i)}));
        }
        return all;
    }();
    return statements;
}

std::vector<std::string> note_finished(const Change& change) {
    const std::string revision = quoted_text(change.migration->revision);
    const auto checksum = static_cast<std::int64_t>(change.migration->checksum());
    return {concat({"DELETE FROM brio_migration_steps WHERE revision = ", revision}),
            change.direction == Direction::up
                ? concat({"INSERT INTO brio_migrations(revision, checksum) VALUES (", revision, ", ",
                          integer_text(checksum), ")"})
                : concat({"DELETE FROM brio_migrations WHERE revision = ", revision})};
}

std::string note_steps(const Change& change, const StepRecord& steps) {
    return concat({"INSERT INTO brio_migration_steps(revision, direction, done, done_hash, begun) VALUES (",
                   quoted_text(change.migration->revision), ", ", quoted_text(name_of(change.direction)),
                   ", ", integer_text(steps.done), ", ", integer_text(steps.done_hash), ", ",
                   steps.is_begun ? "true" : "false",
                   ") ON CONFLICT (revision) DO UPDATE SET done = excluded.done, done_hash = "
                   "excluded.done_hash, begun = excluded.begun"});
}

}  // namespace postgres

std::string postgres_text(std::span<const Migration> migrations) {
    std::string text;
    const auto add = [&](std::string_view statement) { text += concat({statement, ";\n"}); };
    for (const std::string& statement : postgres::bookkeeping()) {
        add(statement);
    }
    for (const Migration& migration : migrations) {
        text += concat({"-- ", migration.revision, "\n", hazard_comments(migration)});
        auto steps = postgres::steps_of(migration.upgrade);
        const auto record = postgres::note_finished({.migration = &migration, .direction = Direction::up});
        if (steps.empty() || steps.back().kind != postgres::Step::Kind::transaction) {
            steps.push_back({});
        }
        auto& last = steps.back().statements;
        last.insert(last.end(), record.begin(), record.end());
        for (const postgres::Step& step : steps) {
            const bool is_transaction = step.kind == postgres::Step::Kind::transaction;
            text += is_transaction ? "BEGIN;\n" : "";
            for (const std::string& statement : step.statements) {
                add(statement);
            }
            text += is_transaction ? "COMMIT;\n" : "";
        }
    }
    return text;
}

}  // namespace brio::db
