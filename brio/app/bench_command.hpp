// `bench`: measures requests of the program in processes of its own, on a database of their own, and judges
// what they took and cost by the goals, by budgets that are kept in git, and by another program or setting.
#pragma once
#include <brio/app/command_line.hpp>
#include <brio/app/detail/program.hpp>

namespace brio::app {

/// Gives the exit status: 0 all pass, 1 one does not, 2 a request or the budgets' file is wrong.
int bench_program(Program& program, const Settings& settings, const CommandLine& line);

}  // namespace brio::app
