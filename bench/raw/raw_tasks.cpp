// The raw limits of background tasks (raw_tasks.hpp) as a program.
#include <CLI/CLI.hpp>
#include <bench/common/core.hpp>
#include <bench/common/cpu_seconds.hpp>
#include <bench/raw/raw_tasks.hpp>
#include <chrono>
#include <iostream>

namespace {

void tell(const bench::TaskLoad& load, void (*work)(const std::string&, const bench::TaskLoad&),
          const std::string& place) {
    const auto begin = std::chrono::steady_clock::now();
    work(place, load);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << R"({"tasks":)" << load.count << R"(,"seconds":)" << took.count() << R"(,"cpu_seconds":)"
              << bench::cpu_seconds() << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
    int core = -1;
    std::string redis, sqlite, postgres;
    bench::TaskLoad load{.count = 50'000};
    CLI::App app("Background tasks in batches of 32, without a framework.");
    app.add_option("--core", core, "core to run on; -1: any")->capture_default_str();
    app.add_option("--redis", redis, "redis://host:port: carry out what Brio pushed, until SIGTERM");
    app.add_option("--sqlite", sqlite, "a file without tasks: push and carry out");
    app.add_option("--postgres", postgres, "postgresql://… without tasks: push and carry out");
    app.add_option("--count", load.count, "tasks, a multiple of 32")->capture_default_str();
    app.add_option("--connections", load.connections, "to PostgreSQL")->capture_default_str();
    app.require_option(1, 5);
    CLI11_PARSE(app, argc, argv);
    try {
        bench::pin_to_core(core);
        if (!redis.empty()) {
            bench::work_on_redis(redis);
        }
        if (!sqlite.empty()) {
            tell(load, bench::work_on_sqlite, sqlite);
        } else {
            tell(load, bench::work_on_postgres, postgres);
        }
    } catch (const std::exception& error) {
        std::cerr << "bench_raw_tasks: " << error.what() << '\n';
        return 1;
    }
}
