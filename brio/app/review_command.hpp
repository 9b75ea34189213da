// `review`: a report of what the program did, for a team to meet over.
#pragma once
#include <brio/app/command_line.hpp>
#include <brio/app/detail/program.hpp>

namespace brio::app {

/// Prints it, or writes it into a file in one step. Made by the running program, or without one from the file
/// of its history. Gives the exit status: 1 when there is neither. Throws as AdminCaller when a program is
/// there and does not tell, and std::runtime_error when the file cannot be written.
int review_program(const Program& program, const Settings& settings, const ReviewWords& words);

}  // namespace brio::app
