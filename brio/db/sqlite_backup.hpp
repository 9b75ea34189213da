// A copy of a SQLite database that is in use: whole, of one moment, checked, and under its name only then.
//
// The copy is read from one snapshot, so readers and writers of any program go on; the write-ahead log grows
// by what is written meanwhile. It is written beside its place as `….partial`, checked, flushed, and renamed;
// nothing is ever overwritten. Source: SQLite, "Online Backup API".
#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace brio::db {

struct Backup {
    std::string from;  // the database's file
    std::string to;    // must not exist
    int pages_at_a_time = 1024;
    /// Called between steps with the pages that are copied, and of how many; false ends it.
    std::function<bool(std::uint64_t done, std::uint64_t of)> progress = {};
};

enum class BackupOutcome : std::uint8_t { made, stopped };

/// Throws std::invalid_argument when `to` exists or `from` does not, Unavailable when a file cannot be read
/// or written, StatementError when the copy is damaged. Whatever happens, no partial file is left. Blocks.
BackupOutcome back_up_sqlite(const Backup& backup);

}  // namespace brio::db
