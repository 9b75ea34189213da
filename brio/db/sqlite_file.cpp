#include <brio/db/sqlite_file.hpp>

#include <sys/stat.h>

namespace brio::db::sqlite {

FileId file_id(const std::string& path) noexcept {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 ? FileId{found.st_dev, found.st_ino} : FileId{};
}

std::uint64_t file_bytes(const std::string& path) noexcept {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}

}  // namespace brio::db::sqlite
