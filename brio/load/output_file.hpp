// Whole files that a load test writes and reads.
#pragma once
#include <string>
#include <string_view>

namespace brio::load {

/// Replaces what was there. Throws std::runtime_error that names the file and says why not.
void write_file(const std::string& file, std::string_view text);
/// Why that would fail, as far as it can be told beforehand; empty: nothing stands against it.
std::string writing_fault(const std::string& file);
/// Throws as write_file() does.
std::string read_file(const std::string& file);

}  // namespace brio::load
