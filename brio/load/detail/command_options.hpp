// The options of a load test in groups, each with a file: how they are declared, what is made of them, and
// which of them go together. Bad use is thrown as CLI::ValidationError.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include <brio/load/command.hpp>

namespace CLI {
class App;
}

namespace brio::load::detail {

/// What was typed, where it needs another look before it is a CommandWords.
struct Typed {
    std::vector<std::string> words;  // a URL; a scenario file and perhaps a URL
    std::string target;
    double users = 0;
    double rate = 0;
    bool arrivals = false;
    bool poisson = false;
    std::string stages;
    std::chrono::nanoseconds duration = std::chrono::seconds(10);
    std::string body_file;
    std::vector<std::string> headers;
    bool is_worker = false;
    locust::Link::Address master;
    bool shows_all = false;  // of the help
};

// load_options.cpp: how much load there is, and how the generator makes it.
void add_load(CLI::App& app, CommandWords& words, Typed& typed);
void take_load(CommandWords& words, const Typed& typed);
/// Nothing of another model, and nothing that a search for the limit decides itself.
void check_load(const CLI::App& app, const CommandWords& words);

// request_options.cpp: the request, where there is no scenario.
void add_request(CLI::App& app, CommandWords& words, Typed& typed);
void take_request(CommandWords& words, const Typed& typed, bool has_method);

// leading_options.cpp: who leads, when it is not this process alone: a Locust master, a page, others.
void add_leading(CLI::App& app, CommandWords& words, Typed& typed);
/// Nothing that whoever leads is to say. Takes the secret from where nobody else reads it.
void check_leading(const CLI::App& app, CommandWords& words, const Typed& typed);

}  // namespace brio::load::detail
