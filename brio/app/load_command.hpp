// `load`: a load test of the running service, by the users that the program has for it.
#pragma once
#include <string>
#include <vector>

#include <brio/app/detail/program.hpp>

namespace brio::app {

/// The goals are the program's and its routes', the service the one that `settings` are of. Gives the exit
/// status. Requires users.
int load_test(const Program& program, const Settings& settings, const std::vector<std::string>& arguments);

}  // namespace brio::app
