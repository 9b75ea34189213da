#include <brio/db/sqlite_turn.hpp>

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace brio::db::sqlite {

WriteTurn::WriteTurn(const std::string& path_of_database)
    : file_(::open((path_of_database + "-generations").c_str(), O_RDWR | O_CLOEXEC)) {}

bool WriteTurn::take() noexcept {
    is_taken_ = is_taken_ || set(F_WRLCK);
    return is_taken_;
}

void WriteTurn::give() noexcept {
    if (std::exchange(is_taken_, false)) {
        set(F_UNLCK);
    }
}

bool WriteTurn::set(short type) noexcept {
    struct flock byte{};
    byte.l_type = type;
    byte.l_whence = SEEK_SET;
    byte.l_len = 1;
    // A file system without such locks gives everybody the turn, as where there is no file.
    return !file_ || ::fcntl(file_.fd(), F_OFD_SETLK, &byte) == 0 || (errno != EAGAIN && errno != EACCES);
}

}  // namespace brio::db::sqlite
