// brio: what is of use beside any service, whoever wrote it.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <brio/load/command.hpp>

namespace {

constexpr std::string_view usage =
    "usage: brio COMMAND …\n\n"
    "  load URL    a load test of one request; `brio load --help` shows its options\n";

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    auto const command = arguments.empty() ? std::string() : arguments.front();
    if (command == "load") {
        arguments.erase(arguments.begin());
        return brio::load::run_command(arguments, {});
    }
    auto const asks = command == "--help" || command == "-h";
    if (!asks && !command.empty()) {
        std::fprintf(stderr, "brio: there is no command %s\n", command.c_str());
    }
    std::fwrite(usage.data(), 1, usage.size(), asks ? stdout : stderr);
    return asks ? 0 : 2;
}
