// Housekeeping of a SQLite database on a thread of its own: checkpoints, so that no serving thread pays for
// them; noticing commits of programs that know nothing of table generations; and noticing that the file was
// taken away or replaced while it is in use. Internal.
//
// Every 50 ms it compares the number of commits in the write-ahead log's index with how many this framework's
// writers have counted: a difference that grew means somebody else wrote, and every table's generation moves.
#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <brio/db/sqlite_connection.hpp>
#include <brio/db/sqlite_file.hpp>
#include <brio/db/wal_care.hpp>

namespace brio::db::sqlite {

class Writer;

struct KeeperOptions {
    ConnectionOptions connection;
    std::chrono::milliseconds every{50};
    WalLimits wal = {};
};

class Keeper {
public:
    Keeper(KeeperOptions options, const Writer& writer, sql::Generations& generations);
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    /// One round, as the thread does it. For the keeper's thread, and for tests that have none.
    void round();
    /// False while the path does not lead to the file that is open: what is written would be lost. Any
    /// thread.
    bool file_is_there() const noexcept { return file_is_there_.load(std::memory_order_relaxed); }

private:
    void serve();
    void notice_foreign_commits();
    void care_for_log();
    void look_at_file();

    const KeeperOptions options_;
    const Writer& writer_;
    sql::Generations& generations_;
    Connection connection_;
    std::uint32_t rounds_ = 0;
    std::uint32_t suspected_ = 0;
    WalCare wal_;
    const FileId file_;
    std::atomic<bool> file_is_there_{true};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace brio::db::sqlite
