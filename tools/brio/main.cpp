// brio: what is of use beside any service, whoever wrote it.
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/completion.hpp>
#include <brio/base/text.hpp>
#include <brio/load/command.hpp>

#include "manual.hpp"
#include "new_command.hpp"
#include "tasks_command.hpp"
#include "top_command.hpp"

namespace {

using Arguments = std::vector<std::string>;

/// Reads what follows its name, --help too, and gives the exit status: 0 well, 1 a judged failure, 2 bad use.
struct Command {
    std::string_view name;
    std::string_view takes;
    std::string_view does;
    int (*run)(const Arguments& arguments);
    brio::Usage (*usage)();
};

int run_load(const Arguments& arguments) { return brio::load::run_command(arguments, {}); }
brio::Usage usage_of_load() { return brio::load::usage_of_command({}); }

int run_completion(const Arguments& arguments);
int run_manual(const Arguments& arguments);

constexpr Command commands[] = {
    {"new", "FOLDER", "a service of your own in a new folder", brio::tool::run_new, brio::tool::new_usage},
    {"load", "URL", "a load test of one request", run_load, usage_of_load},
    {"top", "[URL]", "how a service does, live: goals, routes, queries, tasks, what is used",
     brio::tool::run_top, brio::tool::top_usage},
    {"tasks", "[COMMAND]", "background tasks of a service: queues, retry, drop, send, pause",
     brio::tool::run_tasks, brio::tool::tasks_usage},
    {"completion", "SHELL", "a script that completes what is typed: bash, zsh, fish", run_completion,
     brio::completion_usage},
    {"manual", "[COMMAND]", "print a manual page: brio manual load | man -l -", run_manual,
     brio::tool::manual_usage},
};

brio::Usage whole_usage() {
    brio::Usage usage{.name = "brio",
                      .help = "what is of use beside any service built on Brio",
                      .options = {{.names = {"-h", "--help"}, .help = "show the commands"},
                                  {.names = {"--version"}, .help = "show which Brio it is of"}}};
    for (auto const& each : commands) {
        auto own = each.usage();
        own.name = each.name;
        own.help = each.does;
        usage.commands.push_back(std::move(own));
    }
    return usage;
}

int print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
}

int complain(std::string_view message) {
    std::fputs(brio::concat({"brio: ", message, "\n"}).c_str(), stderr);
    return 2;
}

bool asks_for_help(std::string_view word) { return word == "--help" || word == "-h"; }

// Of a command that has no options.
int print_help(std::string_view name) {
    auto const& command = *std::ranges::find(commands, name, &Command::name);
    return print(brio::concat({"usage: brio ", name, " ", command.takes, "\n\n", command.does, "\n"}));
}

int run_completion(const Arguments& arguments) {
    if (arguments.size() == 1 && asks_for_help(arguments.front())) {
        return print_help("completion");
    }
    auto const [text, error] = brio::print_completion(whole_usage(), arguments);
    return error.empty() ? print(text) : complain(error);
}

int run_manual(const Arguments& arguments) {
    auto const name = arguments.empty() ? std::string() : arguments.front();
    if (asks_for_help(name)) {
        return print_help("manual");
    }
    auto const page = brio::tool::manual_of(whole_usage(), name);
    return !page.empty() ? print(page) : complain(brio::concat({"there is no manual page of ", name}));
}

std::string usage() {
    constexpr std::size_t column = 20;
    std::string text = "usage: brio COMMAND …\n\n";
    for (auto const& each : commands) {
        auto line = brio::concat({"  ", each.name, " ", each.takes});
        line.resize(std::max(line.size() + 2, column), ' ');
        text += brio::concat({line, each.does, "\n"});
    }
    return text + "\n`brio COMMAND --help` shows the options of one, `brio --version` which Brio it is\n";
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
    if (name == "--version") {
        return print("brio " BRIO_VERSION "\n");
    }
    auto const asks = asks_for_help(name);
    if (!asks && !name.empty()) {
        std::fprintf(stderr, "brio: there is no command %s\n", name.c_str());
    }
    auto const text = usage();
    std::fwrite(text.data(), 1, text.size(), asks ? stdout : stderr);
    return asks ? 0 : 2;
}
