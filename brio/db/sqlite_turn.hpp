// Whose turn it is to ask for SQLite's write lock, among all processes that write to one file. Internal.
//
// SQLite has no queue before that lock. A writer that commits and begins again at once would pass those who
// sleep between their tries, time after time: they were seen to wait for seconds. Who holds the turn is the
// only one that tries, so whoever commits is behind it.
#pragma once
#include <string>

#include <brio/runtime/file.hpp>

namespace brio::db::sqlite {

/// For one connection; used by one thread at a time.
class WriteTurn {
public:
    /// The turn is a lock on the file of generations (fcntl(2), open file description locks), so it goes with
    /// a process that dies. Where that file is not, everybody has the turn.
    explicit WriteTurn(const std::string& path_of_database);

    /// False: another one has it. Does not wait.
    bool take() noexcept;
    /// Also when it was not taken.
    void give() noexcept;

private:
    bool set(short type) noexcept;

    runtime::File file_;
    bool is_taken_ = false;
};

}  // namespace brio::db::sqlite
