#include "tasks_words.hpp"

#include <sstream>

#include <brio/base/text.hpp>

#include <CLI/CLI.hpp>

#include "admin.hpp"
#include "tasks_command.hpp"

namespace brio::tool {

namespace {

CLI::App* add_verb(CLI::App& app, TaskWords& words, const char* name, const char* help, TaskVerb verb) {
    auto* command = app.add_subcommand(name, help);
    command->fallthrough();
    command->callback([&words, verb] { words.verb = verb; });
    return command;
}

void add_sure(CLI::App& command, TaskWords& words) {
    command.add_flag("--yes", words.is_sure, "do not ask first");
}

void add_tasks(CLI::App& app, TaskWords& words) {
    auto* list = add_verb(app, words, "list", "the tasks that were pushed last", TaskVerb::list);
    list->add_option("--state", words.state, "only those; failed: the dead ones")
        ->type_name("STATE")
        ->check(CLI::IsMember({"pending", "running", "retrying", "done", "failed", "expired", "revoked"}));
    list->add_option("--most", words.most, "how many (50)")->type_name("N")->check(CLI::Range(1, 1'000));
    add_verb(app, words, "show", "all that is known of a task; 1 when it failed", TaskVerb::show)
        ->add_option("id", words.ids, "of the task")
        ->type_name("")
        ->required()
        ->expected(1);
    auto* send = add_verb(app, words, "send", "push a task; prints its id", TaskVerb::send);
    send->add_option("name", words.name, "of the task")->type_name("")->required();
    send->add_option("json", words.arguments, "its fields as JSON: {\"id\":7}, or in their order: [7]")
        ->type_name("");
    send->add_option("--queue", words.queue, "instead of its own")->type_name("QUEUE");
    send->add_option("--countdown", words.countdown, "not before so many seconds from now")->type_name("S");
    auto* retry =
        add_verb(app, words, "retry", "dead tasks once more, with nothing counted", TaskVerb::retry);
    auto* drop = add_verb(app, words, "drop", "forget dead tasks", TaskVerb::drop);
    for (auto* each : {retry, drop}) {
        each->add_option("ids", words.ids, "of dead tasks")->type_name("");
        each->add_option("--queue", words.queue, "all of this queue")->type_name("QUEUE");
        each->add_option("--name", words.name, "all of this name")->type_name("TASK");
        each->add_flag("--all", words.is_all, "all there are");
    }
    add_sure(*drop, words);
    add_verb(app, words, "revoke", "take back what waits, cancel what runs", TaskVerb::revoke)
        ->add_option("ids", words.ids, "of tasks")
        ->type_name("")
        ->required();
}

void add_queues(CLI::App& app, TaskWords& words) {
    add_verb(app, words, "queues", "how many tasks wait, run and are dead in each", TaskVerb::queues);
    auto* pause = add_verb(app, words, "pause", "workers take nothing more from a queue", TaskVerb::pause);
    auto* resume = add_verb(app, words, "resume", "they do again", TaskVerb::resume);
    auto* purge = add_verb(app, words, "purge", "drop what waits in a queue", TaskVerb::purge);
    for (auto* each : {pause, resume, purge}) {
        each->add_option("queue", words.name, "its name")->type_name("")->required();
    }
    add_sure(*purge, words);
}

void add_schedule(CLI::App& app, TaskWords& words) {
    auto* schedule = add_verb(app, words, "schedule",
                              "what is done again and again; of an entry on, off, run", TaskVerb::schedule);
    schedule->require_subcommand(0, 1);
    schedule->callback([&words, schedule] {  // called behind that of a verb within it
        words.verb = schedule->get_subcommands().empty() ? TaskVerb::schedule : words.verb;
    });
    auto* on = add_verb(*schedule, words, "on", "it fires again; what it missed stays so", TaskVerb::turn_on);
    auto* off = add_verb(*schedule, words, "off", "it does not fire, in any instance", TaskVerb::turn_off);
    auto* run = add_verb(*schedule, words, "run", "push its task now; prints its id", TaskVerb::run);
    for (auto* each : {on, off, run}) {
        each->add_option("entry", words.name, "its name")->type_name("")->required();
    }
}

void declare(CLI::App& app, TaskWords& words) {
    app.add_option("--admin", words.admin,
                   concat({"its admin port: URL, HOST:PORT or PORT (", usual_admin, ")"}))
        ->type_name("URL");
    app.add_flag("--json", words.is_json, "print it as JSON");
    app.require_subcommand(0, 1);
    add_queues(app, words);
    add_tasks(app, words);
    add_schedule(app, words);
    app.footer("BRIO_ADMIN_TOKEN is sent where it is set. Exit: 0 well, 1 not, 2 bad use.");
}

std::string fault_of(const TaskWords& words) {
    if (words.verb != TaskVerb::retry && words.verb != TaskVerb::drop) {
        return {};
    }
    const bool chooses = words.is_all || !words.queue.empty() || !words.name.empty();
    return words.ids.empty() && !chooses
               ? "name the dead tasks by their ids, or with --queue, --name or --all"
           : !words.ids.empty() && chooses ? "give ids or --queue, --name, --all, not both"
                                           : "";
}

}  // namespace

Usage tasks_usage() {
    TaskWords words;
    CLI::App app;
    declare(app, words);
    return usage_of(app);
}

ParsedTaskWords parse_task_words(const std::vector<std::string>& arguments) {
    TaskWords words{.admin = std::string(usual_admin)};
    CLI::App app("Background tasks of a running service, through its admin port: without more, its queues.",
                 "brio tasks");
    declare(app, words);
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        app.parse(reversed);
        if (const auto fault = fault_of(words); !fault.empty()) {
            throw CLI::ValidationError(fault);
        }
        words.admin = admin_url_of(words.admin);
        return {.words = std::move(words), .text = {}, .status = 0};
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        if (app.exit(error, out, out) == 0) {
            return {.words = {}, .text = out.str(), .status = 0};
        }
        return {.words = {},
                .text = concat({"brio tasks: ", error.what(), "; `brio tasks --help` shows what there is\n"}),
                .status = 2};
    } catch (const std::invalid_argument& error) {
        return {.words = {}, .text = concat({"brio tasks: ", error.what(), "\n"}), .status = 2};
    }
}

}  // namespace brio::tool
