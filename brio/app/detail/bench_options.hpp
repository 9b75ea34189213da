// The options of `bench`. Internal to app.
#pragma once
#include <brio/app/command_line.hpp>

namespace CLI {
class App;
}  // namespace CLI

namespace brio::app::detail {

void add_bench(CLI::App& root, CommandLine& line, bool has_database, bool has_seed);

}  // namespace brio::app::detail
