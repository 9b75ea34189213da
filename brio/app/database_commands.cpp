#include <brio/app/database_commands.hpp>

#include <cstdio>
#include <filesystem>

#include <brio/app/progress.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/db/database.hpp>
#include <brio/db/db_impl.hpp>
#include <brio/db/migrate.hpp>
#include <brio/runtime/run.hpp>

namespace brio::app {
namespace {

struct Secrets {
    std::int64_t count;
};

void say(bool quiet, const std::string& line) {
    if (!quiet) {
        std::puts(line.c_str());
    }
}

std::string list_of(const std::vector<std::string>& words) {
    std::string list;
    for (auto const& word : words) {
        list.append(list.empty() ? "" : ", ").append(word);
    }
    return list;
}

}  // namespace

std::unique_ptr<db::Database> open_database(const Program& program, const Settings& settings,
                                            metrics::Registry* registry) {
    if (!program.has_database) {
        return nullptr;
    }
    db::WatchOptions watch{.goal = settings.goals.query, .most_runs = settings.statement_runs};
    std::map<std::string, std::chrono::nanoseconds, std::less<>> own_limits;
    for (auto const& [name, own] : program.query_goals) {
        watch.own_goals[name] = own.limit.count() > 0 ? own.limit : settings.goals.query;
        if (own.limit.count() > 0) {
            own_limits[name] = own.limit * settings.goals.deadline_factor;
        }
    }
    return std::make_unique<db::Database>(db::DatabaseOptions{.url = settings.database_url,
                                                              .registry = registry,
                                                              .statement_limit = settings.query_limit(),
                                                              .own_limits = std::move(own_limits),
                                                              .watch = std::move(watch),
                                                              .read_queue = settings.read_queue,
                                                              .write_queue = settings.write_queue,
                                                              .busy_timeout = settings.busy,
                                                              .connections = settings.database_pool,
                                                              .most_waiting = settings.pool_queue,
                                                              .wait_goal = settings.goals.query});
}

Async<std::optional<NotReady>> check_database(db::Database* database) {
    try {
        // A table that every database has that was opened once.
        co_await database->db().query<Secrets>(Reads{"brio_secrets"},
                                               "SELECT count(*) AS count FROM brio_secrets");
    } catch (const http::Problem&) {  // what is wrong with it is in the log of the requests that met it
        co_return NotReady{.code = "database_unavailable", .detail = "the database cannot be used"};
    }
    co_return std::nullopt;
}

int with_database(const Program& program, const Settings& settings,
                  const std::function<int(db::Database*)>& use) {
    auto const database = open_database(program, settings, nullptr);
    return use(database.get());
}

std::string missing_migrations(const Program& program, const Settings& settings) {
    auto const upgrade = concat({": run `", program.name, " migrate upgrade`"});
    auto const place = db::place_of(settings.database_url);
    if (!db::is_postgresql(settings.database_url) && !std::filesystem::exists(place)) {
        return concat({"there is no database ", place, upgrade});
    }
    std::vector<std::string> pending;
    for (auto const& state : db::Migrator(settings.database_url, program.migrations).history()) {
        if (!state.applied_at) {
            pending.push_back(state.revision);
        }
    }
    return pending.empty() ? "" : concat({"the database ", place, " lacks ", list_of(pending), upgrade});
}

int seed(const Program& program, const Settings& settings, const CommandLine& line) {
    auto const begun = monotonic_now();
    if (auto const missing = missing_migrations(program, settings); !missing.empty()) {
        throw std::runtime_error(missing);
    }
    runtime::Loop loop;
    auto const database = open_database(program, settings, nullptr);
    std::uint64_t made = 0;
    {
        ProgressLine progress("seeding", !line.quiet);
        made = runtime::run(loop, program.seed({.database = *database,
                                                .count = line.count,
                                                .from = line.from,
                                                .progress = [&](std::uint64_t done, std::uint64_t of) {
                                                    progress.show(done, of);
                                                }}));
    }
    say(line.quiet, concat({grouped(made), " rows in ", duration_text(monotonic_now() - begun)}));
    return 0;
}

}  // namespace brio::app
