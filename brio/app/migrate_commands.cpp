#include <brio/app/migrate_commands.hpp>

#include <cstdio>
#include <fstream>
#include <sstream>

#include <brio/app/database_commands.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/base/text_table.hpp>
#include <brio/db/database.hpp>
#include <brio/db/migrate.hpp>
#include <brio/db/migration_code.hpp>
#include <brio/db/schema_check.hpp>

namespace brio::app {
namespace {

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void say(bool quiet, const std::string& line) {
    if (!quiet) {
        print(line + '\n');
    }
}

int complain(const Program& program, std::string_view message) {
    auto const line = concat({program.name, ": ", message, "\n"});
    std::fwrite(line.data(), 1, line.size(), stderr);
    return 2;
}

std::string list_of(const std::vector<std::string>& words) {
    std::string list;
    for (auto const& word : words) {
        list.append(list.empty() ? "" : ", ").append(word);
    }
    return list;
}

std::string state_of(const db::RevisionState& state) {
    if (state.unfinished) {
        return concat({"half done on its way ", db::name_of(*state.unfinished),
                       ": the next upgrade or downgrade finishes that"});
    }
    if (!state.known) {
        return "applied by a newer program";
    }
    if (!state.applied_at) {
        return "pending";
    }
    Buffer time;
    append_time(time, WallTime(std::chrono::microseconds(*state.applied_at)));
    return concat({"applied ", time.view(), state.changed ? ", but has changed since" : ""});
}

std::string history_text(const std::vector<db::RevisionState>& history) {
    std::vector<std::vector<std::string>> rows;
    for (auto const& state : history) {
        rows.push_back({state.revision, state_of(state)});
    }
    return table_text(rows);
}

std::optional<std::string_view> given(const std::string& revision) {
    return revision.empty() ? std::nullopt : std::optional<std::string_view>(revision);
}

db::MigrateOptions options_of(const Program& program, const CommandLine& line) {
    if (line.quiet) {
        return {};
    }
    return {.say = [name = program.name](std::string_view words) {
        auto const whole = concat({name, ": ", words, "\n"});
        std::fwrite(whole.data(), 1, whole.size(), stderr);
    }};
}

std::vector<db::Difference> differences_of(const Program& program, const Settings& settings) {
    auto const& url = settings.database_url;
    auto const dialect = db::is_postgresql(url) ? sql::Dialect::postgresql : sql::Dialect::sqlite;
    return db::differences(program.model, db::read_stored_schema(url), dialect);
}

std::string mending_text(const db::Difference& difference) {
    std::string text = difference.what + '\n';
    for (auto const& operation : difference.mend) {
        text += concat({"    ", db::code_of(operation), "\n"});
    }
    return difference.remark.empty() ? text : concat({text, "    // ", difference.remark, "\n"});
}

constexpr std::string_view no_model = "this program tells no model: App::model(…) with all of its tables";

int check(const Program& program, const Settings& settings, const CommandLine& line) {
    if (program.model.empty()) {
        return complain(program, no_model);
    }
    if (auto const missing = missing_migrations(program, settings); !missing.empty()) {
        print(missing + '\n');
        return 1;
    }
    auto const found = differences_of(program, settings);
    for (auto const& difference : found) {
        print(mending_text(difference));
    }
    if (found.empty()) {
        say(line.quiet, "the database is what the model says");
        return 0;
    }
    say(line.quiet,
        concat({"`", program.name, " migrate new \"words\" --auto` writes the migration that mends this"}));
    return 1;
}

/// With the operations that the database lacks; the last difference is taken back first.
void add_differences(db::Migration& migration, const std::vector<db::Difference>& found) {
    for (auto const& difference : found) {
        migration.upgrade.insert(migration.upgrade.end(), difference.mend.begin(), difference.mend.end());
        migration.downgrade.insert(migration.downgrade.begin(), difference.undo.begin(),
                                   difference.undo.end());
    }
}

int write_new(const Program& program, const Settings& settings, const CommandLine& line) {
    db::Migration migration{.revision = db::next_revision(program.migrations, line.revision)};
    std::string remarks;
    if (line.is_automatic) {
        if (program.model.empty()) {
            return complain(program, no_model);
        }
        if (auto const missing = missing_migrations(program, settings); !missing.empty()) {
            return complain(program, missing);
        }
        auto const found = differences_of(program, settings);
        if (found.empty()) {
            say(line.quiet, "the database is what the model says: there is nothing to write");
            return 0;
        }
        add_differences(migration, found);
        for (auto const& difference : found) {
            remarks += difference.remark.empty()
                           ? ""
                           : concat({"    // ", difference.what, ": ", difference.remark, "\n"});
        }
    }
    auto const code = remarks + db::code_of(migration);
    if (line.into.empty()) {
        print(code);
        return 0;
    }
    std::ostringstream source;
    source << std::ifstream(line.into).rdbuf();
    auto const changed = db::with_migration(source.str(), code);
    if (!changed) {
        return complain(program, concat({line.into,
                                         " has no array `const Migration name[] = {` … `};`, or more "
                                         "than one"}));
    }
    if (!(std::ofstream(line.into) << *changed)) {
        return complain(program, concat({"cannot write ", line.into}));
    }
    say(line.quiet, concat({"wrote ", migration.revision, " into ", line.into}));
    return 0;
}

}  // namespace

int migrate(const Program& program, const Settings& settings, const CommandLine& line) {
    db::Migrator migrator(settings.database_url, program.migrations, options_of(program, line));
    switch (line.verb) {
        case Verb::migrate_upgrade: {
            auto const applied = migrator.upgrade(given(line.revision));
            say(line.quiet, applied.empty() ? "nothing to apply" : concat({"applied ", list_of(applied)}));
            return 0;
        }
        case Verb::migrate_downgrade: {
            auto const taken_back = migrator.downgrade(line.revision);
            say(line.quiet,
                taken_back.empty() ? "nothing to take back" : concat({"took back ", list_of(taken_back)}));
            return 0;
        }
        case Verb::migrate_current: print(migrator.current().value_or("base") + '\n'); return 0;
        case Verb::migrate_sql: print(migrator.sql(given(line.revision))); return 0;
        case Verb::migrate_new: return write_new(program, settings, line);
        case Verb::migrate_check: return check(program, settings, line);
        default: print(history_text(migrator.history())); return 0;
    }
}

}  // namespace brio::app
