// Pushes tasks and carries them out in one process, the tasks kept in a database; prints what it took as
// JSON. The clock starts before the first push and stops when the broker holds nothing but results.
#include <CLI/CLI.hpp>
#include <atomic>
#include <bench/common/cpu_seconds.hpp>
#include <bench/tasks/pushing.hpp>
#include <brio/base/clock.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/tasks/database_broker.hpp>
#include <brio/tasks/worker.hpp>
#include <deque>
#include <iostream>

namespace {

using namespace brio;
using bench::PushLoad;

/// The worker is known to the broker, and has found that there is nothing.
Async<void> until_it_waits() { co_await runtime::sleep_for(std::chrono::milliseconds(300)); }

std::atomic<std::int64_t> begun = 0;
void counted(bench::Noop /*task*/) { begun.fetch_add(1, std::memory_order_relaxed); }

/// The broker, for which looking is work, is asked once all have begun.
Async<void> until_all_is_done(tasks::Broker* broker, std::int64_t count) {
    while (begun.load(std::memory_order_relaxed) < count) {
        co_await runtime::sleep_for(std::chrono::milliseconds(1));
    }
    for (;;) {
        std::uint64_t left = 0;
        for (const auto& each : co_await broker->queues()) {
            left += each.ready + each.scheduled + each.running;
        }
        if (left == 0) {
            co_return;
        }
        co_await runtime::sleep_for(std::chrono::milliseconds(5));
    }
}

/// Fails when a task is not done; their results are kept.
void check(runtime::Loop& loop, tasks::Broker& broker, const PushLoad& load) {
    const auto done =
        runtime::run(loop, broker.list(tasks::State::done, static_cast<std::size_t>(load.count)));
    if (std::ssize(done) != load.count) {
        throw std::runtime_error(std::to_string(done.size()) + " tasks are done");
    }
}

void run(const std::string& url, const PushLoad& load, std::size_t slots) {
    runtime::Loop control;
    std::deque<runtime::Loop> loops(1);  // outlive the database
    Database database({.url = url, .statement_limit = std::chrono::seconds(30)});
    tasks::DatabaseBroker broker(database);
    metrics::Registry registry;
    const tasks::TaskSet set{{tasks::define(counted)}, {}};
    tasks::Tasks all(set, broker, registry);
    http::Services services;
    tasks::Worker worker({all, services, registry, control, loops}, {.concurrency = slots});
    const metrics::Seat seat(registry);
    worker.start();
    runtime::run(control, until_it_waits());

    const double cpu_before = bench::cpu_seconds();
    const auto begin = monotonic_now();
    bench::push_on(control, all, load);
    runtime::run(control, until_all_is_done(&broker, load.count));
    const double seconds = std::chrono::duration<double>(monotonic_now() - begin).count();
    const double cpu = bench::cpu_seconds() - cpu_before;

    check(control, broker, load);
    bool has_ended = false;
    worker.drain(std::chrono::seconds(5), [&] { has_ended = true; });
    while (!has_ended) {
        control.turn(std::chrono::milliseconds(100));
    }
    std::cout << R"({"tasks":)" << load.count << R"(,"seconds":)" << seconds << R"(,"cpu_seconds":)" << cpu
              << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
    std::string url;
    PushLoad load;
    std::size_t slots = 256;
    CLI::App app("Pushes tasks and carries them out in one process.");
    app.add_option("--database", url, "sqlite:///… or postgresql://…, without tasks")->required();
    app.add_option("--count", load.count, "tasks")->capture_default_str();
    app.add_option("--batch", load.batch, "tasks of one push")->capture_default_str();
    app.add_option("--clients", load.clients, "who push at a time")->capture_default_str();
    app.add_option("--slots", slots, "tasks at a time")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        run(url, load, slots);
    } catch (const std::exception& error) {
        std::cerr << "bench_tasks_at_once: " << error.what() << '\n';
        return 1;
    }
}
