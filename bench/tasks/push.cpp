// Pushes tasks to Redis, by clients in one process; prints what it took as JSON.
#include <CLI/CLI.hpp>
#include <bench/tasks/pushing.hpp>
#include <brio/base/clock.hpp>
#include <brio/tasks/redis_broker.hpp>
#include <iostream>

namespace {

using namespace brio;
using bench::PushLoad;

void push(const std::string& url, const PushLoad& load) {
    const auto address = redis::parse_url(url);
    if (!address) {
        throw std::runtime_error(address.error());
    }
    runtime::Loop loop;
    runtime::OffloadPool offload({.threads = 1});
    tasks::RedisBroker broker({.address = *address}, offload);
    metrics::Registry registry;
    const metrics::Seat seat(registry);
    const tasks::TaskSet set{{tasks::define(bench::noop)}, {}};
    tasks::Tasks all(set, broker, registry);
    bench::push_on(loop, all, {.count = load.clients, .clients = load.clients});  // the connection is there
    const auto begin = monotonic_now();
    bench::push_on(loop, all, load);
    const std::chrono::duration<double> took = monotonic_now() - begin;
    std::cout << R"({"tasks":)" << load.count << R"(,"seconds":)" << took.count() << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
    std::string url;
    PushLoad load;
    CLI::App app("Pushes tasks to Redis.");
    app.add_option("--redis", url, "redis://host:port")->required();
    app.add_option("--count", load.count, "tasks")->capture_default_str();
    app.add_option("--batch", load.batch, "tasks of one push")->capture_default_str();
    app.add_option("--clients", load.clients, "who push at a time")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        push(url, load);
    } catch (const std::exception& error) {
        std::cerr << "bench_tasks_push: " << error.what() << '\n';
        return 1;
    }
}
