// brio: what is of use beside any service, whoever wrote it.
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/text.hpp>
#include <brio/load/command.hpp>

namespace {

using Arguments = std::vector<std::string>;

/// Reads what follows its name, --help too, and gives the exit status: 0 well, 1 a judged failure, 2 bad use.
struct Command {
    std::string_view name;
    std::string_view takes;
    std::string_view does;
    int (*run)(const Arguments& arguments);
};

int run_load(const Arguments& arguments) { return brio::load::run_command(arguments, {}); }

constexpr Command commands[] = {
    {"load", "URL", "a load test of one request", run_load},
};

std::string usage() {
    constexpr std::size_t column = 18;
    std::string text = "usage: brio COMMAND …\n\n";
    for (auto const& each : commands) {
        auto line = brio::concat({"  ", each.name, " ", each.takes});
        line.resize(std::max(line.size() + 2, column), ' ');
        text += brio::concat({line, each.does, "\n"});
    }
    return text + "\n`brio COMMAND --help` shows the options of one\n";
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments(argv + 1, argv + argc);
    auto const name = arguments.empty() ? std::string() : arguments.front();
    auto const* const command = std::ranges::find(commands, name, &Command::name);
    if (command != std::end(commands)) {
        arguments.erase(arguments.begin());
        return command->run(arguments);
    }
    auto const asks = name == "--help" || name == "-h";
    if (!asks && !name.empty()) {
        std::fprintf(stderr, "brio: there is no command %s\n", name.c_str());
    }
    auto const text = usage();
    std::fwrite(text.data(), 1, text.size(), asks ? stdout : stderr);
    return asks ? 0 : 2;
}
