#include <brio/db/migrate.hpp>

#include <algorithm>

#include <brio/base/text.hpp>
#include <brio/db/migration_hazards.hpp>
#include <brio/db/migration_target.hpp>
#include <brio/db/postgres_session.hpp>

namespace brio::db {

namespace {

std::unique_ptr<MigrationTarget> open_target(const std::string& url, const MigrateOptions& options) {
    return postgres::is_postgresql_url(url) ? open_postgres_target(url, options)
                                            : open_sqlite_target(url, options);
}

bool is_changed(const AppliedRevision& applied, const Migration& migration) {
    return applied.checksum != static_cast<std::int64_t>(migration.checksum());
}

/// The applied ones must be the first of those given, unchanged.
void expect_same_past(const std::vector<AppliedRevision>& applied, std::span<const Migration> migrations) {
    for (std::size_t i = 0; i < applied.size(); ++i) {
        if (i >= migrations.size() || applied[i].revision != migrations[i].revision) {
            throw MigrationError(concat({"the database is at ", applied.back().revision,
                                         ", which this program does not know: use a newer one"}));
        }
        if (is_changed(applied[i], migrations[i])) {
            throw MigrationError(concat(
                {"migration ", applied[i].revision,
                 " was changed after it had been applied: restore it, and put the change into a new one"}));
        }
    }
}

/// What a run that was ended left half done comes before everything else, in the direction it had.
std::optional<Change> unfinished_change(const MigrationRecord& record,
                                        std::span<const Migration> migrations) {
    if (!record.unfinished) {
        return std::nullopt;
    }
    const auto found = std::ranges::find(migrations, record.unfinished->revision, &Migration::revision);
    if (found == migrations.end()) {
        throw MigrationError(concat({"migration ", record.unfinished->revision,
                                     " is half done, and this program does not know it: finish it with the "
                                     "program that began it"}));
    }
    return Change{.migration = &*found, .direction = record.unfinished->direction};
}

std::optional<Change> next_upwards(const MigrationRecord& record, std::span<const Migration> migrations,
                                   std::size_t end) {
    expect_same_past(record.applied, migrations);
    if (auto unfinished = unfinished_change(record, migrations)) {
        return unfinished;
    }
    if (record.applied.size() >= end) {
        return std::nullopt;
    }
    const Migration& next = migrations[record.applied.size()];
    refuse_hazards(next, Direction::up);
    return Change{.migration = &next, .direction = Direction::up};
}

std::optional<Change> next_downwards(const MigrationRecord& record, std::span<const Migration> migrations,
                                     std::size_t stay) {
    expect_same_past(record.applied, migrations);
    if (auto unfinished = unfinished_change(record, migrations)) {
        return unfinished;
    }
    if (record.applied.size() <= stay) {
        return std::nullopt;
    }
    const Migration& last = migrations[record.applied.size() - 1];
    refuse_hazards(last, Direction::down);
    return Change{.migration = &last, .direction = Direction::down};
}

/// Gives the revisions that were carried all the way in `direction`.
std::vector<std::string> advance_all(MigrationTarget& target, Direction direction,
                                     const MigrationTarget::Choose& choose) {
    std::vector<std::string> done;
    while (const auto change = target.advance(choose)) {
        if (change->direction == direction) {
            done.push_back(change->migration->revision);
        }
    }
    return done;
}

}  // namespace

Migrator::Migrator(std::string url, std::span<const Migration> migrations, MigrateOptions options)
    : url_(std::move(url)),
      migrations_(migrations),
      options_(std::move(options)) {
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
    throw UnknownRevision(concat({"there is no revision ", revision, ": `migrate history` lists them"}));
}

std::vector<std::string> Migrator::upgrade(std::optional<std::string_view> revision) {
    const std::size_t end = revision ? position(*revision) + 1 : migrations_.size();
    const auto target = open_target(url_, options_);
    return advance_all(*target, Direction::up,
                       [&](const MigrationRecord& record) { return next_upwards(record, migrations_, end); });
}

std::vector<std::string> Migrator::downgrade(std::string_view revision) {
    std::optional<std::size_t> stay;  // of "-1" known only when the record has been read under the lock
    const auto is_half_up = [](const MigrationRecord& record) {
        return record.unfinished && record.unfinished->direction == Direction::up;
    };
    if (revision != "-1") {
        stay = revision == "base" ? 0 : position(revision) + 1;
    }
    const auto target = open_target(url_, options_);
    return advance_all(*target, Direction::down, [&](const MigrationRecord& record) {
        if (!stay && !is_half_up(record)) {
            stay = std::max<std::size_t>(record.applied.size(), 1) - 1;
        }
        return next_downwards(record, migrations_, stay.value_or(0));
    });
}

std::optional<std::string> Migrator::current() {
    auto record = open_target(url_, options_)->record();
    return record.applied.empty() ? std::nullopt : std::optional(std::move(record.applied.back().revision));
}

std::vector<RevisionState> Migrator::history() {
    const auto record = open_target(url_, options_)->record();
    const auto& applied = record.applied;
    std::vector<RevisionState> states;
    for (std::size_t i = 0; i < std::max(applied.size(), migrations_.size()); ++i) {
        RevisionState state;
        state.known =
            i < migrations_.size() && (i >= applied.size() || applied[i].revision == migrations_[i].revision);
        state.revision = i < applied.size() ? applied[i].revision : migrations_[i].revision;
        if (i < applied.size()) {
            state.applied_at = applied[i].applied_at;
            state.changed = state.known && is_changed(applied[i], migrations_[i]);
        }
        if (record.unfinished && record.unfinished->revision == state.revision) {
            state.unfinished = record.unfinished->direction;
        }
        states.push_back(std::move(state));
    }
    return states;
}

std::string Migrator::sql(std::optional<std::string_view> revision) const {
    const auto wanted = migrations_.first(revision ? position(*revision) + 1 : migrations_.size());
    return postgres::is_postgresql_url(url_) ? postgres_text(wanted) : sqlite_text(wanted);
}

}  // namespace brio::db
