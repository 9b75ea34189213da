#include "top_reader.hpp"

#include <algorithm>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/runtime/scope.hpp>

namespace brio::tool {

namespace {

// What the process has of it; nothing where it has none, as a worker has no goals.
template <class T>
Async<std::optional<T>> get_if(const Admin* admin, const ProgramAnswer* program, std::string path,
                               std::string query = {}) {
    if (std::ranges::find(program->paths, path) == program->paths.end()) {
        co_return std::nullopt;
    }
    try {
        co_return co_await admin->get<T>(path + query);
    } catch (const AdminFailed& failed) {
        if (failed.cause == AdminFailed::Cause::absent) {
            co_return std::nullopt;
        }
        throw;
    }
}

Async<ProgramAnswer> greet(const Admin* admin) {
    try {
        co_return co_await admin->get<ProgramAnswer>("/api/program");
    } catch (const AdminFailed& failed) {
        if (failed.cause == AdminFailed::Cause::nobody || failed.cause == AdminFailed::Cause::token) {
            throw;
        }
        throw AdminFailed(AdminFailed::Cause::stranger,
                          concat({admin->url(),
                                  " answers, but not as the admin port of a Brio service: that is "
                                  "8000 unless BRIO_ADMIN_PORT says otherwise"}));
    }
}

Async<ProcessState> ask(const Admin* admin, Wanted wanted) {
    ProcessState process{.url = admin->url()};
    process.program = co_await greet(admin);
    const auto* program = &*process.program;
    if (auto answer = co_await get_if<GoalsAnswer>(admin, program, "/goals")) {
        process.goals = std::move(answer->goals);
    }
    if (auto answer = co_await get_if<WorksAnswer>(admin, program, "/api/work")) {
        process.work = std::move(answer->work);
    }
    process.usage = co_await get_if<UsageAnswer>(admin, program, "/api/usage");
    process.tasks = co_await get_if<TasksAnswer>(admin, program, "/api/tasks", "?state=running&top=50");
    process.instances = co_await get_if<InstancesAnswer>(admin, program, "/api/instances");
    process.log = co_await get_if<LogAnswer>(admin, program, "/api/log");
    if (wanted.queries) {
        process.queries = co_await get_if<QueriesAnswer>(admin, program, "/api/queries");
    }
    process.at = Timestamp(wall_now());
    co_return process;
}

}  // namespace

TopReader::TopReader(Options options) : options_(std::move(options)), client_(options_.timeout) {
    for (const auto& url : options_.urls) {
        admins_.emplace_back(client_, url, options_.token);
        state_.processes.push_back({.url = url});
    }
}

Async<void> TopReader::read(Wanted wanted) {
    {
        runtime::Scope scope(co_await runtime::current_work);
        for (std::size_t i = 0; i < admins_.size(); ++i) {
            scope.start(read_one(i, wanted));
        }
        co_await scope.join();
    }
    if (options_.follows_all) {
        const auto known = admins_.size();
        take_in_others();
        runtime::Scope scope(co_await runtime::current_work);
        for (std::size_t i = known; i < admins_.size(); ++i) {
            scope.start(read_one(i, wanted));
        }
        co_await scope.join();
    }
    state_.at = Timestamp(wall_now());
}

Async<void> TopReader::read_one(std::size_t at, Wanted wanted) {
    try {
        auto answered = co_await ask(&admins_[at], wanted);
        if (!wanted.queries) {
            answered.queries = std::move(state_.processes[at].queries);
        }
        state_.processes[at] = std::move(answered);
    } catch (const runtime::Cancelled&) {
        throw;
    } catch (const std::exception& failed) {
        state_.processes[at].problem = failed.what();
    }
}

void TopReader::take_in_others() {
    forget_gone();
    for (std::size_t i = 0; i < state_.processes.size(); ++i) {
        for (auto& url : other_admin_ports(state_.processes[i])) {
            const bool is_known = std::ranges::find(admins_, url, &Admin::url) != admins_.end();
            if (!is_known && admins_.size() < most_processes) {
                admins_.emplace_back(client_, url, options_.token);
                state_.processes.push_back({.url = std::move(url)});
            }
        }
    }
}

// Those that were found, do not answer, and are not spoken of any more.
void TopReader::forget_gone() {
    std::vector<std::string> spoken_of;
    for (const auto& each : state_.processes) {
        std::ranges::move(other_admin_ports(each), std::back_inserter(spoken_of));
    }
    for (auto i = admins_.size(); i-- > options_.urls.size();) {
        const auto& process = state_.processes[i];
        if (!process.problem.empty() && std::ranges::find(spoken_of, process.url) == spoken_of.end()) {
            admins_.erase(admins_.begin() + static_cast<std::ptrdiff_t>(i));
            state_.processes.erase(state_.processes.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
}

std::string TopReader::failure() const {
    const bool has_one =
        std::ranges::any_of(state_.processes, [](const auto& each) { return each.program.has_value(); });
    return has_one || state_.processes.empty() ? std::string() : state_.processes.front().problem;
}

}  // namespace brio::tool
