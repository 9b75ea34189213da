// A program for tests of background tasks: each try of one leaves a line in the file that EFFECTS names, with
// the time, the task's number, what was tried before, and the process.
#include <brio/app/app.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/response.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/provide.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

namespace {

using namespace brio;
using namespace std::chrono_literals;

// The tables of tasks make themselves; a program has a database when it has migrations.
db::Migration const migrations[] = {{"0001_nothing",
                                     db::up(db::create_table("nothing", {{"id", db::column::id}})),
                                     db::down(db::drop_table("nothing"))}};

struct Mark {
    std::int64_t number;
    std::int32_t takes_ms = 0;
    static constexpr tasks::Policy policy{.name = "tests.mark"};
};
struct Fail {
    std::int64_t number;
    static constexpr tasks::Policy policy{.name = "tests.fail"};
};
struct Crash {
    std::int64_t number;
    static constexpr tasks::Policy policy{.name = "tests.crash"};
};

void leave_line(std::int64_t number, tasks::Attempt attempt) {
    static int const file = ::open(std::getenv("EFFECTS"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    auto const line = concat({integer_text(wall_now().time_since_epoch().count()), " ", integer_text(number),
                              " ", integer_text(attempt.failures), " ", integer_text(attempt.deaths), " ",
                              integer_text(::getpid()), "\n"});
    if (::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        throw std::runtime_error("EFFECTS names no file that can be written");
    }
}

Async<std::int64_t> mark(Mark task, tasks::Attempt attempt) {
    co_await runtime::sleep_for(std::chrono::milliseconds(task.takes_ms));
    leave_line(task.number, attempt);
    co_return task.number;
}
void fail(Fail task, tasks::Attempt attempt) {
    leave_line(task.number, attempt);
    throw std::runtime_error("as it was told to");
}
void crash(Crash task, tasks::Attempt attempt) {
    leave_line(task.number, attempt);
    std::abort();
}

struct Wanted {
    std::int64_t first = 0;
    std::int64_t count = 1;
    std::int32_t takes_ms = 0;
};
struct Pushed {
    std::vector<std::string> ids;
};

template <class Task>
Async<http::Accepted<Pushed>> push(http::Body<Wanted> body, Queue queue) {
    std::vector<Task> all;
    for (std::int64_t i = 0; i < body->count; ++i) {
        Task task{.number = body->first + i};
        if constexpr (requires { task.takes_ms; }) {
            task.takes_ms = body->takes_ms;
        }
        all.push_back(task);
    }
    co_return http::Accepted{Pushed{co_await queue.push_all(std::move(all))}};
}

void routes(http::Router& api) {
    api.post<"/marks">(push<Mark>);
    api.post<"/failures">(push<Fail>);
    api.post<"/crashes">(push<Crash>);
}

}  // namespace

int main(int argc, char** argv) {
    auto app = App("service_tasks", migrations);
    app.use(http::measure(), http::deadlines()).routes(routes).tasks(mark, fail, crash);
    return app.run(argc, argv);
}
