// `brio top`: how a service does, on a terminal.
#pragma once
#include <string>
#include <vector>

#include <brio/base/usage.hpp>

namespace brio::tool {

/// What follows the command's name. The exit status: 0 well; 1 when nothing could be asked, or a goal is
/// missed in what --once and --json print; 2 for bad use.
int run_top(const std::vector<std::string>& arguments);
/// What may be typed.
Usage top_usage();

}  // namespace brio::tool
