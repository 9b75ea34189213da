#include <brio/db/sqlite_keeper.hpp>

#include <pthread.h>

#include <brio/db/sqlite_writer.hpp>

namespace brio::db::sqlite {

Keeper::Keeper(KeeperOptions options, const Writer& writer, sql::Generations& generations)
    : options_(std::move(options)),
      writer_(writer),
      generations_(generations),
      connection_(options_.connection) {
    connection_.integer("SELECT count(*) FROM sqlite_master");  // maps the log's index
    suspected_ = generations_.foreign_commits().load();
    thread_ = std::thread([this] { serve(); });
}

Keeper::~Keeper() {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Keeper::serve() {
    pthread_setname_np(pthread_self(), "db-keeper");
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, options_.every, [this] { return ending_; })) {
        lock.unlock();
        round();
        lock.lock();
    }
}

void Keeper::round() {
    notice_foreign_commits();
    const int pages = writer_.wal_pages();
    if (pages >= options_.restart_pages) {
        connection_.checkpoint(true);
    } else if (pages >= options_.checkpoint_pages && pages != checkpointed_pages_) {
        connection_.checkpoint(false);
        checkpointed_pages_ = pages;
    }
    if (++rounds_ % 200 == 0) {
        generations_.settle_abandoned();
    }
}

// A commit of our own is counted a moment after it can be seen, by any of several processes. So one reading
// that agrees is enough to be calm, and a new difference counts when two rounds agree on it.
void Keeper::notice_foreign_commits() {
    std::uint32_t known = generations_.foreign_commits().load();
    std::uint32_t foreign = known;
    for (int reading = 0; reading < 4; ++reading) {
        foreign = connection_.change_counter() - generations_.own_commits().load();
        if (foreign == known) {
            suspected_ = known;
            return;
        }
    }
    if (foreign != suspected_) {
        suspected_ = foreign;
    } else if (generations_.foreign_commits().compare_exchange_strong(known, foreign)) {
        generations_.move_all();
    }
}

}  // namespace brio::db::sqlite
