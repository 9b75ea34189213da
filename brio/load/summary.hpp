// What became of a load test, for people to read: text in columns. Pure.
#pragma once
#include <string>

#include <brio/load/outcome.hpp>

namespace brio::load {

/// A line for each request name, their times from the intended start, then what is wrong, the CPU that was
/// used, and, if so, that the generator was the limit. Ends with a line feed.
std::string summary_of(const Outcome& outcome);

}  // namespace brio::load
