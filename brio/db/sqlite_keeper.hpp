// Housekeeping of a SQLite database on a thread of its own: checkpoints, so that no serving thread pays for
// them, and noticing commits of programs that know nothing of table generations. Internal.
//
// Every 50 ms it compares the number of commits in the write-ahead log's index with how many this framework's
// writers have counted: a difference that grew means somebody else wrote, and every table's generation moves.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>

#include <brio/db/sqlite_connection.hpp>

namespace brio::db::sqlite {

class Writer;

struct KeeperOptions {
    ConnectionOptions connection;
    std::chrono::milliseconds every{50};
    int checkpoint_pages = 1000;  // a log longer than that is checkpointed, readers and writers going on
    int restart_pages =
        16'384;  // and one longer than that (64 MiB) is made to start again: writers wait for it
};

class Keeper {
public:
    Keeper(KeeperOptions options, const Writer& writer, sql::Generations& generations);
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    /// One round, as the thread does it. For the keeper's thread, and for tests that have none.
    void round();

private:
    void serve();
    void notice_foreign_commits();

    const KeeperOptions options_;
    const Writer& writer_;
    sql::Generations& generations_;
    Connection connection_;
    std::uint32_t rounds_ = 0;
    std::uint32_t suspected_ = 0;
    int checkpointed_pages_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace brio::db::sqlite
