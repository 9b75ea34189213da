#include <brio/app/task_command.hpp>

#include <algorithm>
#include <cstdio>

#include <brio/app/database_commands.hpp>
#include <brio/app/detail/setting_table.hpp>
#include <brio/app/task_broker.hpp>
#include <brio/app/typed_task.hpp>
#include <brio/base/steady_wall.hpp>
#include <brio/base/text.hpp>
#include <brio/db/database.hpp>
#include <brio/runtime/run.hpp>
#include <brio/tasks/listing.hpp>
#include <brio/tasks/queue.hpp>
#include <brio/tasks/schedule_keeper.hpp>

namespace brio::app {

namespace {

constexpr std::size_t most_at_once = 10'000;  // dead tasks that one command retries or drops

/// What the commands work with.
struct Desk {
    const Program& program;
    const TaskWords& words;
    runtime::Loop& loop;
    tasks::Tasks& tasks;

    template <class T>
    T call(Async<T> what) const {
        return runtime::run(loop, std::move(what));
    }
    tasks::Broker& broker() const { return tasks.broker(); }
    int refuse(std::string_view why, int status) const {
        std::fputs(concat({program.name, ": ", why, "\n"}).c_str(), stderr);
        return status;
    }
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string counted(std::uint64_t count, std::string_view what) {
    return concat({integer_text(count), " ", what, count == 1 ? "" : "s"});
}

// `desk.words.name` is none of `names`.
int refuse_name(const Desk& desk, std::string_view what, const std::vector<std::string>& names) {
    const auto near = detail::nearest_name(desk.words.name, names);
    std::string all;
    for (const auto& name : names) {
        all += concat({all.empty() ? "" : ", ", name});
    }
    return desk.refuse(
        concat({"there is no ", what, " ", desk.words.name,
                near.empty() ? concat({"; there are ", all}) : concat({"; did you mean ", near, "?"})}),
        2);
}

int send(const Desk& desk) {
    const TaskWords& words = desk.words;
    const auto* definition = desk.tasks.find(words.name);
    if (definition == nullptr) {
        std::vector<std::string> names;
        for (const auto& each : desk.tasks.set().definitions) {
            names.emplace_back(each.policy.name);
        }
        return refuse_name(desk, "task", names);
    }
    const auto message = message_of(*definition, words.payload);
    if (!message) {
        return desk.refuse(message.error(), 2);
    }
    tasks::PushOptions options{.queue = words.queue};
    if (words.countdown > 0) {
        options.in = std::chrono::seconds(words.countdown);
    }
    const auto id = desk.call(
        tasks::Queue(desk.tasks).push_named(words.name, message->args, message->kwargs, std::move(options)));
    print(concat({id, "\n"}));
    return 0;
}

int show_result(const Desk& desk) {
    const auto& id = desk.words.ids.front();
    const auto status = desk.call(desk.broker().status(id));
    if (status.state == tasks::State::unknown) {
        return desk.refuse(concat({"no task ", id, " is known: there was none, or its result has expired"}),
                           1);
    }
    print(tasks::describe_task(status));
    return is_final(status.state) && status.state != tasks::State::done ? 1 : 0;
}

int list(const Desk& desk) {
    std::optional<tasks::State> wanted;
    for (auto each = tasks::State::pending; each <= tasks::State::revoked;
         each = static_cast<tasks::State>(static_cast<int>(each) + 1)) {
        if (name_of(each) == desk.words.state) {
            wanted = each;
        }
    }
    print(tasks::list_tasks(desk.call(desk.broker().list(wanted, desk.words.most))));
    return 0;
}

int revoke(const Desk& desk) {
    bool are_all_revoked = true;
    for (const auto& id : desk.words.ids) {
        const auto before = desk.call(desk.broker().status(id)).state;
        const bool is_revoked = desk.call(desk.broker().revoke(id));
        are_all_revoked = are_all_revoked && is_revoked;
        const auto became = !is_revoked ? concat({"is ", name_of(before), ": there is nothing to take back"})
                            : before == tasks::State::running ? std::string("is told to stop")
                                                              : std::string("is taken back");
        print(concat({id, " ", became, "\n"}));
    }
    return are_all_revoked ? 0 : 1;
}

// Those that are named, or else the dead that fit.
std::vector<std::string> chosen(const Desk& desk) {
    auto ids = desk.words.ids;
    if (ids.empty()) {
        for (auto& each : desk.call(desk.broker().dead(
                 {.queue = desk.words.queue, .name = desk.words.name, .most = most_at_once}))) {
            ids.push_back(std::move(each.id));
        }
    }
    return ids;
}

int change_dead(const Desk& desk, bool retries) {
    const TaskWords& words = desk.words;
    if (words.ids.empty() && !words.is_all && words.queue.empty() && words.name.empty()) {
        return desk.refuse("name the dead tasks by their ids, or with --queue, --name or --all", 2);
    }
    if (!words.ids.empty() && (words.is_all || !words.queue.empty() || !words.name.empty())) {
        return desk.refuse("give ids or --queue, --name, --all, not both", 2);
    }
    const auto ids = chosen(desk);
    const auto count = desk.call(retries ? desk.broker().retry_dead(ids) : desk.broker().drop_dead(ids));
    print(concat({counted(count, "dead task"), retries ? " ready again\n" : " dropped\n"}));
    if (words.ids.empty() && ids.size() == most_at_once) {
        print("there may be more: run it again\n");
    }
    return count < words.ids.size() ? 1 : 0;
}

int work_on_schedule(const Desk& desk, Verb verb) {
    const Timestamp now(steady_wall_now());
    const auto& schedule = desk.program.schedule;
    std::vector<tasks::EntryStatus> all;
    std::vector<std::string> names;
    for (const auto& entry : schedule.entries()) {
        names.push_back(entry.name);
        if (verb == Verb::schedule_list) {
            all.push_back(desk.call(tasks::status_of(desk.tasks, entry, now)));
        }
    }
    if (verb == Verb::schedule_list) {
        print(tasks::list_schedule(all));
        return 0;
    }
    const auto* entry = schedule.find(desk.words.name);
    if (entry == nullptr) {
        return refuse_name(desk, "entry of the schedule", names);
    }
    if (verb == Verb::schedule_run) {
        print(concat({desk.call(tasks::run_now(desk.tasks, *entry, now)), "\n"}));
        return 0;
    }
    desk.call(tasks::switch_entry(desk.tasks, *entry, verb == Verb::schedule_on, now));
    print(concat({entry->name, verb == Verb::schedule_on ? " is on\n" : " is off\n"}));
    return 0;
}

int carry_out(const Desk& desk, Verb verb) {
    const auto& queue = desk.words.queue;
    switch (verb) {
        case Verb::task_send: return send(desk);
        case Verb::task_result: return show_result(desk);
        case Verb::task_list: return list(desk);
        case Verb::task_revoke: return revoke(desk);
        case Verb::task_retry: return change_dead(desk, true);
        case Verb::task_drop: return change_dead(desk, false);
        case Verb::queue_pause:
        case Verb::queue_resume:
            desk.call(desk.broker().pause(queue, verb == Verb::queue_pause));
            print(concat({queue, verb == Verb::queue_pause ? " is paused\n" : " goes on\n"}));
            return 0;
        case Verb::queue_purge:
            print(concat({counted(desk.call(desk.broker().purge(queue)), "waiting task"), " dropped\n"}));
            return 0;
        case Verb::schedule_list:
        case Verb::schedule_on:
        case Verb::schedule_off:
        case Verb::schedule_run: return work_on_schedule(desk, verb);
        default:
            print(tasks::list_queues(desk.call(desk.broker().queues()), Timestamp(steady_wall_now())));
            return 0;
    }
}

}  // namespace

int run_task_command(const Program& program, const Settings& settings, const CommandLine& line) {
    if (const auto missing = missing_migrations(program, settings); !missing.empty()) {
        throw std::runtime_error(missing);
    }
    runtime::Loop loop;
    metrics::Registry registry;
    std::unique_ptr<tasks::Broker> shared;
    runtime::OffloadPool offload({.threads = 1});
    const auto database = open_database(program, settings, nullptr);
    std::unique_ptr<tasks::Broker> own;
    shared = open_shared_broker(settings, program.tasks, offload);
    if (shared == nullptr) {
        own = open_own_broker(settings, program.tasks, *database);
    }
    tasks::Tasks tasks(program.tasks, shared != nullptr ? *shared : *own, registry, settings.goals);
    return carry_out({.program = program, .words = line.task, .loop = loop, .tasks = tasks}, line.verb);
}

}  // namespace brio::app
