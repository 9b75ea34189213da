#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/db/database.hpp>
#include <brio/db/error.hpp>
#include <brio/db/migrate.hpp>
#include <brio/db/rows.hpp>
#include <brio/db/sqlite_connection.hpp>

namespace brio::db {

namespace {

using sqlite::Connection;

struct Applied {
    std::string revision;
    std::int64_t checksum;
    std::int64_t applied_at;
};

constexpr const char* create_table_text =
    "CREATE TABLE IF NOT EXISTS brio_migrations(position INTEGER PRIMARY KEY, revision TEXT NOT NULL UNIQUE, "
    "checksum INTEGER NOT NULL, applied_at INTEGER NOT NULL)";

sql::Statement statement(std::string text) {
    return sql::Statement({.type = sql::type_of(text), .name = "migrations"},
                          [&](sql::Dialect) { return text; });
}

const sql::Statement& select_applied() {
    static const sql::Statement made =
        statement("SELECT revision, checksum, applied_at FROM brio_migrations ORDER BY position");
    return made;
}
const sql::Statement& insert_applied() {
    static const sql::Statement made =
        statement("INSERT INTO brio_migrations(revision, checksum, applied_at) VALUES ($1, $2, $3)");
    return made;
}
const sql::Statement& delete_applied() {
    static const sql::Statement made = statement("DELETE FROM brio_migrations WHERE revision = $1");
    return made;
}

/// The write lock for the time of one migration; what is not committed is rolled back.
class Locked {
public:
    explicit Locked(Connection& connection) : connection_(connection) {
        if (!connection.begin_write(std::chrono::minutes(1), [] { return false; })) {
            throw MigrationError("another process has held the database for a minute: is a migration stuck?");
        }
    }
    ~Locked() {
        if (connection_.in_transaction()) {
            try {
                connection_.control(Connection::Control::roll_back);
            } catch (const std::exception&) {
                // Closing the connection rolls back as well.
            }
        }
    }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;
    void commit() { connection_.control(Connection::Control::commit); }

private:
    Connection& connection_;
};

Connection open(const std::string& url) {
    return Connection(
        {.path = sqlite_path(url), .writes = true, .create = true, .busy_timeout = std::chrono::seconds(60)});
}

std::vector<Applied> read_applied(Connection& connection) {
    NamedRowsSink<Applied> sink;
    Query query{.statement = &select_applied(), .sink = &sink};
    connection.run(query);
    return std::move(sink.values);
}

void run(Connection& connection, const Migration& migration, const std::vector<Operation>& operations) {
    for (const Operation& operation : operations) {
        const std::string text = render(operation, sql::Dialect::sqlite);
        try {
            connection.execute(text.c_str());
        } catch (const std::exception& error) {
            throw MigrationError(concat({"migration ", migration.revision,
                                         " failed and was rolled back: ", error.what(), "\n", text}));
        }
    }
}

void note_applied(Connection& connection, const Migration& migration) {
    Query query{.statement = &insert_applied()};
    query.values.add_bytes(migration.revision);
    query.values.add_integer(static_cast<std::int64_t>(migration.checksum()));
    query.values.add_integer(wall_now().time_since_epoch().count());
    connection.run(query);
}

/// The applied ones must be the first of those given, unchanged.
void expect_same_past(const std::vector<Applied>& applied, std::span<const Migration> migrations) {
    for (std::size_t i = 0; i < applied.size(); ++i) {
        if (i >= migrations.size() || applied[i].revision != migrations[i].revision) {
            throw MigrationError(concat({"the database is at ", applied.back().revision,
                                         ", which this program does not know: use a newer one"}));
        }
        if (applied[i].checksum != static_cast<std::int64_t>(migrations[i].checksum())) {
            throw MigrationError(concat(
                {"migration ", applied[i].revision,
                 " was changed after it had been applied: restore it, and put the change into a new one"}));
        }
    }
}

}  // namespace

Migrator::Migrator(std::string url, std::span<const Migration> migrations)
    : url_(std::move(url)),
      migrations_(migrations) {
    for (std::size_t i = 0; i < migrations.size(); ++i) {
        if (position(migrations[i].revision) != i) {
            throw MigrationError(concat({"two migrations are called ", migrations[i].revision}));
        }
    }
}

std::size_t Migrator::position(std::string_view revision) const {
    for (std::size_t i = 0; i < migrations_.size(); ++i) {
        if (migrations_[i].revision == revision ||
            migrations_[i].revision.substr(0, migrations_[i].revision.find('_')) == revision) {
            return i;
        }
    }
    throw MigrationError(concat({"there is no revision ", revision, ": `migrate history` lists them"}));
}

std::vector<std::string> Migrator::upgrade(std::optional<std::string_view> revision) {
    const std::size_t end = revision ? position(*revision) + 1 : migrations_.size();
    Connection connection = open(url_);
    connection.execute(create_table_text);
    std::vector<std::string> done;
    for (;;) {
        // What is applied is read under the lock: another process may have gone on meanwhile.
        Locked lock(connection);
        const auto applied = read_applied(connection);
        expect_same_past(applied, migrations_);
        if (applied.size() >= end) {
            return done;
        }
        const Migration& next = migrations_[applied.size()];
        run(connection, next, next.upgrade);
        note_applied(connection, next);
        lock.commit();
        done.push_back(next.revision);
    }
}

std::vector<std::string> Migrator::downgrade(std::string_view target) {
    Connection connection = open(url_);
    connection.execute(create_table_text);
    std::vector<std::string> done;
    std::optional<std::size_t> stay;
    for (;;) {
        Locked lock(connection);
        const auto applied = read_applied(connection);
        expect_same_past(applied, migrations_);
        if (!stay) {
            stay = target == "base" ? 0
                   : target == "-1" ? std::max<std::size_t>(applied.size(), 1) - 1
                                    : position(target) + 1;
        }
        if (applied.size() <= *stay) {
            return done;
        }
        const Migration& last = migrations_[applied.size() - 1];
        run(connection, last, last.downgrade);
        Query query{.statement = &delete_applied()};
        query.values.add_bytes(last.revision);
        connection.run(query);
        lock.commit();
        done.push_back(last.revision);
    }
}

std::optional<std::string> Migrator::current() {
    Connection connection = open(url_);
    connection.execute(create_table_text);
    auto applied = read_applied(connection);
    return applied.empty() ? std::nullopt : std::optional(std::move(applied.back().revision));
}

std::vector<RevisionState> Migrator::history() {
    Connection connection = open(url_);
    connection.execute(create_table_text);
    const auto applied = read_applied(connection);
    std::vector<RevisionState> states;
    for (std::size_t i = 0; i < std::max(applied.size(), migrations_.size()); ++i) {
        RevisionState state;
        state.known =
            i < migrations_.size() && (i >= applied.size() || applied[i].revision == migrations_[i].revision);
        state.revision = i < applied.size() ? applied[i].revision : migrations_[i].revision;
        if (i < applied.size()) {
            state.applied_at = applied[i].applied_at;
            state.changed =
                state.known && applied[i].checksum != static_cast<std::int64_t>(migrations_[i].checksum());
        }
        states.push_back(std::move(state));
    }
    return states;
}

std::string Migrator::sql(std::optional<std::string_view> revision) const {
    const std::size_t end = revision ? position(*revision) + 1 : migrations_.size();
    std::string text;
    for (const Migration& migration : migrations_.first(end)) {
        text += concat({"-- ", migration.revision, "\nBEGIN;\n"});
        for (const Operation& operation : migration.upgrade) {
            text += render(operation, sql::Dialect::sqlite) + ";\n";
        }
        text += "COMMIT;\n";
    }
    return text;
}

}  // namespace brio::db
