// The files of a SQLite database as the file system sees them. Internal.
#pragma once
#include <cstdint>
#include <string>

namespace brio::db::sqlite {

/// Which file a path leads to; FileId{} for none.
struct FileId {
    std::uint64_t device = 0;
    std::uint64_t number = 0;
    bool operator==(const FileId&) const = default;
};
FileId file_id(const std::string& path) noexcept;

/// 0 for none.
std::uint64_t file_bytes(const std::string& path) noexcept;
inline std::string wal_path(const std::string& path) { return path + "-wal"; }

}  // namespace brio::db::sqlite
