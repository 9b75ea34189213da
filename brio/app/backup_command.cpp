#include <brio/app/backup_command.hpp>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include <brio/app/progress.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/db/database.hpp>
#include <brio/db/sqlite_backup.hpp>
#include <brio/runtime/signals.hpp>

namespace brio::app {
namespace {

int refuse(const Program& program, std::string_view why) {
    std::fputs(concat({program.name, " backup: ", why, "\n"}).c_str(), stderr);
    return 2;
}

}  // namespace

int back_up(const Program& program, const Settings& settings, const CommandLine& line) {
    if (db::is_postgresql(settings.database_url)) {
        return refuse(program, concat({"PostgreSQL has a tool for that: `pg_dump --format=custom --file=",
                                       line.file, " --dbname=…` with the URL of DATABASE_URL"}));
    }
    auto const begun = monotonic_now();
    runtime::Loop loop;
    bool stopped = false;
    runtime::Signals const signals(loop, {SIGINT, SIGTERM}, [&](int) { stopped = true; });
    auto outcome = db::BackupOutcome::stopped;
    try {
        ProgressLine progress("copying pages", !line.quiet);
        outcome = db::back_up_sqlite({.from = db::sqlite_path(settings.database_url),
                                      .to = line.file,
                                      .progress = [&](std::uint64_t done, std::uint64_t of) {
                                          progress.show(done, of);
                                          loop.turn(std::chrono::nanoseconds(0));
                                          return !stopped;
                                      }});
    } catch (const std::invalid_argument& wrong) {
        return refuse(program, wrong.what());
    }
    if (outcome == db::BackupOutcome::stopped) {
        std::fputs(concat({program.name, " backup: stopped; nothing was left behind\n"}).c_str(), stderr);
        return 1;
    }
    if (!line.quiet) {
        std::puts(concat({grouped(std::filesystem::file_size(line.file)), " bytes in ",
                          duration_text(monotonic_now() - begun), ", checked: ", line.file})
                      .c_str());
    }
    return 0;
}

}  // namespace brio::app
