#include <brio/testing/service.hpp>

#include <algorithm>

#include <brio/db/migrate.hpp>
#include <brio/tasks/runner.hpp>

namespace brio::testing {

namespace {

const std::string& migrated(const std::string& url, std::span<const db::Migration> migrations) {
    db::Migrator(url, migrations).upgrade();
    return url;
}

}  // namespace

TestService::TestService(std::span<const db::Migration> migrations,
                         const std::function<void(http::Router&)>& routes, TestOptions options)
    : url_(options.database_url.empty() ? "sqlite:///" + folder_.file("test.db") : options.database_url),
      database_({.url = migrated(url_, migrations)}),
      offload_({.threads = 1}),
      task_set_(std::move(options.tasks)),
      broker_(database_),
      tasks_(task_set_, broker_, registry_),
      patience_(options.patience),
      client_(loop_, filled(routes), services(options), std::move(options)) {}

http::Router& TestService::filled(const std::function<void(http::Router&)>& routes) {
    routes(router_);
    return router_;
}

http::Services& TestService::services(const TestOptions& options) {
    services_.add(database_);
    services_.add(offload_);
    services_.add(caches_);
    services_.add(tasks_);
    if (options.services) {
        options.services(services_);
    }
    return services_;
}

std::size_t TestService::run_tasks() {
    const tasks::WorkerId worker{.id = "test", .host = "here", .pid = 1};
    auto queues = tasks_.set().own_queues();  // what runs may push to queues that nobody has named yet
    for (const auto& each : run(broker_.queues())) {
        if (std::ranges::find(queues, each.name) == queues.end()) {
            queues.push_back(each.name);
        }
    }
    if (queues.empty()) {
        return 0;
    }
    run(broker_.beat(worker));
    tasks::Running running;
    tasks::Runner runner(
        loop_,
        {.tasks = tasks_, .services = services_, .running = running, .worker = [&] { return worker.id; }},
        {.queues = queues, .concurrency = 1, .idle = std::chrono::milliseconds(5)});
    runner.start();
    const auto is_idle = [&] {
        std::uint64_t left = runner.running();
        for (const auto& each : run(broker_.queues())) {
            left += each.ready + each.running;
        }
        return left == 0;
    };
    const auto end = monotonic_now() + patience_;
    while (!is_idle() && monotonic_now() < end) {
        loop_.turn(std::chrono::milliseconds(1));
    }
    const bool is_over = is_idle();
    bool is_drained = false;
    runner.drain([&] { is_drained = true; });
    if (!is_over) {
        runner.stop_tasks();
    }
    while (!is_drained) {
        loop_.turn(std::chrono::milliseconds(1));
    }
    loop_.turn({});
    if (!is_over) {
        throw std::runtime_error(
            "tasks are still ready or running: a paused queue, another worker, or a task that waits");
    }
    return running.begun();
}

}  // namespace brio::testing
