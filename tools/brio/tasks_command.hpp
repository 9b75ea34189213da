// `brio tasks`: what `task`, `queue` and `schedule` of a program do, for any service that runs, through its
// admin port.
#pragma once
#include <string>
#include <vector>

#include <brio/base/usage.hpp>

namespace brio::tool {

/// What follows the command's name. The exit status: 0 well; 1 when the task is unknown or failed, when
/// something that was named was not there to be changed, or when the service does not answer; 2 for bad use.
int run_tasks(const std::vector<std::string>& arguments);
/// What may be typed.
Usage tasks_usage();

}  // namespace brio::tool
