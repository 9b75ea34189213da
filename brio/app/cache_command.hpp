// `cache clear`: asks the running program, at its admin port, to drop what it has cached.
#pragma once
#include <brio/app/command_line.hpp>
#include <brio/app/detail/program.hpp>

namespace brio::app {

/// Prints how many entries went; 1 when nobody answers there.
int clear_cache(const Program& program, const Settings& settings, const CommandLine& line);

}  // namespace brio::app
