#include <brio/db/sqlite_writer.hpp>

#include <pthread.h>

#include <algorithm>

#include <brio/db/error.hpp>
#include <brio/db/sqlite_changes.hpp>
#include <brio/runtime/offload.hpp>
#include <brio/runtime/sampler.hpp>

namespace brio::db::sqlite {

Writer::Writer(WriterOptions options, sql::Generations& generations, Metrics* metrics)
    : options_(std::move(options)),
      generations_(generations),
      metrics_(metrics),
      connection_(options_.connection),
      queued_("db_write_queue", options_.queue),
      thread_([this] { serve(); }) {}

Writer::~Writer() {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
    }
    ready_.notify_one();
    thread_.join();
}

void Writer::reserve() {
    if (!queued_.try_take()) {
        throw runtime::Overloaded(queued_.name());
    }
}

void Writer::submit(std::vector<std::shared_ptr<Ticket>>& tickets) {
    bool idle = false;
    {
        const std::scoped_lock lock(mutex_);
        idle = queue_.empty();
        std::ranges::move(tickets, std::back_inserter(queue_));
    }
    tickets.clear();
    if (idle) {
        ready_.notify_one();
    }
}

void Writer::serve() {
    pthread_setname_np(pthread_self(), "db-writer");
    const runtime::SampledThread sampled("db-writer");
    std::optional<metrics::Seat> seat;
    if (metrics_ != nullptr) {
        seat.emplace(metrics_->registry());
    }
    Tickets batch;
    for (;;) {
        take(batch);
        if (batch.empty()) {
            return;
        }
        busy_.store(true, std::memory_order_relaxed);
        if (auto* transaction = dynamic_cast<TransactionTicket*>(batch.front().get())) {
            const auto keep = batch.front();
            run_transaction(*transaction);
        } else {
            run_batch(batch);
        }
        batch.clear();
        busy_.store(false, std::memory_order_relaxed);
    }
}

/// Jobs up to the next transaction, or one transaction; nothing at the end.
void Writer::take(Tickets& batch) {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    while (!queue_.empty() && batch.size() < options_.most_batch) {
        const bool alone = dynamic_cast<TransactionTicket*>(queue_.front().get()) != nullptr;
        if (alone && !batch.empty()) {
            break;
        }
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
        queued_.give_back();
        if (alone) {
            break;
        }
    }
}

void Writer::run_batch(Tickets& batch) {
    Tickets finished;
    // Each round carries out what is left; a job that took the whole transaction down with it leaves with its
    // error, and the others are carried out again.
    while (!batch.empty()) {
        const Ticks begun = ticks();
        std::exception_ptr error;
        Slots written;
        bool again = false;
        try {
            begin([&batch] {
                return std::ranges::all_of(
                    batch, [](auto& ticket) { return ticket->abandoned.load(std::memory_order_relaxed); });
            });
            again = !execute_batch(batch, written);
            if (!again) {
                commit(written);
            }
        } catch (...) {
            error = std::current_exception();
            roll_back();
            again = false;
        }
        if (again) {
            std::erase_if(batch, [&](auto& ticket) {
                const bool gone = ticket->error != nullptr;
                if (gone) {
                    finished.push_back(std::move(ticket));
                }
                return gone;
            });
            continue;
        }
        if (metrics_ != nullptr) {
            metrics_->batch(batch.size());
        }
        const Ticks took = ticks() - begun;
        for (auto& ticket : batch) {
            ticket->executed = took;
            if (error != nullptr && ticket->error == nullptr) {
                ticket->error = error;
            }
            finished.push_back(std::move(ticket));
        }
        batch.clear();
    }
    deliver(finished);
}

/// False when a job ended the whole transaction.
bool Writer::execute_batch(Tickets& batch, Slots& written) {
    for (auto& ticket : batch) {
        ticket->error = nullptr;
    }
    for (auto& ticket : batch) {
        auto& job = static_cast<JobTicket&>(*ticket);
        if (!job.abandoned.load(std::memory_order_relaxed) && !execute_job(job, written)) {
            return false;
        }
    }
    return true;
}

