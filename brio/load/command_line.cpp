// CLI11 is private to this file and to those of the groups: detail/command_options.hpp, judging_options.cpp.
#include <algorithm>
#include <sstream>

#include <brio/base/text.hpp>
#include <brio/load/detail/command_options.hpp>
#include <brio/load/scenario_file.hpp>

#include <CLI/CLI.hpp>

namespace brio::load {
namespace {

using detail::Typed;

/// What is wrong with a scenario file, and where.
struct WrongFile : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What is typed goes before what the file says.
void take_scenario(const CLI::App& app, CommandWords& words, Typed& typed) {
    for (const auto* name : {"--method", "--header", "--body", "--body-file", "--expect", "--wait"}) {
        if (app.count(name) > 0) {
            throw CLI::ValidationError(name, "is of one request: with a scenario file its steps say it");
        }
    }
    const auto& name = typed.words.front();
    auto read = read_scenario_file(name);
    if (!read) {
        throw WrongFile(read.error());
    }
    words.script = std::move(read->script);
    typed.target = typed.words.size() > 1 ? typed.words[1] : read->target;
    if (typed.target.empty()) {
        throw WrongFile(
            concat({name, " names no target: write target = \"http://…\", or a URL behind the file"}));
    }
    const bool has_load = app.count("--users") + app.count("--rate") + app.count("--stages") > 0;
    if (!has_load) {
        typed.users = words.judging.finds_limit ? 0 : read->users.value_or(0);
        typed.rate = read->rate.value_or(0);
        typed.stages = words.judging.finds_limit || app.count("--for") > 0 ? "" : read->stages;
        typed.arrivals = typed.arrivals || read->arrivals;
        typed.poisson = typed.poisson || read->poisson;
    }
    if (app.count("--for") == 0 && read->duration && typed.stages.empty()) {
        typed.duration = *read->duration;
        words.has_duration = true;
    }
    if (app.count("--warm-up") == 0 && read->warm_up) {
        words.plan.warm_up = *read->warm_up;
    }
    if (words.judging.goals.empty()) {
        words.judging.goals = std::move(read->goals);
    }
}

void take_words(const CLI::App& app, CommandWords& words, Typed& typed) {
    const auto& first = typed.words.front();
    if (first.ends_with(".toml") && !first.contains("://")) {
        take_scenario(app, words, typed);
    } else if (typed.words.size() > 1) {
        throw CLI::ValidationError(concat({"one URL is asked, and there is a second one: ", typed.words[1]}));
    } else {
        typed.target = first;
    }
}

// Those that one run in a hundred needs: --help-all shows them.
void hide_rare(CLI::App& app) {
    for (const auto* name :
         {"--poisson", "--arrivals", "--warm-up",      "--connections", "--most-users",  "--threads",
          "--timeout", "--seed",     "--certificates", "--worker",      "--master-host", "--master-port",
          "--csv",     "--admin",    "--body-file",    "--expect",      "--abort",       "--quiet",
          "--wait",    "--compare",  "--lead",         "--followers",   "--follow",      "--secret"}) {
        if (auto* option = app.get_option_no_throw(name)) {
            option->group("");
        }
    }
    // what excludes what is said when both are typed
    for (const auto& [name, takes] : {std::pair("--users", "N"),
                                      {"--rate", "R"},
                                      {"--for", "TIME"},
                                      {"--stages", "STAGES"},
                                      {"--body", "TEXT"},
                                      {"--header", "FIELD"}}) {
        if (auto* option = app.get_option_no_throw(name)) {
            option->option_text(takes);
        }
    }
}

void declare(CLI::App& app, CommandWords& words, Typed& typed, const CommandSetup& setup,
             bool needs_url = true) {
    app.name(setup.program);
    app.description("Makes requests and counts what becomes of them.");
    app.add_flag("--help-all", typed.shows_all, "show the rarer options too");
    if (setup.scenario == nullptr) {
        app.add_option("url", typed.words,
                       "to ask; or a scenario, FILE.toml, and where if the file does not say")
            ->type_name("URL")
            ->expected(1, 2)
            ->required(needs_url);
    } else {
        app.add_option("url", typed.target,
                       setup.target.empty() ? "to ask" : "of the service (" + setup.target + ")")
            ->type_name("URL")
            ->required(setup.target.empty() && needs_url);
    }
    detail::add_load(app, words, typed);
    add_judging(app, words.judging);
    detail::add_leading(app, words, typed);
    if (setup.scenario == nullptr) {
        detail::add_request(app, words, typed);
    }
}

}  // namespace

Usage usage_of_command(const CommandSetup& setup) {
    CommandWords words;
    Typed typed{.target = setup.target};
    CLI::App app;
    declare(app, words, typed, setup);
    return usage_of(app);
}

ParsedCommand parse_command(const std::vector<std::string>& arguments, const CommandSetup& setup) {
    CommandWords words;
    words.plan.warm_up = std::chrono::seconds(1);
    Typed typed{.target = setup.target};
    CLI::App app;
    auto const is_follow = [](const std::string& each) {
        return each == "--follow" || each.starts_with("--follow=");
    };
    declare(app, words, typed, setup, std::ranges::none_of(arguments, is_follow));
    if (std::ranges::find(arguments, "--help-all") != arguments.end()) {
        return {.words = {}, .text = app.help(), .status = 0};
    }
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        app.parse(reversed);
        words.has_duration = app.count("--for") > 0;
        if (setup.scenario == nullptr && !words.follow) {
            take_words(app, words, typed);
        }
        detail::check_leading(app, words, typed);
        detail::take_load(words, typed);
        detail::check_load(app, words);
        if (setup.scenario != nullptr || words.script) {
            words.plan.scenario = words.script ? words.script->name : setup.scenario->name;
        } else {
            detail::take_request(words, typed, app.count("--method") > 0);
        }
    } catch (const WrongFile& wrong) {
        return {.words = {}, .text = concat({setup.program, ": ", wrong.what(), "\n"}), .status = 2};
    } catch (const CLI::CallForHelp&) {
        hide_rare(app);
        return {.words = {}, .text = app.help(), .status = 0};
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        if (app.exit(error, out, out) == 0) {
            return {.words = {}, .text = out.str(), .status = 0};
        }
        auto const text = concat(
            {setup.program, ": ", error.what(), "; `", setup.program, " --help` shows what there is\n"});
        return {.words = {}, .text = text, .status = 2};
    }
    return {.words = std::move(words), .text = {}, .status = 0};
}

}  // namespace brio::load
