// A program for tests of background tasks: each try of one leaves a line in the file that EFFECTS names, with
// the time, the same of a clock that only goes forward, the task's number, what was tried before, and the
// process. Where BEGUN names a file, a mark leaves such a line there when it begins.
#include <brio/app/app.hpp>
#include <brio/db/provide.hpp>
#include <brio/http/client.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/response.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/provide.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <mutex>
#include <numeric>

namespace {

using namespace brio;
using namespace std::chrono_literals;

struct Order {
    Id<Order> id;
    std::int64_t number;
};
constexpr auto orders = table<Order>("orders");
struct NewOrder {
    std::int64_t number;
};

// The tables of tasks make themselves.
db::Migration const migrations[] = {
    {"0001_orders",
     db::up(db::create_table("orders", {{"id", db::column::id}, {"number", db::column::integer}})),
     db::down(db::drop_table("orders"))}};

struct Mark {
    std::int64_t number;
    std::int32_t takes_ms = 0;
    std::int32_t keeps_mib = 0;  // of memory, until the process ends
    static constexpr tasks::Policy policy{.name = "app.worker.mark"};
};
struct UrgentMark {
    std::int64_t number;
    static constexpr tasks::Policy policy{.name = "app.worker.high_priority.mark"};
};
struct Brief {
    std::int64_t number;
    static constexpr tasks::Policy policy{
        .name = "tests.brief", .goal = 700ms, .share = 0.9, .result_lasts = 2s};
};
struct Fail {
    std::int64_t number;
    static constexpr tasks::Policy policy{.name = "tests.fail"};
};
struct Crash {
    std::int64_t number;
    static constexpr tasks::Policy policy{.name = "tests.crash"};
};

struct Total {
    std::vector<std::int64_t> marks;
    std::int64_t number;
    static constexpr tasks::Policy policy{.name = "app.worker.total", .takes_previous = true};
};

int file_of(const char* variable) {
    const char* const path = std::getenv(variable);
    return path == nullptr ? -1 : ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

void leave_line(int file, std::int64_t number, tasks::Attempt attempt) {
    auto const line = concat({integer_text(wall_now().time_since_epoch().count()), " ",
                              integer_text(monotonic_now().count() / 1000), " ", integer_text(number), " ",
                              integer_text(attempt.failures), " ", integer_text(attempt.deaths), " ",
                              integer_text(::getpid()), "\n"});
    if (::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        throw std::runtime_error("EFFECTS names no file that can be written");
    }
}
void leave_line(std::int64_t number, tasks::Attempt attempt) {
    static int const file = file_of("EFFECTS");
    leave_line(file, number, attempt);
}

Async<std::int64_t> mark(Mark task, tasks::Attempt attempt) {
    static std::mutex mutex;
    static std::deque<std::string> kept;
    if (task.keeps_mib > 0) {
        std::scoped_lock const lock(mutex);
        kept.emplace_back(static_cast<std::size_t>(task.keeps_mib) << 20, 'm');
    }
    static int const begun = file_of("BEGUN");
    if (begun >= 0) {
        leave_line(begun, task.number, attempt);
    }
    co_await runtime::sleep_for(std::chrono::milliseconds(task.takes_ms));
    leave_line(task.number, attempt);
    co_return task.number;
}
std::int64_t add_up(Total task, tasks::Attempt attempt) {
    leave_line(task.number, attempt);
    return std::accumulate(task.marks.begin(), task.marks.end(), std::int64_t{0});
}
void mark_urgently(UrgentMark task, tasks::Attempt attempt) { leave_line(task.number, attempt); }
void mark_briefly(Brief task, tasks::Attempt attempt) { leave_line(task.number, attempt); }
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
    std::int32_t in_ms = 0;       // not before so long from now; 0: now
    std::int32_t expires_ms = 0;  // not begun later than so long from now; 0: any time
    std::int32_t keeps_mib = 0;
};
struct Pushed {
    std::vector<std::string> ids;
    std::int64_t due_us;  // by the wall clock
};

template <class Task>
Async<http::Accepted<Pushed>> push(http::Body<Wanted> body, Queue queue) {
    std::vector<Task> all;
    for (std::int64_t i = 0; i < body->count; ++i) {
        Task task{.number = body->first + i};
        if constexpr (requires { task.takes_ms; }) {
            task.takes_ms = body->takes_ms;
            task.keeps_mib = body->keeps_mib;
        }
        all.push_back(task);
    }
    Timestamp const due(Timestamp(wall_now()).microseconds + std::int64_t{body->in_ms} * 1000);
    tasks::PushOptions options;
    if (body->in_ms != 0) {
        options.at = due;
    }
    if (body->expires_ms != 0) {
        options.expires = std::chrono::milliseconds(body->expires_ms);
    }
    co_return http::Accepted{
        Pushed{co_await queue.push_all(std::move(all), std::move(options)), due.microseconds}};
}

/// One after the other: a mark, `count` marks side by side, and their total.
Async<http::Accepted<Pushed>> push_flow(http::Body<Wanted> body, Queue queue) {
    std::vector<Mark> marks;
    for (std::int64_t i = 1; i <= body->count; ++i) {
        marks.push_back({.number = body->first + i, .takes_ms = body->takes_ms});
    }
    auto pushed = co_await queue.push(
        tasks::chain(Mark{.number = body->first, .takes_ms = body->takes_ms}, tasks::group(std::move(marks)),
                     Total{.marks = {}, .number = body->first + body->count + 1}));
    co_return http::Accepted{Pushed{std::move(pushed.ids), 0}};
}

/// A row and its task, both or neither.
Async<http::Accepted<Pushed>> order(http::Body<Wanted> body, Db db, Queue queue) {
    auto const number = body->first;
    co_return http::Accepted{co_await db.transaction([&](Db inside) -> Async<Pushed> {
        co_await inside.insert(orders, NewOrder{number});
        auto const id = co_await queue.within(inside).push(Mark{number});
        co_return Pushed{{id}, 0};
    })};
}

void routes(http::Router& api) {
    api.post<"/marks">(push<Mark>);
    api.post<"/urgent">(push<UrgentMark>);
    api.post<"/briefs">(push<Brief>, {.share = 0.95});
    api.post<"/orders">(order);
    api.post<"/failures">(push<Fail>);
    api.post<"/crashes">(push<Crash>);
    api.post<"/flows">(push_flow);
}

}  // namespace

int main(int argc, char** argv) {
    auto app = App("service_tasks", migrations);
    http::Client client;
    app.use(http::measure(), http::deadlines())
        .service(client)
        .routes(routes)
        .tasks(mark, mark_urgently, mark_briefly, fail, crash, add_up)
        .task_routes({{"app.worker.high_priority.*", "high-priority-queue"}, {"app.worker.*", "main-queue"}});
    if (std::getenv("OF_TICKS") != nullptr) {
        app.schedule([](tasks::Schedule& schedule) { schedule.every("ticks", 1s, UrgentMark{0}); });
    }
    app.query_goal("orders insert", {.limit = 80ms});
    return app.run(argc, argv);
}
