#include <brio/db/db.hpp>

#include <brio/db/database.hpp>
#include <brio/db/watched.hpp>
#include <brio/ledger/dependencies.hpp>

namespace brio::db {

namespace {

/// Before the statements are sent: what moves a table after this is seen by who keeps the result.
void note_reads(ledger::Dependencies& dependencies, sql::Generations& generations,
                std::span<const Query> batch) {
    for (const Query& query : batch) {
        if (!query.statement->writes().empty()) {
            dependencies.refuse(ledger::Unkept::wrote);
        }
        for (const std::string& table : query.statement->reads()) {
            const auto slot = generations.slot(table);
            const auto now = generations.read(slot);
            dependencies.read({&generations, table, slot, now.number}, now.settled);
        }
    }
}

}  // namespace

std::chrono::nanoseconds Db::goal() const noexcept {
    return goal_.count() != 0 ? goal_ : database_->watch().options().goal;
}

Async<void> Db::read(this Db self, std::span<Query> batch) {
    if (self.transaction_ != nullptr) {
        auto job = std::make_shared<WriteJob>();
        for (Query& query : batch) {
            job->queries.push_back(std::move(query));
        }
        co_await self.write(job);
        std::ranges::move(job->queries, batch.begin());
        co_return;
    }
    auto& work = co_await runtime::current_work;
    work.check();
    if (work.dependencies != nullptr) [[unlikely]] {
        note_reads(*work.dependencies, self.database_->generations(), batch);
    }
    Engine& engine = self.database_->engine();
    Watched watched(self.database_->watch(), work, batch, self.goal());
    if (!engine.read_now(work, batch)) {
        watched.waits();
        co_await engine.read(batch);
    }
    watched.done();
}

Async<void> Db::write(this Db self, std::shared_ptr<WriteJob> job) {
    auto& work = co_await runtime::current_work;
    work.check();
    if (work.dependencies != nullptr) [[unlikely]] {
        const bool joins = self.transaction_ != nullptr;
        work.dependencies->refuse(joins ? ledger::Unkept::transaction : ledger::Unkept::wrote);
    }
    Watched watched(self.database_->watch(), work, job->queries, self.goal());
    watched.waits();
    if (self.transaction_ != nullptr) {
        co_await self.transaction_->run(job);
    } else {
        co_await self.database_->engine().write(job);
    }
    watched.done(job->commit_ns);
}

sql::Dialect Db::dialect() const noexcept { return database_->engine().dialect(); }

Async<std::shared_ptr<Transaction>> Db::begin(TransactionOptions options) const {
    return database_->engine().begin(options);
}

const sql::Statement& Db::raw(std::string_view text, const std::vector<std::string>& reads,
                              const std::vector<std::string>& writes) const {
    return database_->raw_statements().find(text, reads, writes);
}

void Db::check_text(std::string_view text) const {
    database_->engine().check(
        sql::Statement({.type = sql::type_of(text), .name = std::string(text)},
                       std::array<std::string, sql::dialect_count>{std::string(text), std::string(text)}));
}

void Db::check_columns(std::string_view text, std::span<const std::string_view> columns) const {
    check_text(text);
    std::string names;
    for (const std::string_view column : columns) {
        names += concat({names.empty() ? "checked." : ", checked.", sql::quoted_name(column)});
    }
    check_text(concat({"SELECT ", names, " FROM (", text, ") AS checked"}));
}

}  // namespace brio::db
