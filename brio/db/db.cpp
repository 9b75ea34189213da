#include <brio/db/db.hpp>

#include <brio/db/database.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::db {

Async<void> Db::read(this Db self, std::span<Query> batch) {
    auto& work = co_await runtime::current_work;
    work.check();
    if (self.transaction_ != nullptr) {
        auto job = std::make_shared<WriteJob>();
        for (Query& query : batch) {
            job->queries.push_back(std::move(query));
        }
        co_await self.transaction_->run(job);
        std::ranges::move(job->queries, batch.begin());
    } else if (!self.database_->engine().read_now(work, batch)) {
        co_await self.database_->engine().read(batch);
    }
    for (const Query& query : batch) {
        ledger::count_statement(work.ledger, query.rows);
    }
}

Async<void> Db::write(this Db self, std::shared_ptr<WriteJob> job) {
    auto& work = co_await runtime::current_work;
    work.check();
    if (self.transaction_ != nullptr) {
        co_await self.transaction_->run(job);
    } else {
        co_await self.database_->engine().write(job);
    }
    for (const Query& query : job->queries) {
        ledger::count_statement(work.ledger, query.rows);
    }
}

sql::Dialect Db::dialect() const noexcept { return database_->engine().dialect(); }

Async<std::shared_ptr<Transaction>> Db::begin(TransactionOptions options) const {
    return database_->engine().begin(options);
}

const sql::Statement& Db::raw(std::string_view text, const std::vector<std::string>& reads,
                              const std::vector<std::string>& writes) const {
    return database_->raw_statements().find(text, reads, writes);
}

}  // namespace brio::db
