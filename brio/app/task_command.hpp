// `task send | result | list | retry | drop`, `queue stats | pause | resume | purge` and `schedule list | on
// | off | run`: with the program's broker itself, whether the program runs or not.
#pragma once
#include <brio/app/command_line.hpp>
#include <brio/app/detail/program.hpp>

namespace brio::app {

/// The exit status: 0 well; 1 when the task is unknown or did not end well, or nothing was there to retry or
/// drop; 2 when there is no such task or entry in the program, or arguments are wrong.
int run_task_command(const Program& program, const Settings& settings, const CommandLine& line);

}  // namespace brio::app
