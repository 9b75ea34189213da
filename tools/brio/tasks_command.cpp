#include "tasks_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <set>

#include <brio/base/clock.hpp>
#include <brio/base/terminal_text.hpp>
#include <brio/base/text.hpp>
#include <brio/json/raw.hpp>
#include <brio/json/write.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/tasks/listing.hpp>

#include "admin.hpp"
#include "admin_answers.hpp"
#include "tasks_words.hpp"

namespace brio::tool {

namespace {

constexpr std::size_t most_at_once = 10'000;  // dead tasks that one command retries or drops
constexpr std::size_t asked_at_once = 32;     // of them, side by side
constexpr std::size_t most_listed = 1'000;    // that the service tells in one answer

struct Desk {
    const TaskWords& words;
    runtime::Loop& loop;
    const Admin& admin;

    template <class T>
    T call(Async<T> what) const {
        return runtime::run(loop, std::move(what));
    }
    template <class T>
    T get(std::string target) const {
        return call(admin.get<T>(std::move(target)));
    }
    std::string ask(std::string method, std::string target, std::string body = {}) const {
        return call(admin.ask(std::move(method), std::move(target), std::move(body)));
    }
    template <class T>
    T change(std::string method, std::string target, std::string body = {}) const {
        return call(admin.change<T>(std::move(method), std::move(target), std::move(body)));
    }
};

struct Changed {
    static constexpr bool open_object = true;
    std::uint64_t tasks = 0;
};
struct Removed {
    static constexpr bool open_object = true;
    std::string was;
    bool is_cancelled = false;
};
struct Started {
    static constexpr bool open_object = true;
    std::string task_id;
};
struct NewTask {
    std::string name;
    json::Raw arguments;
    std::optional<std::string> queue;
    std::uint32_t countdown_seconds = 0;
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int refuse(std::string_view why, int status) {
    std::fputs(concat({"brio tasks: ", why, "\n"}).c_str(), stderr);
    return status;
}

std::string counted(std::uint64_t count, std::string_view what) {
    return concat({integer_text(count), " ", what, count == 1 ? "" : "s"});
}

// As the tables of the programs' own commands have them.
tasks::Status status_of(const TaskAnswer& task) {
    auto state = tasks::State::unknown;
    for (auto each = state; each <= tasks::State::revoked;
         each = static_cast<tasks::State>(static_cast<int>(each) + 1)) {
        state = tasks::name_of(each) == task.state ? each : state;
    }
    return {.state = state,
            .id = task.id,
            .name = task.name,
            .queue = task.queue,
            .failures = task.failures,
            .deaths = task.deaths,
            .progress = task.progress,
            .progress_words = task.progress_words,
            .result = task.result,
            .error = task.error,
            .error_type = task.error_type,
            .pushed_at = task.pushed_at,
            .due = task.due,
            .begun_at = task.begun_at,
            .ended_at = task.ended_at};
}

int show_queues(const Desk& desk) {
    const auto answer = desk.get<TasksAnswer>("/api/tasks?top=1");
    if (desk.words.is_json) {
        print(json::to_string(answer.queues) + "\n");
        return 0;
    }
    std::vector<tasks::QueueStatus> queues;
    for (const auto& each : answer.queues) {
        queues.push_back({.name = each.name,
                          .ready = each.ready,
                          .scheduled = each.scheduled,
                          .running = each.running,
                          .dead = each.dead,
                          .oldest = each.oldest,
                          .is_paused = each.is_paused});
    }
    if (!answer.warning.empty()) {
        std::fputs(concat({"brio tasks: ", printable(answer.warning), "\n"}).c_str(), stderr);
    }
    print(tasks::list_queues(queues, Timestamp(wall_now())));
    return 0;
}

int list(const Desk& desk) {
    auto target = concat({"/api/tasks?top=", integer_text(desk.words.most)});
    if (!desk.words.state.empty()) {
        target += concat({"&state=", desk.words.state});
    }
    const auto answer = desk.get<TasksAnswer>(std::move(target));
    if (desk.words.is_json) {
        print(json::to_string(answer.tasks) + "\n");
        return 0;
    }
    std::vector<tasks::Status> all;
    std::ranges::transform(answer.tasks, std::back_inserter(all), status_of);
    print(tasks::list_tasks(all));
    return 0;
}

int show(const Desk& desk) {
    const auto& id = desk.words.ids.front();
    std::string body;
    try {
        body = desk.ask("GET", concat({"/api/tasks/", escaped(id)}));
    } catch (const AdminFailed& failed) {
        if (failed.cause != AdminFailed::Cause::absent) {
            throw;
        }
        return refuse(concat({"no task ", id, " is known: there was none, or its result has expired"}), 1);
    }
    const auto task = json::read<TaskAnswer>(body);
    if (!task) {
        return refuse(concat({"what the service says of ", id, " cannot be read: ", describe(task.error())}),
                      1);
    }
    const auto status = status_of(*task);
    print(desk.words.is_json ? body + "\n" : tasks::describe_task(status));
    return is_final(status.state) && status.state != tasks::State::done ? 1 : 0;
}

int send(const Desk& desk) {
    const auto& words = desk.words;
    const NewTask task{
        .name = words.name,
        .arguments = json::Raw(words.arguments.empty() ? "{}" : words.arguments),
        .queue = words.queue.empty() ? std::nullopt : std::optional(words.queue),
        .countdown_seconds = words.countdown,
    };
    if (const auto read = json::read<json::Raw>(task.arguments.text); !read) {
        return refuse(concat({"what follows the task's name ", describe(read.error())}), 2);
    }
    const auto started = desk.change<Started>("POST", "/api/tasks", json::to_string(task));
    print(words.is_json ? json::to_string(started) + "\n" : started.task_id + "\n");
    return 0;
}

/// Whether whoever types is sure. Nobody who cannot be asked is.
bool is_sure(const Desk& desk, const std::string& what) {
    if (desk.words.is_sure) {
        return true;
    }
    if (::isatty(STDIN_FILENO) == 0) {
        throw std::invalid_argument(concat({"this would ", what, ": say --yes"}));
    }
    std::fputs(concat({what, "? [y/N] "}).c_str(), stderr);
    std::string answer;
    return std::getline(std::cin, answer) && (answer == "y" || answer == "yes");
}

// The dead that fit and were not seen yet.
std::vector<std::string> next_dead(const Desk& desk, std::set<std::string>& seen) {
    auto target = concat({"/api/tasks?top=", integer_text(most_listed)});
    for (const auto& [name, value] : {std::pair("queue", &desk.words.queue), {"name", &desk.words.name}}) {
        if (!value->empty()) {
            target += concat({"&", name, "=", escaped(*value)});
        }
    }
    std::vector<std::string> ids;
    for (const auto& each : desk.get<TasksAnswer>(std::move(target)).dead) {
        if (seen.insert(each.id).second) {
            ids.push_back(each.id);
        }
    }
    return ids;
}

/// Each at its own address; 1 in `done` for those that were changed. What was not there any more is no error.
Async<void> change_one(const Admin* admin, std::string id, bool retries, std::size_t* done) {
    try {
        co_await admin->ask(retries ? "POST" : "DELETE",
                            concat({"/api/tasks/", escaped(id), retries ? "/retry" : ""}));
        ++*done;
    } catch (const AdminFailed& failed) {
        if (failed.cause != AdminFailed::Cause::absent && failed.cause != AdminFailed::Cause::refused) {
            throw;
        }
        std::fputs(concat({"brio tasks: ", id, ": ", failed.what(), "\n"}).c_str(), stderr);
    }
}

Async<std::size_t> change_each(const Admin* admin, std::vector<std::string> ids, bool retries) {
    std::size_t done = 0;
    for (std::size_t from = 0; from < ids.size(); from += asked_at_once) {
        runtime::Scope scope(co_await runtime::current_work);
        for (auto i = from; i < std::min(from + asked_at_once, ids.size()); ++i) {
            scope.start(change_one(admin, ids[i], retries, &done));
        }
        co_await scope.join();
    }
    co_return done;
}

// Of ids that were typed, only dead ones: a task that waits is taken back by `revoke`.
std::vector<std::string> only_dead(const Desk& desk) {
    std::vector<std::string> dead;
    for (const auto& id : desk.words.ids) {
        try {
            const auto task = desk.get<TaskAnswer>(concat({"/api/tasks/", escaped(id)}));
            if (task.state == tasks::name_of(tasks::State::failed)) {
                dead.push_back(id);
            } else {
                refuse(concat({id, " is ", task.state, ", not dead"}), 1);
            }
        } catch (const AdminFailed& failed) {
            if (failed.cause != AdminFailed::Cause::absent) {
                throw;
            }
            refuse(concat({id, ": ", failed.what()}), 1);
        }
    }
    return dead;
}

int change_dead(const Desk& desk, bool retries) {
    const auto& words = desk.words;
    const bool is_named = !words.ids.empty();
    std::set<std::string> seen;
    auto ids = is_named ? only_dead(desk) : next_dead(desk, seen);
    const auto many =
        concat({ids.size() == most_listed ? "at least " : "", counted(ids.size(), "dead task")});
    if (!retries && !ids.empty() && !is_sure(desk, concat({"drop ", many}))) {
        return refuse("nothing was dropped", 1);
    }
    std::size_t done = 0;
    while (!ids.empty()) {
        done += desk.call(change_each(&desk.admin, std::move(ids), retries));
        ids = is_named || seen.size() >= most_at_once ? std::vector<std::string>() : next_dead(desk, seen);
    }
    print(words.is_json ? json::to_string(Changed{done}) + "\n"
                        : concat({counted(done, "dead task"), retries ? " ready again\n" : " dropped\n"}));
    if (seen.size() >= most_at_once) {
        print("there may be more: run it again\n");
    }
    return done < words.ids.size() ? 1 : 0;
}

int revoke(const Desk& desk) {
    bool are_all_revoked = true;
    for (const auto& id : desk.words.ids) {
        try {
            const auto task = desk.get<TaskAnswer>(concat({"/api/tasks/", escaped(id)}));
            if (task.state == tasks::name_of(tasks::State::failed)) {
                refuse(concat({id, " is dead: there is nothing to take back"}), 1);
                are_all_revoked = false;
                continue;
            }
            const auto removed = desk.change<Removed>("DELETE", concat({"/api/tasks/", escaped(id)}));
            print(concat({id, removed.is_cancelled ? " is told to stop\n" : " is taken back\n"}));
        } catch (const AdminFailed& failed) {
            if (failed.cause != AdminFailed::Cause::absent && failed.cause != AdminFailed::Cause::refused) {
                throw;
            }
            refuse(concat({id, ": ", failed.what()}), 1);
            are_all_revoked = false;
        }
    }
    return are_all_revoked ? 0 : 1;
}

int work_on_queue(const Desk& desk) {
    const auto& words = desk.words;
    const auto target = concat({"/api/queues/", escaped(words.name)});
    if (words.verb == TaskVerb::purge) {
        if (!is_sure(desk, concat({"drop all that waits in ", words.name}))) {
            return refuse("nothing was dropped", 1);
        }
        const auto changed = desk.change<Changed>("DELETE", target);
        print(words.is_json ? json::to_string(changed) + "\n"
                            : concat({counted(changed.tasks, "waiting task"), " dropped\n"}));
        return 0;
    }
    const bool pauses = words.verb == TaskVerb::pause;
    const auto body = desk.ask("POST", concat({target, pauses ? "/pause" : "/resume"}));
    print(words.is_json ? body + "\n" : concat({words.name, pauses ? " is paused\n" : " goes on\n"}));
    return 0;
}

int work_on_schedule(const Desk& desk) {
    const auto& words = desk.words;
    if (words.verb == TaskVerb::schedule) {
        const auto answer = desk.get<ScheduleAnswer>("/api/schedule");
        std::vector<tasks::EntryStatus> all;
        for (const auto& each : answer.entries) {
            all.push_back({.name = each.name,
                           .when = each.when,
                           .task = each.task,
                           .is_on = each.is_on,
                           .last = each.last,
                           .next = each.next});
        }
        print(words.is_json ? json::to_string(answer.entries) + "\n" : tasks::list_schedule(all));
        return 0;
    }
    const auto target = concat({"/api/schedule/", escaped(words.name)});
    if (words.verb == TaskVerb::run) {
        const auto started = desk.change<Started>("POST", concat({target, "/run"}));
        print(words.is_json ? json::to_string(started) + "\n" : started.task_id + "\n");
        return 0;
    }
    const bool is_on = words.verb == TaskVerb::turn_on;
    const auto body = desk.ask("POST", concat({target, is_on ? "/on" : "/off"}));
    print(words.is_json ? body + "\n" : concat({words.name, is_on ? " is on\n" : " is off\n"}));
    return 0;
}

int carry_out(const Desk& desk) {
    switch (desk.words.verb) {
        case TaskVerb::list: return list(desk);
        case TaskVerb::show: return show(desk);
        case TaskVerb::send: return send(desk);
        case TaskVerb::retry: return change_dead(desk, true);
        case TaskVerb::drop: return change_dead(desk, false);
        case TaskVerb::revoke: return revoke(desk);
        case TaskVerb::pause:
        case TaskVerb::resume:
        case TaskVerb::purge: return work_on_queue(desk);
        case TaskVerb::schedule:
        case TaskVerb::turn_on:
        case TaskVerb::turn_off:
        case TaskVerb::run: return work_on_schedule(desk);
        default: return show_queues(desk);
    }
}

}  // namespace

int run_tasks(const std::vector<std::string>& arguments) {
    const auto parsed = parse_task_words(arguments);
    if (!parsed.words) {
        std::fputs(parsed.text.c_str(), parsed.status == 0 ? stdout : stderr);
        return parsed.status;
    }
    try {
        runtime::Loop loop;
        AdminClient client(std::chrono::seconds(10));
        const Admin admin(client, parsed.words->admin, admin_token());
        return carry_out({.words = *parsed.words, .loop = loop, .admin = admin});
    } catch (const std::invalid_argument& error) {
        return refuse(error.what(), 2);
    } catch (const AdminFailed& error) {
        const auto is_absent = error.cause == AdminFailed::Cause::absent;
        return refuse(is_absent ? concat({parsed.words->admin, " says: ", error.what(),
                                          "; is it the admin port of a service with background tasks?"})
                                : std::string(error.what()),
                      1);
    } catch (const std::exception& error) {
        return refuse(error.what(), 1);
    }
}

}  // namespace brio::tool
