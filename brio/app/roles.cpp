#include <brio/app/roles.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include <brio/app/backup_command.hpp>
#include <brio/app/bench_command.hpp>
#include <brio/app/cache_command.hpp>
#include <brio/app/command_line.hpp>
#include <brio/app/database_commands.hpp>
#include <brio/app/doctor.hpp>
#include <brio/app/goals_command.hpp>
#include <brio/app/handover.hpp>
#include <brio/app/instance_keeper.hpp>
#include <brio/app/listing.hpp>
#include <brio/app/load_command.hpp>
#include <brio/app/migrate_commands.hpp>
#include <brio/app/profile_command.hpp>
#include <brio/app/program_file.hpp>
#include <brio/app/recordings.hpp>
#include <brio/app/review_command.hpp>
#include <brio/app/server_process.hpp>
#include <brio/app/standard_routes.hpp>
#include <brio/app/supervisor.hpp>
#include <brio/app/task_command.hpp>
#include <brio/app/usage_commands.hpp>
#include <brio/app/worker_process.hpp>
#include <brio/base/text.hpp>
#include <brio/db/migrate.hpp>

namespace brio::app {
namespace {

struct Role {
    Program& program;
    const CommandLine& line;
    Configuration configuration;
    std::vector<std::string> arguments = {};  // all that was typed, the program's name first
    std::optional<Handover> before = {};      // serve: this program follows itself
    Recordings* recordings = nullptr;         // of serve and worker
    std::string instance = before ? before->instance : new_instance_id();

