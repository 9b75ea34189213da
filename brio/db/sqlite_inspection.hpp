// What there is to say of a SQLite file's health, for `doctor`. Looks only; reads the whole file.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace brio::db {

struct SqliteInspection {
    std::string journal_mode;          // "wal" where the file system can
    std::vector<std::string> damage;   // what integrity_check says, the first ten; none: intact
    std::vector<std::string> orphans;  // rows that refer to none, the first ten, in words
    std::uint64_t orphan_count = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t free_bytes = 0;  // within the file: reused before it grows
    std::uint64_t wal_bytes = 0;
};

/// Throws Unavailable when it cannot be opened, StatementError when it is no database. Blocks, for seconds a
/// gigabyte.
SqliteInspection inspect_sqlite(const std::string& path);

}  // namespace brio::db