bool Writer::execute_job(JobTicket& ticket, Slots& written) {
    auto& queries = ticket.job->queries;
    // One statement undoes itself when it fails; only several need a savepoint.
    const bool several = queries.size() > 1;
    try {
        if (several) {
            connection_.control(Connection::Control::savepoint);
        }
        for (Query& query : queries) {
            query.took_ns = 0;
        }
        for (Query& query : queries) {
            if (query.sink != nullptr) {
                query.sink->clear();
            }
            const Ticks begun = ticks();
            const auto most = options_.limits.of(*query.statement);
            const Budget budget{.until = begun + ns_to_ticks(static_cast<std::uint64_t>(most.count()))};
            if (connection_.run(query, budget) == Outcome::interrupted) {
                throw QueryTimeout(query.statement->name());
            }
            query.took_ns = ticks_to_ns(ticks() - begun) + 1;
            if (metrics_ != nullptr) {
                metrics_->statement(query.statement->type(), query.took_ns);
            }
            note_tables(*query.statement, written);
        }
        if (several) {
            connection_.control(Connection::Control::release);
        }
    } catch (...) {
        ticket.error = std::current_exception();
        if (!connection_.in_transaction()) {
            return false;
        }
        if (several) {
            connection_.control(Connection::Control::undo);
            connection_.control(Connection::Control::release);
        }
    }
    return true;
}

void Writer::begin(const std::function<bool()>& abandon) {
    if (!connection_.begin_write(options_.busy_timeout, abandon)) {
        throw Unavailable("another process held the database's write lock for too long");
    }
    // Another process may have migrated it, and with it what changes along.
    if (const auto version = connection_.schema_version(); version != schema_version_) {
        schema_version_ = version;
        slots_.clear();
        cascades_.reset();
    }
}

void Writer::commit(const Slots& written) {
    struct Finish {
        sql::Generations& generations;
        const Slots& written;
        ~Finish() { generations.end_commit(written); }
    };
    generations_.begin_commit(written);
    const Finish finish{generations_, written};
    connection_.control(Connection::Control::commit);
    if (connection_.commits() != commits_seen_) {
        commits_seen_ = connection_.commits();
        generations_.own_commits().fetch_add(1, std::memory_order_acq_rel);
    }
    wal_pages_.store(connection_.wal_pages(), std::memory_order_relaxed);
}

void Writer::roll_back() noexcept {
    if (connection_.in_transaction()) {
        try {
            connection_.control(Connection::Control::roll_back);
        } catch (...) {
            // The connection is out of the transaction whatever ROLLBACK said; the next BEGIN tells if it is
            // not.
        }
    }
}

const Cascades& Writer::cascades() {
    if (!cascades_) {
        const auto references = rows_of<Cascades::Reference>(
            connection_,
            "SELECT f.\"table\" AS target, m.name AS \"table\", f.on_delete IN ('CASCADE', 'SET NULL', "
            "'SET DEFAULT') AS on_delete, f.on_update IN ('CASCADE', 'SET NULL', 'SET DEFAULT') AS on_update "
            "FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'");
        cascades_.emplace(references);
    }
    return *cascades_;
}

void Writer::note_tables(const sql::Statement& statement, Slots& written) {
    const std::uint32_t number = statement.number();
    if (number >= slots_.size()) {
        slots_.resize(number + 1);
    }
    Slots& slots = slots_[number];
    if (slots.empty()) {
        for (const std::string& table : cascades().written_by(statement)) {
            slots.push_back(generations_.slot(table));
        }
    }
    for (const auto slot : slots) {
        if (std::ranges::find(written, slot) == written.end()) {
            written.push_back(slot);
        }
    }
}

void Writer::deliver(Tickets& finished) {
    // One post for each loop; the tickets keep their order.
    while (!finished.empty()) {
        const std::shared_ptr<Mailbox> mailbox = finished.front()->mailbox;
        Tickets mine;
        Tickets others;
        for (auto& ticket : finished) {
            (ticket->mailbox == mailbox ? mine : others).push_back(std::move(ticket));
        }
        mailbox->deliver(mine);
        finished = std::move(others);
    }
}

}  // namespace brio::db::sqlite