    const Settings& settings() const noexcept { return configuration.values; }
    /// It was started from its file as the next server process of a supervisor.
    bool is_fresh_server() const noexcept { return before && !before->kept; }
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void complain(const Program& program, std::string_view message) {
    auto const line = concat({program.name, ": ", message, "\n"});
    std::fwrite(line.data(), 1, line.size(), stderr);
}

Configuration read_settings(const Program& program, const CommandLine& line) {
    auto configuration = configure(sources_of_process(program.defaults, line.settings));
    for (auto const& warning : configuration.warnings) {
        complain(program, warning);
    }
    for (auto const& error : configuration.errors) {
        complain(program, error);
    }
    return configuration;
}

void say_hello(const Role& role, const Listeners& listeners) {
    if (role.settings().mode != Mode::development) {
        return;
    }
    auto const admin =
        listeners.admin_port != 0 ? url_of(role.settings().admin_host, listeners.admin_port) : "";
    print(greet({.program = role.program.name,
                 .version = role.program.version,
                 .api_url = url_of_api(role.settings(), listeners.api_port),
                 .admin_url = admin},
                role.program.router));
    std::fflush(stdout);
}

// The body of a server process.
int serve_in_process(Role role, const ServerStart& start) {
    try {
        // What the files say now; who was started from the program's file has just read them.
        if (!start.is_first && !role.is_fresh_server()) {
            role.configuration = read_settings(role.program, role.line);
            if (!role.configuration.errors.empty()) {
                return 2;
            }
        }
        ServerStart announced = start;
        announced.recordings = role.recordings;
        announced.instance = role.instance;
        announced.ready = [&] {
            if (start.is_first) {
                say_hello(role, start.listeners);
            }
            log_info("serving", {{"pid", ::getpid()}, {"port", start.listeners.api_port}});
            start.ready();
        };
        return run_server(role.program, role.settings(), announced);
    } catch (const std::exception& error) {
        complain(role.program, error.what());
        return 1;
    }
}

std::vector<std::string> split_words(std::string_view text, char between) {
    std::vector<std::string> words;
    while (!text.empty()) {
        auto const end = std::min(text.find(between), text.size());
        if (auto const word = trim(text.substr(0, end)); !word.empty()) {
            words.emplace_back(word);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

// The body of a worker process.
int work_in_process(Role role, int counts, std::size_t place) {
    try {
        role.configuration = read_settings(role.program, role.line);  // what the files say now
        if (!role.configuration.errors.empty()) {
            return 2;
        }
        return run_worker(role.program, role.settings(),
                          {.counts = counts,
                           .recordings = role.recordings,
                           .instance = instance_id_of_worker(role.instance, place),
                           .cell = &role.recordings->workers.cells[place],
                           .is_supervised = true});
    } catch (const std::exception& error) {
        complain(role.program, error.what());
        return 1;
    }
}

int work(const Role& role) {
    if (role.program.tasks.empty()) {
        complain(role.program, "this program has no background tasks: there is nothing to work on");
        return 2;
    }
    SharedMemory<Recordings> const recordings;
    SharedRecentLog const log(recordings->log);
    WorkerStart start{.queues = split_words(role.line.queues, ','),
                      .lease = role.line.lease,
                      .admin_port = role.line.worker_admin_port,
                      .requires_durable = role.line.requires_durable,
                      .recordings = &*recordings,
                      .instance = role.instance,
                      .manager = take_service_manager()};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return run_worker(role.program, role.settings(), start);
}

// Which every program has one of, unless somebody says otherwise.
bool asks_for_workers(const Configuration& configuration) {
    auto const line = std::ranges::find(configuration.lines, "BRIO_WORKERS", &SettingLine::name);
    return configuration.values.workers_most > 0 && line->origin != Origin::program;
}

// Of the program before, where it was the same.
runtime::File file_of_recordings(const std::optional<Handover>& before, const FileIdentity& file) {
    if (!before) {
        return memory_file("brio-recordings");
    }
    runtime::File kept(before->recordings);
    runtime::File next(before->next_recordings);
    return before->file == file ? std::move(kept) : std::move(next);
}

// Sockets that the settings ask for by now are the supervisor's too, once this process answers.
int serve_in_fresh_process(const Role& role) {
    auto listeners = own(role.before->listeners);
    if (role.settings().thread_count() <= most_told_listeners &&
        follow_settings(listeners, role.settings())) {
        tell(role.before->news, {.pid = ::getpid(), .listeners = describe(listeners)});
    }
    return serve_anew(*role.before, listeners,
                      [&](const ServerStart& start) { return serve_in_process(role, start); });
}

// What may pass from the request to stop to the end of the last process.
std::chrono::nanoseconds stop_time(const Settings& settings) {
    constexpr std::chrono::seconds after_grace{4};  // for what was stopped, and for saying farewell
    return settings.drain_wait + settings.grace + after_grace;
}

ServiceManagerAddress service_manager(const std::optional<Handover>& before) {
    return before ? ServiceManagerAddress{.socket = before->kept->notify_socket,
                                          .watchdog = std::chrono::microseconds(before->kept->watchdog_us)}
                  : take_service_manager();
}

Listeners first_listeners(const Role& role) {
    if (role.before) {
        return own(role.before->listeners);
    }
    auto handed_over = handed_over_listeners();
    return handed_over ? *std::move(handed_over) : open_listeners(role.settings());
}

int serve(Role role) {
    auto const file = identity_of_running();
    auto const memory = file_of_recordings(role.before, file);
    SharedMemory<Recordings> const recordings(memory.fd());
    SharedRecentLog const log(recordings->log);
    role.recordings = &*recordings;
    if (role.is_fresh_server()) {
        return serve_in_fresh_process(role);
    }
    auto const has_tasks = !role.program.tasks.empty();
    auto const& settings = role.settings();
    if (!has_tasks && asks_for_workers(role.configuration)) {
        log_info("this program has no background tasks: no worker process is started");
    }
    for (auto const& warning : role.program.tasks.routes.warnings()) {
        complain(role.program, warning);
    }
    return supervise(
        {.listeners = first_listeners(role),
         .serve = [&](const ServerStart& start) { return serve_in_process(role, start); },
         .workers = {.count = has_tasks ? WorkerBounds{settings.workers_least, settings.workers_most}
                                        : WorkerBounds{},
                     .goal = settings.goals.task,
                     .board = &recordings->workers,
                     .work = [&](int counts,
                                 std::size_t place) { return work_in_process(role, counts, place); }},
         .anew = {.program = role.before ? role.before->program : path_of_program(role.arguments.front()),
                  .arguments = role.arguments,
                  .instance = role.instance,
                  .file = file,
                  .recordings = memory.fd()},
         .limits = {.start_time = role.settings().restart, .stop_wait = role.settings().drain_wait},
         .stop_time = stop_time(role.settings()),
         .manager = service_manager(role.before),
         .before = role.before});
}

int run_own(const Role& role) {
    for (auto const& command : role.program.commands) {
        if (command.name == role.line.own_name) {
            return with_database(role.program, role.settings(), [&](db::Database* database) {
                return command.run(
                    {.settings = role.settings(), .database = database, .arguments = role.line.arguments});
            });
        }
    }
    return 2;
}

int list(const Role& role) {
    StandardRoutes standard(role.program.router, {.title = role.program.name,
                                                  .version = role.program.version,
                                                  .description = role.program.description});
    standard.add();
    switch (role.line.verb) {
        case Verb::routes: print(list_routes(role.program.router, role.program.middlewares)); break;
        case Verb::goals:
            return role.line.as_rules ? print_prometheus_rules(role.program, role.settings())
                                      : show_goals(role.program, role.settings());
        case Verb::config: print(list_settings(role.configuration)); break;
        default: print(concat({standard.document().asset().identity, "\n"}));
    }
    return 0;
}

int carry_out(const Role& role) {
    switch (role.line.verb) {
        case Verb::serve: return serve(role);
        case Verb::worker: return work(role);
        case Verb::migrate_upgrade:
        case Verb::migrate_downgrade:
        case Verb::migrate_current:
        case Verb::migrate_history:
        case Verb::migrate_sql:
        case Verb::migrate_new:
        case Verb::migrate_check: return migrate(role.program, role.settings(), role.line);
        case Verb::seed: return seed(role.program, role.settings(), role.line);
        case Verb::load: return load_test(role.program, role.settings(), role.line.arguments);
        case Verb::backup: return back_up(role.program, role.settings(), role.line);
        case Verb::cache_clear: return clear_cache(role.program, role.settings(), role.line);
        case Verb::task_send:
        case Verb::task_result:
        case Verb::task_list:
        case Verb::task_revoke:
        case Verb::task_retry:
        case Verb::task_drop:
        case Verb::queue_stats:
        case Verb::queue_pause:
        case Verb::queue_resume:
        case Verb::queue_purge:
        case Verb::schedule_list:
        case Verb::schedule_on:
        case Verb::schedule_off:
        case Verb::schedule_run: return run_task_command(role.program, role.settings(), role.line);
        case Verb::profile: return profile_program(role.settings(), role.line.profile);
        case Verb::bench: return bench_program(role.program, role.settings(), role.line);
        case Verb::review: return review_program(role.program, role.settings(), role.line.review);
        case Verb::own: return run_own(role);
        case Verb::doctor: return examine(role.program, role.configuration);
        default: return list(role);
    }
}

CommandSet commands_of(const Program& program) {
    CommandSet commands{.program = program.name,
                        .version = program.version,
                        .has_database = program.has_database,
                        .has_seed = program.seed != nullptr,
                        .has_tasks = !program.tasks.empty(),
                        .has_schedule = !program.schedule.empty(),
                        .has_load = program.load.has_value(),
                        .own = {}};
    for (auto const& own : program.commands) {
        commands.own.emplace_back(own.name, own.help);
    }
    return commands;
}

// Whatever the settings are.
int describe(const Program& program, const CommandLine& line) {
    auto const usage = complete_usage(program, usage_of_commands(commands_of(program)));
    if (line.verb == Verb::completion) {
        return print_completion(usage, line.arguments);
    }
    print(manual_of(program, usage));
    return 0;
}

}  // namespace

int carry_out(Program& program, int argc, const char* const* argv) {
    std::signal(SIGXFSZ, SIG_IGN);  // a file at its size limit is an error of the write, as a full disk is
    try {
        auto const parsed = parse_command_line({argv, static_cast<std::size_t>(argc)}, commands_of(program));
        if (!parsed.command) {
            std::fwrite(parsed.text.data(), 1, parsed.text.size(), parsed.status == 0 ? stdout : stderr);
            return parsed.status;
        }
        if (parsed.command->verb == Verb::completion || parsed.command->verb == Verb::manual) {
            return describe(program, *parsed.command);
        }
        auto before = take_handover();
        Role role{.program = program,
                  .line = *parsed.command,
                  .configuration = read_settings(program, *parsed.command),
                  .arguments = {argv, argv + argc},
                  .before = std::move(before)};
        if (!role.configuration.errors.empty() && parsed.command->verb != Verb::doctor) {
            return 2;
        }
        configure_log({.format = role.settings().log});
        return carry_out(role);
    } catch (const db::UnknownRevision& error) {
        complain(program, error.what());
        return 2;
    } catch (const std::exception& error) {
        complain(program, error.what());
        return 1;
    }
}

}  // namespace brio::app
