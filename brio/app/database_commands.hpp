// The commands that need the database: seed, and those of the program's own; migrate has a file of its own.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include <brio/app/command_line.hpp>
#include <brio/app/detail/program.hpp>
#include <brio/app/standard_routes.hpp>
#include <brio/metrics/registry.hpp>

namespace brio::app {

/// The program's database as the settings say; null for a program without one. Throws what keeps it from
/// being opened.
std::unique_ptr<db::Database> open_database(const Program& program, const Settings& settings,
                                            metrics::Registry* registry);

/// Whether it can be used right now, as /readyz asks. The database outlives the wait.
Async<std::optional<NotReady>> check_database(db::Database* database);

/// Calls `use` with the database open, or with null; gives what it gives.
int with_database(const Program& program, const Settings& settings,
                  const std::function<int(db::Database*)>& use);

/// `seed`: shows its progress where standard error is a terminal.
int seed(const Program& program, const Settings& settings, const CommandLine& line);

/// The migrations that the database lacks, as a sentence that says what to do; empty when it has all. Makes
/// no file.
std::string missing_migrations(const Program& program, const Settings& settings);

}  // namespace brio::app
