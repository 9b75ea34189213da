#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/db/database.hpp>
#include <brio/db/error.hpp>
#include <brio/db/migration_hazards.hpp>
#include <brio/db/migration_target.hpp>
#include <brio/db/sqlite_changes.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::db {

namespace {

using sqlite::Connection;
using sqlite::rows_of;

constexpr const char* bookkeeping =
    "CREATE TABLE IF NOT EXISTS brio_migrations(position INTEGER PRIMARY KEY, revision TEXT NOT NULL UNIQUE, "
    "checksum INTEGER NOT NULL, applied_at INTEGER NOT NULL)";

/// The write lock for the time of one migration; what is not committed is rolled back.
class Locked {
public:
    Locked(Connection& connection, std::chrono::milliseconds most_wait) : connection_(connection) {
        if (!connection.begin_write(most_wait, [] { return false; })) {
            throw MigrationError(concat({"another process has held the database for ",
                                         duration_text(most_wait), ": is a migration stuck?"}));
        }
    }
    ~Locked() {
        if (connection_.in_transaction()) {
            try {
                connection_.control(Connection::Control::roll_back);
            } catch (const std::exception& error) {  // closing the connection rolls back as well
                log_debug("a migration was not rolled back at once", {{"error", error.what()}});
            }
        }
    }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;
    void commit() { connection_.control(Connection::Control::commit); }

private:
    Connection& connection_;
};

/// `now` is an SQL expression of microseconds.
std::string note(const Change& change, std::string_view now) {
    const std::string revision = sql::quoted_text(change.migration->revision);
    if (change.direction == Direction::down) {
        return concat({"DELETE FROM brio_migrations WHERE revision = ", revision});
    }
    return concat({"INSERT INTO brio_migrations(revision, checksum, applied_at) VALUES (", revision, ", ",
                   integer_text(static_cast<std::int64_t>(change.migration->checksum())), ", ", now, ")"});
}

class SqliteTarget final : public MigrationTarget {
public:
    SqliteTarget(const std::string& url, const MigrateOptions& options)
        : options_(options),
          connection_({.path = sqlite_path(url),
                       .writes = true,
                       .create = true,
                       .busy_timeout = std::chrono::seconds(60)}) {}

    MigrationRecord record() override {
        if (connection_.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'brio_migrations'") == 0) {
            return {};
        }
        return {
            .applied = rows_of<AppliedRevision>(
                connection_, "SELECT revision, checksum, applied_at FROM brio_migrations ORDER BY position"),
            .unfinished = {}};
    }

    std::optional<Change> advance(const Choose& choose) override {
        connection_.execute(bookkeeping);
        for (;;) {
            const auto change = choose(record());
            if (!change) {
                return change;
            }
            const auto& operations = change->migration->operations(change->direction);
            const bool makes_again = sqlite::make_tables_again(operations);
            connection_.execute(makes_again ? "PRAGMA foreign_keys=OFF" : "PRAGMA foreign_keys=ON");
            Locked lock(connection_, options_.most_wait);
            if (choose(record()) != change) {
                continue;  // another process has gone on meanwhile
            }
            carry_out(*change, makes_again);
            lock.commit();
            return change;
        }
    }

private:
    void carry_out(const Change& change, bool makes_again) {
        try {
            sqlite::Changes changes(connection_);
            for (const Operation& operation : change.migration->operations(change.direction)) {
                if (options_.say && sqlite::makes_table_again(operation)) {
                    options_.say(concat({"making the table ", operation.table, " again"}));
                }
                changes.carry_out(operation);
            }
            if (makes_again) {
                changes.check_references();
            }
            connection_.execute(note(change, integer_text(wall_now().time_since_epoch().count())).c_str());
        } catch (const std::exception& error) {
            throw MigrationError(concat(
                {"migration ", change.migration->revision, " failed and was rolled back: ", error.what()}));
        }
    }

    const MigrateOptions options_;
    Connection connection_;
};

}  // namespace

std::unique_ptr<MigrationTarget> open_sqlite_target(const std::string& url, const MigrateOptions& options) {
    return std::make_unique<SqliteTarget>(url, options);
}

// What a table looks like before it is made again is known from a database in memory that has gone the same
// way.
std::string sqlite_text(std::span<const Migration> migrations) {
    Connection connection({.path = ":memory:", .writes = true, .create = true});
    std::string text = concat({bookkeeping, ";\n"});
    for (const Migration& migration : migrations) {
        const bool makes_again = sqlite::make_tables_again(migration.upgrade);
        connection.execute("PRAGMA foreign_keys=OFF");
        std::vector<std::string> log;
        sqlite::Changes changes(connection, &log);
        for (const Operation& operation : migration.upgrade) {
            changes.carry_out(operation);
        }
        log.push_back(note({.migration = &migration, .direction = Direction::up}, "unixepoch() * 1000000"));
        text += concat({"-- ", migration.revision, "\n", hazard_comments(migration),
                        makes_again ? "PRAGMA foreign_keys=OFF;\n" : "", "BEGIN IMMEDIATE;\n"});
        for (const std::string& statement : log) {
            text += concat({statement, ";\n"});
        }
        text += concat({makes_again ? "PRAGMA foreign_key_check;\n" : "", "COMMIT;\n",
                        makes_again ? "PRAGMA foreign_keys=ON;\n" : ""});
    }
    return text;
}

}  // namespace brio::db
