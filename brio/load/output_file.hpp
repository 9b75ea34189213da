// Whole files that a load test writes and reads.
#pragma once
#include <string>
#include <string_view>

namespace brio::load {

/// Replaces what was there. Throws std::runtime_error that names the file and says why not.
void write_file(const std::string& file, std::string_view text);
/// Throws the same.
std::string read_file(const std::string& file);

}  // namespace brio::load
