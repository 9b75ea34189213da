// `completion` and `manual`: what may be typed, for shells and for man.
#pragma once
#include <span>
#include <string>

#include <brio/app/detail/program.hpp>
#include <brio/base/usage.hpp>

namespace brio::app {

/// `usage` as CLI11 has it, with the options of `load` and with what this program has to choose from: its
/// tasks, queues, routes, entries of the schedule and revisions.
Usage complete_usage(const Program& program, Usage usage);

/// Gives the exit status.
int print_completion(const Usage& usage, std::span<const std::string> words);

/// The page of section 1, with every setting; `defaults` are the program's.
std::string manual_of(const Program& program, const Usage& usage);

}  // namespace brio::app
