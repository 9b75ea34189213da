// The program with background tasks that bench/run measures: `serve` pushes them, `worker` carries them out.
// BENCH_WAITS names the file in which each `bench.wait` leaves how long it waited, in nanoseconds.
#include <fcntl.h>
#include <unistd.h>
#include <bench/tasks/noop.hpp>
#include <brio/app/app.hpp>
#include <brio/base/text.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/response.hpp>
#include <brio/tasks/give.hpp>
#include <brio/tasks/provide.hpp>
#include <cstdlib>

namespace {

using namespace brio;
using bench::Noop;

// The tables of tasks make themselves; a program has a database when it has migrations.
const db::Migration migrations[] = {{"0001_nothing",
                                     db::up(db::create_table("nothing", {{"id", db::column::id}})),
                                     db::down(db::drop_table("nothing"))}};

struct Wait {
    std::int64_t pushed_at;  // CLOCK_MONOTONIC, which all processes share
    static constexpr tasks::Policy policy{.name = "bench.wait"};
};

void wait(Wait task) {
    const std::int64_t waited = monotonic_now().count() - task.pushed_at;
    static const int file =
        ::open(std::getenv("BENCH_WAITS"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const auto line = concat({integer_text(waited), "\n"});
    if (::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        throw std::runtime_error("BENCH_WAITS names no file that can be written");
    }
}

struct Pushed {
    std::string id;
};
struct Many {
    std::int64_t count;
};
struct ManyPushed {
    std::vector<std::string> ids;
};

Async<http::Accepted<Pushed>> push_one(http::Body<Noop> task, Queue queue) {
    co_return http::Accepted{Pushed{co_await queue.push(*task)}};
}
Async<http::Accepted<ManyPushed>> push_many(http::Body<Many> wanted, Queue queue) {
    std::vector<Noop> all;
    for (std::int64_t i = 0; i < wanted->count; ++i) {
        all.push_back({i});
    }
    co_return http::Accepted{ManyPushed{co_await queue.push_all(std::move(all))}};
}
Async<http::Accepted<Pushed>> push_wait(Queue queue) {
    const Wait task{monotonic_now().count()};
    co_return http::Accepted{Pushed{co_await queue.push(task)}};
}

void routes(http::Router& api) {
    api.post<"/tasks">(push_one);
    api.post<"/tasks/many">(push_many);
    api.post<"/waits">(push_wait);
}

}  // namespace

int main(int argc, char** argv) {
    auto app = App("bench_tasks", migrations);
    app.use(http::measure(), http::deadlines()).routes(routes).tasks(bench::noop, wait);
    return app.run(argc, argv);
}
