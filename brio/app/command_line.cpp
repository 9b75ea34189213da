// CLI11 is private to this file.
#include <brio/app/command_line.hpp>

#include <algorithm>
#include <map>
#include <sstream>

#include <brio/app/detail/bench_options.hpp>
#include <brio/app/detail/setting_table.hpp>
#include <brio/base/text.hpp>

#include <CLI/CLI.hpp>

namespace brio::app {
namespace {

// --name VALUE as the setting `setting`; checked with all others, so that one message shows all that is
// wrong.
void add_setting(CLI::App& command, CommandLine& line, const char* option, const char* value,
                 std::string setting, const char* help) {
    command
        .add_option_function<std::string>(
            option,
            [&line, setting = std::move(setting)](const std::string& value) {
                line.settings.emplace_back(setting, value);
            },
            help)
        ->type_name(value);
}

CLI::App* add_verb(CLI::App& parent, CommandLine& line, const char* name, const char* help, Verb verb) {
    auto* command = parent.add_subcommand(name, help);
    command->callback([&line, verb] { line.verb = verb; });
    return command;
}

void add_serve(CLI::App& root, CommandLine& line) {
    auto* serve = add_verb(root, line, "serve",
                           "answer requests until SIGTERM or Ctrl-C; SIGHUP starts it anew", Verb::serve);
    add_setting(*serve, line, "--host", "ADDRESS", "BRIO_HOST", "numeric address to listen on (127.0.0.1)");
    add_setting(*serve, line, "--port", "PORT", "BRIO_PORT", "of the API (8080); 0 takes a free one");
    add_setting(*serve, line, "--admin-port", "PORT", "BRIO_ADMIN_PORT",
                "of metrics and admin pages (8000); 0: none");
    add_setting(*serve, line, "--threads", "N", "BRIO_THREADS", "of the API (one for each core)");
    add_setting(*serve, line, "--workers", "N", "BRIO_WORKERS",
                "worker processes for background tasks (1), or the least and the most: 1..4; 0: none");
}

void add_worker(CLI::App& root, CommandLine& line) {
    auto* worker =
        add_verb(root, line, "worker", "carry out background tasks until SIGTERM or Ctrl-C", Verb::worker);
    worker->add_option("--queues", line.queues, "with commas between, the first before the second (all)")
        ->type_name("A,B");
    add_setting(*worker, line, "--concurrency", "N", "BRIO_WORKER_CONCURRENCY",
                "tasks at a time (16), or the least and the most: 2..64");
    add_setting(*worker, line, "--kept", "N", "BRIO_WORKER_KEPT",
                "of these, how many are kept for the first queue alone (0)");
    add_setting(*worker, line, "--max-memory", "SIZE", "BRIO_LIMIT_WORKER_MEMORY",
                "with more after a task it ends, with status 75, as 512MiB; 0: no bound (0)");
    worker
        ->add_option_function<std::uint64_t>(
            "--lease", [&line](std::uint64_t ms) { line.lease = std::chrono::milliseconds(ms); },
            "a worker that is silent for so long is dead (10s)")
        ->type_name("TIME")
        ->transform(CLI::AsNumberWithUnit(
            std::map<std::string, std::uint64_t>{{"ms", 1}, {"s", 1000}, {"m", 60'000}}))
        ->check(CLI::Range(std::uint64_t{100}, std::uint64_t{3'600'000}));
    worker->add_flag("--require-durable", line.requires_durable,
                     "do not start on a broker that may lose what it acknowledged");
    worker->add_option("--admin-port", line.worker_admin_port, "of metrics and admin pages; 0: none (0)")
        ->type_name("PORT");
}

void add_task(CLI::App& root, CommandLine& line) {
    auto& words = line.task;
    auto* task = root.add_subcommand(
        "task", "background tasks: send, result, list, revoke; of the dead ones retry, drop");
    task->require_subcommand(1);
    auto* send = add_verb(*task, line, "send", "push a task; prints its id", Verb::task_send);
    send->add_option("name", words.name, "of the task")->type_name("")->required();
    send->add_option("json", words.payload, "its fields as JSON: {\"id\":7}, or in their order: [7]")
        ->type_name("");
    send->add_option("--queue", words.queue, "instead of its own")->type_name("QUEUE");
    send->add_option("--countdown", words.countdown, "not before so many seconds from now")
        ->type_name("SECONDS");
    auto* result =
        add_verb(*task, line, "result", "what became of a task; 1 when not well", Verb::task_result);
    result->add_option("id", words.ids, "as send printed it")->type_name("")->required()->expected(1);
    auto* list = add_verb(*task, line, "list", "the tasks that were pushed last", Verb::task_list);
    list->add_option("--state", words.state, "only those; failed: the dead ones")
        ->type_name("STATE")
        ->check(CLI::IsMember({"pending", "running", "retrying", "done", "failed", "expired", "revoked"}));
    list->add_option("--most", words.most, "how many (50)")->type_name("N")->check(CLI::Range(1, 10'000));
    add_verb(*task, line, "revoke", "take back what waits, cancel what runs", Verb::task_revoke)
        ->add_option("ids", words.ids, "of tasks")
        ->type_name("")
        ->required();
    auto* retry =
        add_verb(*task, line, "retry", "dead tasks once more, with nothing counted", Verb::task_retry);
    auto* drop = add_verb(*task, line, "drop", "forget dead tasks", Verb::task_drop);
    for (auto* each : {retry, drop}) {
        each->add_option("ids", words.ids, "of dead tasks")->type_name("");
        each->add_option("--queue", words.queue, "all of this queue")->type_name("QUEUE");
        each->add_option("--name", words.name, "all of this name")->type_name("TASK");
        each->add_flag("--all", words.is_all, "all there are");
    }
}

void add_queue(CLI::App& root, CommandLine& line) {
    auto* queue = root.add_subcommand("queue", "queues of background tasks: stats, pause, resume, purge");
    queue->require_subcommand(1);
    add_verb(*queue, line, "stats", "how many tasks wait, run and are dead in each", Verb::queue_stats);
    auto* pause = add_verb(*queue, line, "pause", "workers take nothing more from it", Verb::queue_pause);
    auto* resume = add_verb(*queue, line, "resume", "they do again", Verb::queue_resume);
    auto* purge = add_verb(*queue, line, "purge", "drop what waits in it", Verb::queue_purge);
    for (auto* each : {pause, resume, purge}) {
        each->add_option("queue", line.task.queue, "its name")->type_name("")->required();
    }
}

void add_schedule(CLI::App& root, CommandLine& line) {
    auto* schedule =
        root.add_subcommand("schedule", "what is done again and again: list; of an entry on, off, run");
    schedule->require_subcommand(1);
    add_verb(*schedule, line, "list", "all entries, with their last and next time", Verb::schedule_list);
    auto* on = add_verb(*schedule, line, "on", "it fires again; what it missed stays so", Verb::schedule_on);
    auto* off = add_verb(*schedule, line, "off", "it does not fire, in any instance", Verb::schedule_off);
    auto* run = add_verb(*schedule, line, "run", "push its task now; prints its id", Verb::schedule_run);
    for (auto* each : {on, off, run}) {
        each->add_option("entry", line.task.name, "its name")->type_name("")->required();
    }
}

void add_migrate(CLI::App& root, CommandLine& line) {
    auto* migrate = root.add_subcommand("migrate", "bring the database to a revision, or show where it is");
    migrate->require_subcommand(1);
    auto* upgrade =
        add_verb(*migrate, line, "upgrade", "apply what is missing, up to REVISION", Verb::migrate_upgrade);
    upgrade->add_option("revision", line.revision, "the last one by default")->type_name("");
    auto* downgrade = add_verb(*migrate, line, "downgrade", "take back", Verb::migrate_downgrade);
    downgrade->add_option("revision", line.revision, "the one to return to, -1 (one step) or base (all)")
        ->type_name("")
        ->required();
    add_verb(*migrate, line, "current", "the revision that the database has", Verb::migrate_current);
    add_verb(*migrate, line, "history", "all revisions", Verb::migrate_history);
    auto* sql =
        add_verb(*migrate, line, "sql", "print the statements instead of running them", Verb::migrate_sql);
    sql->add_option("revision", line.revision, "the last one by default")->type_name("");
    auto* made = add_verb(*migrate, line, "new", "print the next migration's C++", Verb::migrate_new);
    made->add_option("words", line.revision, "what it does, as \"add notes\"")->type_name("")->required();
    made->add_option("--into", line.into, "the source whose array of migrations gets it")->type_name("FILE");
    made->add_flag("--auto", line.is_automatic, "with what the database lacks of the program's model");
    add_verb(*migrate, line, "check", "compare the database with the program's model", Verb::migrate_check);
    for (auto* each : migrate->get_subcommands({})) {
        each->add_flag("--quiet", line.quiet, "say nothing but errors");
    }
}

void add_seed(CLI::App& root, CommandLine& line) {
    auto* seed = add_verb(root, line, "seed", "fill the database with rows to try it on", Verb::seed);
    auto* count = seed->add_option("--count", line.count, "made-up rows; the same number, the same rows");
    count->type_name("N");
    auto* from = seed->add_option("--from", line.from, "real ones: debian (this system's package index)");
    from->type_name("SOURCE");
    seed->add_flag("--quiet", line.quiet, "say nothing but errors");
}

// What follows is read by load/command_line.cpp.
void add_load(CLI::App& root, CommandLine& line) {
    auto* load = root.add_subcommand("load", "a load test of the running service, by the program's users");
    load->set_help_flag();
    load->prefix_command();
    load->callback([&line, load] {
        line.verb = Verb::load;
        line.arguments = load->remaining();
    });
}

// Of a command that asks a program which runs.
void ask_running(CLI::App& command, CommandLine& line) {
    add_setting(command, line, "--admin-port", "PORT", "BRIO_ADMIN_PORT", "of the running program (8000)");
}

void add_cache(CLI::App& root, CommandLine& line) {
    auto* cache = root.add_subcommand("cache", "what the running program has cached: clear");
    cache->require_subcommand(1);
    auto* clear =
        add_verb(*cache, line, "clear", "drop it, or what has a tag or is a route's", Verb::cache_clear);
    clear->add_option("--tag", line.tag, "only what has this tag")->type_name("TAG");
    clear->add_option("--route", line.route, "only what is this route's, as /api/resources")
        ->type_name("ROUTE");
    ask_running(*clear, line);
}

void add_backup(CLI::App& root, CommandLine& line) {
    auto* backup =
        add_verb(root, line, "backup", "copy the database while it is in use, into a new file", Verb::backup);
    backup->add_option("file", line.file, "where to; must not exist")->type_name("")->required();
    backup->add_flag("--quiet", line.quiet, "say nothing but errors");
}

void add_profile(CLI::App& root, CommandLine& line) {
    auto* profile = add_verb(root, line, "profile",
                             "where the running program's time goes, by route and task", Verb::profile);
    auto& words = line.profile;
    profile->add_option("--seconds", words.seconds, "how long (10)")
        ->type_name("S")
        ->check(CLI::Range(1, 120));
    profile->add_option("--hz", words.hz, "samples of a second of processor time (BRIO_PROFILE_HZ)")
        ->type_name("N")
        ->check(CLI::Range(1, 999));
    profile->add_option("--format", words.format, "table (default), collapsed, speedscope, pprof or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"table", "collapsed", "speedscope", "pprof", "json"}));
    profile->add_option("--name", words.name, "only of this route, task or thread")->type_name("NAME");
    profile->add_option("--out", words.file, "write it there")->type_name("FILE");
    ask_running(*profile, line);
}

void add_review(CLI::App& root, CommandLine& line) {
    auto* review =
        add_verb(root, line, "review",
                 "what it did, against its goals and the time before, and what to do first", Verb::review);
    review->add_option("--since", line.review.since, "how far back: 90m, 24h, 7d (24h)")->type_name("TIME");
    review->add_option("--format", line.review.format, "html, md or json (as FILE ends, else md)")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"html", "md", "json"}));
    review->add_option("--output", line.review.file, "write it there")->type_name("FILE");
    ask_running(*review, line);
}

void add_listings(CLI::App& root, CommandLine& line) {
    add_verb(root, line, "routes", "every route, with what runs around it", Verb::routes);
    auto* goals = add_verb(root, line, "goals",
                           "the performance goals, and whether the running program keeps them", Verb::goals);
    goals->add_flag("--prometheus-rules", line.as_rules, "the goals as a file of rules for Prometheus");
    ask_running(*goals, line);
    add_verb(root, line, "openapi", "the OpenAPI 3.1 document", Verb::openapi);
    add_verb(root, line, "config", "every setting, its value and where that came from", Verb::config);
    add_verb(root, line, "doctor", "look for what is wrong and say what to do", Verb::doctor);
}

void add_own(CLI::App& root, CommandLine& line, const CommandSet& commands) {
    for (auto const& [name, help] : commands.own) {
        auto* command = root.add_subcommand(name, help);
        command->prefix_command();
        command->callback([&line, command, own = name] {
            line.verb = Verb::own;
            line.own_name = own;
            line.arguments = command->remaining();
        });
    }
}

// For shells and for man; not in the help, which is to fit a screen. What follows `completion` is read by
// base/completion.cpp. A program that has such a command of its own keeps it.
void add_completion(CLI::App& root, CommandLine& line, const CommandSet& commands) {
    if (std::ranges::any_of(commands.own, [](auto const& own) {
            return own.first == "completion" || own.first == "manual";
        })) {
        return;
    }
    auto* completion = root.add_subcommand("completion")->group("")->prefix_command();
    completion->callback([&line, completion] {
        line.verb = Verb::completion;
        line.arguments = completion->remaining();
    });
    add_verb(root, line, "manual", "", Verb::manual)->group("");
}

// What was wrong, in one line, and what would be right in the next.
std::string complaint(CLI::App& root, const CLI::ParseError& error, std::span<const char* const> arguments) {
    std::vector<std::string> verbs;
    for (auto const* each : root.get_subcommands([](CLI::App*) { return true; })) {
        verbs.push_back(each->get_name());
    }
    if (arguments.size() < 2) {
        return root.help();
    }
    std::string_view const first = arguments[1];
    if (!first.starts_with('-') && std::ranges::find(verbs, first) == verbs.end()) {
        auto const near = detail::nearest_name(first, verbs);
        return concat({root.get_name(), ": there is no command ", first,
                       near.empty() ? concat({"; `", root.get_name(), " --help` lists them"})
                                    : concat({"; did you mean ", near, "?"}),
                       "\n"});
    }
    auto const& chosen = root.get_subcommands();
    auto const whose =
        chosen.empty() ? root.get_name() : concat({root.get_name(), " ", chosen.front()->get_name()});
    return concat({whose, ": ", error.what(), "; `", whose, " --help` shows what there is\n"});
}

void declare(CLI::App& root, CommandLine& line, const CommandSet& commands) {
    root.name(commands.program);
    root.description("Settings come from brio.toml and the environment too: `" + commands.program +
                     " config` shows them.");
    root.set_version_flag("--version", commands.program + " " + commands.version);
    root.require_subcommand(1);
    add_serve(root, line);
    if (commands.has_tasks) {
        add_worker(root, line);
        add_task(root, line);
        add_queue(root, line);
    }
    if (commands.has_schedule) {
        add_schedule(root, line);
    }
    if (commands.has_database) {
        add_migrate(root, line);
        add_backup(root, line);
    }
    if (commands.has_seed) {
        add_seed(root, line);
    }
    if (commands.has_load) {
        add_load(root, line);
    }
    add_cache(root, line);
    add_profile(root, line);
    detail::add_bench(root, line, commands.has_database, commands.has_seed);
    add_review(root, line);
    add_listings(root, line);
    add_own(root, line, commands);
    add_completion(root, line, commands);
}

}  // namespace

Usage usage_of_commands(const CommandSet& commands) {
    CommandLine line;
    CLI::App root;
    declare(root, line, commands);
    return usage_of(root);
}

ParsedCommandLine parse_command_line(std::span<const char* const> arguments, const CommandSet& commands) {
    CommandLine line;
    CLI::App root;
    declare(root, line, commands);
    try {
        root.parse(static_cast<int>(arguments.size()), arguments.data());
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        if (root.exit(error, out, out) == 0) {  // --help, --version
            return {.command = {}, .text = out.str(), .status = 0};
        }
        return {.command = {}, .text = complaint(root, error, arguments), .status = 2};
    }
    return {.command = std::move(line), .text = {}, .status = 0};
}

}  // namespace brio::app
