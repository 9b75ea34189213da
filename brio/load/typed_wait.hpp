// A wait as people write it, on the command line and in a scenario file.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include <brio/load/wait.hpp>

namespace brio::load {

/// "1s..3s", the shorter time first, or one time. Else what is wrong.
std::expected<Wait, std::string> parse_wait(std::string_view text);

}  // namespace brio::load
