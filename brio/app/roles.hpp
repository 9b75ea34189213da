// What a program does for each of its commands.
#pragma once
#include <brio/app/detail/program.hpp>

namespace brio::app {

/// Reads the command line and the settings and carries the command out. Gives the exit status: 0 well, 1 a
/// judged failure or something that could not be done, 2 bad use. Whatever a command throws ends here, in one
/// line on standard error.
int carry_out(Program& program, int argc, const char* const* argv);

}  // namespace brio::app
