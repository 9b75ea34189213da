// `migrate …`: brings the database to a revision, shows where it is, compares it with the program's model,
// and writes the next migration.
#pragma once
#include <brio/app/command_line.hpp>
#include <brio/app/detail/program.hpp>

namespace brio::app {

/// Results in words on standard output, what goes on meanwhile on standard error. 0; 1 when `check` found a
/// difference; 2 for bad use. Throws db::UnknownRevision, db::MigrationError.
int migrate(const Program& program, const Settings& settings, const CommandLine& line);

}  // namespace brio::app
