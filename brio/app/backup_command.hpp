// `backup FILE`: a whole copy of the program's database while it is in use.
#pragma once
#include <brio/app/command_line.hpp>
#include <brio/app/detail/program.hpp>

namespace brio::app {

/// Shows its progress where standard error is a terminal; SIGINT and SIGTERM end it without a trace. 0, 1
/// when it was stopped, 2 when the file exists or the database is not one that this command copies.
int back_up(const Program& program, const Settings& settings, const CommandLine& line);

}  // namespace brio::app
