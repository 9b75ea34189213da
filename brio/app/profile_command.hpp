// `profile`: asks the running program for a profile and prints or keeps it.
#pragma once
#include <brio/app/command_line.hpp>
#include <brio/app/settings.hpp>

namespace brio::app {

/// Waits until the profile is done. Gives the exit status. Throws std::runtime_error when the program does
/// not run, is not sampled, or takes another one.
int profile_program(const Settings& settings, const ProfileWords& words);

}  // namespace brio::app
