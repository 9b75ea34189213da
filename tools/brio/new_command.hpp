// `brio new FOLDER`: writes a service of one's own into a new folder.
#pragma once
#include <string>
#include <vector>

#include <brio/base/usage.hpp>

namespace brio::tool {

/// Gives the exit status: 0 well, 1 when it could not be written (then nothing is left of it), 2 bad use.
int run_new(const std::vector<std::string>& arguments);

Usage new_usage();

}  // namespace brio::tool
