// What an engine does for a Migrator. Internal.
//
// The order of revisions, checksums and what comes next are decided in migrate.cpp, for all engines alike; a
// target keeps the record, holds other migrators off, and carries out one change at a time.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <brio/db/migrate.hpp>

namespace brio::db {

struct AppliedRevision {
    std::string revision;
    std::int64_t checksum;
    std::int64_t applied_at;  // microseconds since 1970
};

/// How far a change in several steps is.
struct StepRecord {
    std::size_t done = 0;        // steps that hold
    std::int64_t done_hash = 0;  // of their texts
    bool is_begun = false;       // the step after them has been started
};

/// A change that was killed, or that failed, between two of its steps.
struct UnfinishedChange {
    std::string revision;
    Direction direction;
    StepRecord steps;
};

struct MigrationRecord {
    std::vector<AppliedRevision> applied;  // in the order of the migrations
    std::optional<UnfinishedChange> unfinished;
};

struct Change {
    const Migration* migration;
    Direction direction;
    bool operator==(const Change&) const = default;
};

class MigrationTarget {
public:
    /// Pure: what comes next, by the record.
    using Choose = std::function<std::optional<Change>(const MigrationRecord&)>;

    virtual ~MigrationTarget() = default;
    /// Makes nothing: no record is an empty one.
    virtual MigrationRecord record() = 0;
    /// Carries out what `choose` says and records it, while no other migrator can; gives what it was. The
    /// record is read and `choose` is asked under the same lock. Throws MigrationError.
    virtual std::optional<Change> advance(const Choose& choose) = 0;
};

std::unique_ptr<MigrationTarget> open_sqlite_target(const std::string& url, const MigrateOptions& options);
std::unique_ptr<MigrationTarget> open_postgres_target(const std::string& url, const MigrateOptions& options);

/// The text of upgrades from an empty database, with the statements that keep the record.
std::string sqlite_text(std::span<const Migration> migrations);
std::string postgres_text(std::span<const Migration> migrations);

}  // namespace brio::db
