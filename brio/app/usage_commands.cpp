#include <brio/app/usage_commands.hpp>

#include <algorithm>
#include <cstdio>

#include <brio/app/detail/setting_table.hpp>
#include <brio/base/completion.hpp>
#include <brio/base/manual.hpp>
#include <brio/base/text.hpp>
#include <brio/load/command.hpp>

namespace brio::app {
namespace {

using Words = std::vector<std::string>;

Usage* find(Usage& usage, std::string_view name) {
    auto const found = std::ranges::find(usage.commands, name, &Usage::name);
    return found == usage.commands.end() ? nullptr : &*found;
}

// Of the commands of `parent` that there are, the value of `option` is one of `choices`.
void choose(Usage& usage, std::string_view parent, std::initializer_list<std::string_view> commands,
            std::string_view option, const Words& choices) {
    auto* const above = parent.empty() ? &usage : find(usage, parent);
    for (auto const name : commands) {
        if (auto* const command = above == nullptr ? nullptr : find(*above, name); command != nullptr) {
            set_choices(*command, option, choices);
        }
    }
}

Words task_names(const Program& program) {
    Words names;
    for (auto const& definition : program.tasks.definitions) {
        names.emplace_back(definition.policy.name);
    }
    return names;
}

Words route_patterns(const Program& program) {
    Words patterns;
    for (auto const& route : program.router.routes()) {
        if (std::ranges::find(patterns, route->pattern) == patterns.end()) {
            patterns.emplace_back(route->pattern);
        }
    }
    return patterns;
}

std::string settings_text(const Program& program) {
    std::string text =
        "A setting has one name, in the environment and in `brio.toml` of the working directory. A later "
        "source wins: what the program was built with, `brio.toml`, the environment, the command line.";
    for (auto const& setting : detail::setting_table()) {
        auto const value = setting.secret ? std::string() : setting.text(program.defaults);
        text += concat({"\n\n* `", setting.name, "`: ", setting.help, ". May be ", setting.may_be,
                        value.empty() ? "" : concat({"; ", value, " unless said otherwise"}), "."});
    }
    return text;
}

std::string signals_text() {
    return "* `SIGTERM`, `SIGINT`: `serve` and `worker` drain: what is under way ends, within "
           "`BRIO_GRACE_MS`, then the program does. A `SIGINT` meanwhile (Ctrl-C) ends it at once; a second "
           "`SIGTERM` changes nothing.\n\n"
           "* `SIGHUP`: `serve` starts anew without losing a request, with what the settings say now.";
}

std::string files_text(const Program& program) {
    return concat({"* `brio.toml`: settings, read from the working directory.\n\n* `", program.name,
                   ".goals`: what was counted of the goals, kept over restarts (`BRIO_GOALS_FILE`).\n\n"
                   "* `bench.budgets`: what requests may cost, read by `bench`."});
}

}  // namespace

Usage complete_usage(const Program& program, Usage usage) {
    auto const tasks = task_names(program);
    auto const queues = program.tasks.own_queues();
    auto const routes = route_patterns(program);
    Words entries;
    for (auto const& entry : program.schedule.entries()) {
        entries.push_back(entry.name);
    }
    Words revisions;
    for (auto const& migration : program.migrations) {
        revisions.push_back(migration.revision);
    }
    auto revisions_and_base = revisions;
    revisions_and_base.insert(revisions_and_base.end(), {"base", "-1"});
    auto routes_and_tasks = routes;
    routes_and_tasks.insert(routes_and_tasks.end(), tasks.begin(), tasks.end());

    choose(usage, "task", {"send"}, "name", tasks);
    choose(usage, "task", {"retry", "drop"}, "--name", tasks);
    choose(usage, "task", {"send", "retry", "drop"}, "--queue", queues);
    choose(usage, "", {"worker"}, "--queues", queues);
    choose(usage, "queue", {"pause", "resume", "purge"}, "queue", queues);
    choose(usage, "schedule", {"on", "off", "run"}, "entry", entries);
    choose(usage, "migrate", {"upgrade", "sql"}, "revision", revisions);
    choose(usage, "migrate", {"downgrade"}, "revision", revisions_and_base);
    choose(usage, "cache", {"clear"}, "--route", routes);
    choose(usage, "", {"profile"}, "--name", routes_and_tasks);
    if (auto* const load = find(usage, "load"); load != nullptr && program.load) {
        auto typed = load::usage_of_command(
            {.program = "load", .scenario = &*program.load, .target = "http://127.0.0.1:8080"});
        typed.help = load->help;
        *load = std::move(typed);
    }
    if (find(usage, "completion") == nullptr && find(usage, "manual") == nullptr) {
        usage.commands.push_back(completion_usage());
        usage.commands.push_back({.name = "manual", .help = "print this page, for man"});
    }
    return usage;
}

int print_completion(const Usage& usage, std::span<const std::string> words) {
    auto const [text, error] = brio::print_completion(usage, words);
    if (!error.empty()) {
        std::fputs(concat({usage.name, ": ", error, "\n"}).c_str(), stderr);
        return 2;
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
}

std::string manual_of(const Program& program, const Usage& usage) {
    auto const about = program.description.substr(0, program.description.find('\n'));
    return manual_page(
        {.name = program.name,
         .typed = program.name,
         .summary = about.empty() ? "a service built on Brio" : about,
         .source = concat({program.name, " ", program.version}),
         .date = manual_date(),
         .usage = usage,
         .first = {{"DESCRIPTION",
                    concat({"`", program.name,
                            "` is one program with several commands. `serve` answers requests; a supervisor "
                            "owns the listening sockets and replaces the processes that die. The API listens "
                            "on `BRIO_PORT`, the dashboard, the metrics and other admin pages on "
                            "`BRIO_ADMIN_PORT`."})}},
         .last = {{"SETTINGS", settings_text(program)},
                  {"SIGNALS", signals_text()},
                  {"FILES", files_text(program)},
                  {"EXIT STATUS", "0 well, 1 a judged failure, 2 bad use."},
                  {"SEE ALSO", "`brio`(1)"}}});
}

}  // namespace brio::app
