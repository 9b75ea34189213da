// Brings a database's schema to a revision, and says where it is.
//
// Revisions are ordered as they are given. What is applied stands in the table brio_migrations with a
// checksum. A lock lets several processes that start at once apply each of them once.
//
// On SQLite a migration is one transaction. On PostgreSQL it is one too, unless it has operations that others
// would have to wait for, as indexes on tables that were there before: those run in steps of their own, each
// recorded, so that a run that was killed anywhere is gone on with by the next
// (docs/decisions/migrations.md). Operations that could hurt a database in use are refused unless they are
// marked dangerous().
//
// Blocks: for command lines and start-up, not for loops.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <brio/db/migration.hpp>

namespace brio::db {

/// A revision that there is not, a checksum that differs from what was applied, an operation that the engine
/// refused. The text says which and what to do.
class MigrationError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// There is no such revision among the migrations.
class UnknownRevision : public MigrationError {
public:
    using MigrationError::MigrationError;
};

/// The state of one revision.
struct RevisionState {
    std::string revision;
    std::optional<std::int64_t> applied_at;  // microseconds since 1970; nothing: pending
    bool changed = false;                    // its operations are others than those that were applied
    bool known = true;                    // false: applied by a newer program, not among the migrations given
    std::optional<Direction> unfinished;  // a run that way was ended between two of its steps
};

struct MigrateOptions {
    /// Gets a line now and then: what is under way, how far it is, whom it waits for.
    std::function<void(std::string_view)> say;
    std::chrono::milliseconds most_wait = std::chrono::minutes(10);  // for another migrator
    /// On PostgreSQL, a statement waits this long for the lock of a table, since everybody who comes after it
    /// waits behind it; then it lets them pass and tries again.
    std::chrono::milliseconds lock_timeout{500};
    std::chrono::milliseconds lock_patience = std::chrono::minutes(2);  // for all tries together
};

class Migrator {
public:
    /// `url` as of DatabaseOptions. The migrations must outlive it. Throws MigrationError when two have one
    /// revision.
    Migrator(std::string url, std::span<const Migration> migrations, MigrateOptions options = {});

    /// Applies what is pending up to and with `revision`, or all; gives the revisions applied by this call.
    std::vector<std::string> upgrade(std::optional<std::string_view> revision = {});
    /// Takes back down to `revision` (which stays), `-1` (the last one) or `base` (all); gives those taken
    /// back, last first.
    std::vector<std::string> downgrade(std::string_view target);
    /// The last applied revision.
    std::optional<std::string> current();
    /// All revisions in order, applied or not.
    std::vector<RevisionState> history();
    /// The text that upgrade() would run on an empty database of the URL's engine, without touching any.
    std::string sql(std::optional<std::string_view> revision = {}) const;

private:
    std::size_t position(std::string_view revision) const;

    std::string url_;
    std::span<const Migration> migrations_;
    MigrateOptions options_;
};

}  // namespace brio::db

namespace brio {
using db::Migrator;
}
