#include "manual.hpp"

#include <algorithm>
#include <vector>

#include <brio/base/manual.hpp>
#include <brio/base/text.hpp>

namespace brio::tool {
namespace {

constexpr std::string_view version = "Brio " BRIO_VERSION;

/// What --help of a command has no place for.
struct Page {
    std::string_view command;
    std::string_view summary;
    std::string_view description;
    std::vector<ManualSection> last;
};

Page load_page() {
    return {
        .command = "load",
        .summary = "load test of a web service, with a verdict",
        .description =
            "Makes requests, counts what becomes of them and judges it by goals. With `--users` each user "
            "waits "
            "for its answer before it goes on (a closed model); with `--rate` so many requests begin each "
            "second "
            "whatever became of the others (an open one), and a time counts from when its request was meant "
            "to "
            "begin.\n\nCtrl-C ends a run with what was counted until then.",
        .last = {
            {"GOALS",
             "A goal is a figure, `<` or `>`, and a limit: `p99<50ms`, `p95{GET /a}<20ms` of one name, "
             "`max<1s`, `error_rate<1%`, `checks>99%`, `rps>1000`. Without any, the goals of a Brio program "
             "are asked: 99 % of requests within 200 ms, and fewer than 1 % failed."},
            {"EXAMPLES",
             "Ten users for half a minute:\n\n"
             "    brio load http://127.0.0.1:8080/api/resources --users 10 --for 30s\n\n"
             "Five hundred requests a second, at random moments, judged:\n\n"
             "    brio load http://127.0.0.1:8080/api/resources --rate 500 --poisson \\\n"
             "        --goal 'p99<50ms' --json run.json --html run.html\n\n"
             "The highest rate that holds every goal, and what breaks first:\n\n"
             "    brio load http://127.0.0.1:8080/api/resources --find-limit"},
            {"EXIT STATUS",
             "0 when every goal is held, 1 when one is missed or nothing could be tested, 2 for bad use."}}};
}

Page new_page() {
    return {.command = "new",
            .summary = "write a service of one's own",
            .description =
                "Writes a service into FOLDER, which is new or empty: a model with a migration, an API, a "
                "background task, users for load tests, tests of all of it, a file for continuous "
                "integration, and `./dev`, which builds and runs them. Its README says what is in which "
                "file. It is built with the library and the headers of Brio (`libbrio-dev`).",
            .last = {{"EXAMPLES",
                      "A service `shop` in the folder `shop`, served on port 8080:\n\n"
                      "    brio new shop && cd shop && ./dev run\n\n"
                      "In a repository that was just cloned and is empty:\n\n"
                      "    brio new . --name shop"},
                     {"EXIT STATUS",
                      "0 when it is written, 1 when it could not be, and then nothing is left of it, 2 for "
                      "bad use: a name that cannot be one, a folder that holds something."}}};
}

Page top_page() {
    return {
        .command = "top",
        .summary = "how a service does, on a terminal",
        .description =
            "Asks the admin port of services that are built on Brio every two seconds, and shows which "
            "goals are kept and missed and why, rates, times and phases of routes, statements, queues and "
            "tasks, what is used, the processes of the service, the log. Without a terminal, or with "
            "`--once` or `--json`, it prints all of it once.\n\nThe key `?` shows the keys.",
        .last = {{"ENVIRONMENT", "`BRIO_ADMIN_TOKEN` is sent where it is set. `NO_COLOR` is honoured."},
                 {"EXAMPLES",
                  "The service on this machine:\n\n    brio top\n\n"
                  "All processes of a service, by one of them:\n\n    brio top web-1:8000 --all\n\n"
                  "For scripts:\n\n    brio top --once --page goals"},
                 {"EXIT STATUS",
                  "0 well, 1 when nobody answers or, printed once, a goal is missed, 2 for bad use."}}};
}

Page tasks_page() {
    return {.command = "tasks",
            .summary = "background tasks of a service",
            .description =
                "Shows queues, tasks and the schedule of a service that is built on Brio, through its admin "
                "port, and changes them. Without a command it shows the queues. What drops something asks "
                "first on a terminal; elsewhere it wants `--yes`.",
            .last = {{"ENVIRONMENT", "`BRIO_ADMIN_TOKEN` is sent where it is set."},
                     {"EXAMPLES",
                      "The dead tasks, then all of a kind once more:\n\n"
                      "    brio tasks list --state failed\n"
                      "    brio tasks retry --name app.worker.process_data\n\n"
                      "One task:\n\n    brio tasks send app.worker.process_data '{\"data_id\":7}'"},
                     {"EXIT STATUS",
                      "0 well, 1 when a task is unknown, failed, or was not there to be changed, 2 for bad "
                      "use."}}};
}

std::vector<Page> pages() { return {load_page(), new_page(), top_page(), tasks_page()}; }

std::string page_of_all(const Usage& brio) {
    std::string see;
    for (auto const& page : pages()) {
        see += concat({see.empty() ? "" : ", ", "`brio-", page.command, "`(1)"});
    }
    std::string commands;
    for (auto const& command : brio.commands) {
        commands += concat({commands.empty() ? "" : "\n\n", "* `brio ", command.name, "`: ", command.help});
    }
    auto options = brio.options;
    options.insert(options.begin(), {.names = {"command"},
                                     .help = "one of those above; its options follow it",
                                     .takes_value = true,
                                     .is_argument = true,
                                     .is_required = true});
    return manual_page(
        {.name = "brio",
         .typed = "brio",
         .summary = brio.help,
         .source = std::string(version),
         .date = manual_date(),
         .usage = {.options = std::move(options)},
         .first = {{"DESCRIPTION",
                    "Commands for services that are built on the Brio framework, and for any "
                    "other that answers HTTP. Each says with `--help` what it takes."},
                   {"COMMANDS", commands}},
         .last = {{"EXIT STATUS", "0 well, 1 a judged failure, 2 bad use."}, {"SEE ALSO", see}}});
}

}  // namespace

std::string manual_of(const Usage& brio, std::string_view command) {
    if (command.empty()) {
        return page_of_all(brio);
    }
    auto const all = pages();
    auto const page = std::ranges::find(all, command, &Page::command);
    auto const* usage = brio.find_command(command);
    if (page == all.end() || usage == nullptr) {
        return {};
    }
    auto sections = page->last;
    sections.push_back({"SEE ALSO", "`brio`(1)"});
    return manual_page({.name = concat({"brio-", command}),
                        .typed = concat({"brio ", command}),
                        .summary = std::string(page->summary),
                        .source = std::string(version),
                        .date = manual_date(),
                        .usage = *usage,
                        .first = {{"DESCRIPTION", std::string(page->description)}},
                        .last = std::move(sections)});
}

Usage manual_usage() {
    UsageOption command{.names = {"command"}, .help = "of brio", .takes_value = true, .is_argument = true};
    for (auto const& page : pages()) {
        command.choices.emplace_back(page.command);
    }
    return {.name = "manual", .help = {}, .options = {std::move(command)}};
}

}  // namespace brio::tool
