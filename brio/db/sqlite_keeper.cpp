#include <brio/db/sqlite_keeper.hpp>

#include <pthread.h>

#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/db/sqlite_writer.hpp>

namespace brio::db::sqlite {

Keeper::Keeper(KeeperOptions options, const Writer& writer, sql::Generations& generations)
    : options_(std::move(options)),
      writer_(writer),
      generations_(generations),
      connection_(options_.connection),
      wal_(options_.wal),
      file_(file_id(options_.connection.path)) {
    connection_.integer("SELECT count(*) FROM sqlite_master");  // maps the log's index
    suspected_ = generations_.foreign_commits().load();
    // What others committed while no program ran counts now, not when something is kept already: two rounds.
    notice_foreign_commits();
    notice_foreign_commits();
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
    care_for_log();
    look_at_file();
    if (++rounds_ % 200 == 0) {
        generations_.settle_abandoned();
    }
}

void Keeper::care_for_log() {
    const int pages = writer_.wal_pages();
    const auto action = wal_.next(pages, monotonic_now());
    if (action == WalCare::Action::none) {
        return;
    }
    const auto done = connection_.checkpoint(action == WalCare::Action::restart);
    wal_.done(action, done.pages, done.moved, monotonic_now());
    if (wal_.should_warn(done.pages, monotonic_now())) {
        log_warning(
            "the database's write-ahead log grows: a reader, perhaps of another program, keeps it from "
            "starting again",
            {{"file", options_.connection.path}, {"pages", done.pages}, {"in_use", done.pages - done.moved}});
    }
}

void Keeper::look_at_file() {
    const auto found = file_id(options_.connection.path);
    const bool is_there = found == file_;
    if (is_there == file_is_there()) {
        return;
    }
    file_is_there_.store(is_there, std::memory_order_relaxed);
    if (is_there) {
        log_info("the database's file is back", {{"file", options_.connection.path}});
    } else {
        log_error(found == FileId{}
                      ? "the database's file was deleted or moved while it is in use: put it back, or "
                        "restart the program on another"
                      : "the database's file was replaced while it is in use: restart the program",
                  {{"file", options_.connection.path}});
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
