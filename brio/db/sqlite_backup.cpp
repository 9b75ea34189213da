#include <brio/db/sqlite_backup.hpp>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/db/sqlite_connection.hpp>
#include <brio/runtime/file.hpp>

namespace brio::db {
namespace {

[[noreturn]] void fail(std::string_view what, std::string_view path) {
    throw Unavailable(concat({"cannot ", what, " ", path, ": ", std::strerror(errno)}));
}

/// The file that is not yet under its name.
class Partial {
public:
    explicit Partial(std::string path) : path_(std::move(path)) {
        file_ = runtime::File(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file_) {
            fail(errno == EEXIST ? "take the place of another backup that is under way or was broken off,"
                                 : "write",
                 path_);
        }
    }
    ~Partial() {
        if (!path_.empty()) {
            ::unlink(path_.c_str());
        }
    }
    Partial(const Partial&) = delete;
    Partial& operator=(const Partial&) = delete;

    const std::string& path() const noexcept { return path_; }
    /// On the disk under the name `to`, unless that has come to exist.
    void take_name(const std::string& to) {
        if (::fsync(file_.fd()) != 0) {
            fail("flush", path_);
        }
        if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
            fail("give the backup its name,", to);
        }
        path_.clear();
        const auto folder = std::filesystem::absolute(to).parent_path();
        const runtime::File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!opened || ::fsync(opened.fd()) != 0) {
            fail("flush", folder.string());
        }
    }

private:
    std::string path_;
    runtime::File file_;
};

struct CloseDatabase {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;

// What a path's bytes are called within a `file:` URI.
std::string uri_path(std::string_view path) {
    std::string out;
    for (const char byte : path) {
        out += byte == '%' ? "%25" : byte == '?' ? "%3f" : byte == '#' ? "%23" : std::string(1, byte);
    }
    return out;
}

Handle open_copy(const std::string& path, bool to_read) {
    // Read as a file that nothing changes: without a log of its own.
    const std::string name =
        to_read ? concat({"file:", uri_path(std::filesystem::absolute(path).string()), "?immutable=1"})
                : path;
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(name.c_str(), &handle,
                        to_read ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE, nullptr);
    Handle opened(handle);
    if (code != SQLITE_OK) {
        sqlite::throw_error(handle, code, path);
    }
    return opened;
}

void expect_intact(const std::string& path) {
    const Handle copy = open_copy(path, true);
    std::string found;
    const int code = sqlite3_exec(
        copy.get(), "PRAGMA quick_check(1)",
        [](void* words, int, char** columns, char**) {
            *static_cast<std::string*>(words) = columns[0] != nullptr ? columns[0] : "";
            return 0;
        },
        &found, nullptr);
    if (code != SQLITE_OK || found != "ok") {
        throw StatementError(concat({"the copy is damaged, as the database may be: ",
                                     code == SQLITE_OK ? found : std::string(sqlite3_errmsg(copy.get()))}));
    }
}

BackupOutcome copy_pages(sqlite::Connection& source, sqlite3* copy, const Backup& backup) {
    // One snapshot for all steps: without it the copy would begin again at every commit of others.
    source.control(sqlite::Connection::Control::begin);
    source.integer("SELECT count(*) FROM sqlite_schema");
    sqlite3_backup* const steps = sqlite3_backup_init(copy, "main", source.handle(), "main");
    if (steps == nullptr) {
        sqlite::throw_error(copy, sqlite3_errcode(copy), "backup");
    }
    int code = SQLITE_OK;
    bool stopped = false;
    while (code == SQLITE_OK && !stopped) {
        code = sqlite3_backup_step(steps, backup.pages_at_a_time);
        const auto of = static_cast<std::uint64_t>(sqlite3_backup_pagecount(steps));
        const auto left = static_cast<std::uint64_t>(sqlite3_backup_remaining(steps));
        stopped = backup.progress && !backup.progress(of - left, of);
    }
    const int finished = sqlite3_backup_finish(steps);
    source.control(sqlite::Connection::Control::commit);
    if (code == SQLITE_DONE && finished == SQLITE_OK) {
        return BackupOutcome::made;
    }
    if (stopped) {
        return BackupOutcome::stopped;
    }
    sqlite::throw_error(copy, finished != SQLITE_OK ? finished : code, "backup");
}

}  // namespace

BackupOutcome back_up_sqlite(const Backup& backup) {
    struct stat source_file{};
    if (::stat(backup.from.c_str(), &source_file) != 0) {
        throw std::invalid_argument(concat({"there is no database ", backup.from}));
    }
    if (std::filesystem::exists(std::filesystem::symlink_status(backup.to))) {
        throw std::invalid_argument(concat({backup.to, " exists, and a backup overwrites nothing"}));
    }
    Partial partial(backup.to + ".partial");
    sqlite::Connection source({.path = backup.from});
    {
        const Handle copy = open_copy(partial.path(), false);
        sqlite3_exec(copy.get(), "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", nullptr, nullptr,
                     nullptr);
        if (copy_pages(source, copy.get(), backup) == BackupOutcome::stopped) {
            return BackupOutcome::stopped;
        }
    }
    expect_intact(partial.path());
    if (::chmod(partial.path().c_str(), source_file.st_mode & 0777) != 0) {
        fail("set the permissions of", partial.path());
    }
    partial.take_name(backup.to);
    return BackupOutcome::made;
}

}  // namespace brio::db
