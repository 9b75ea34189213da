// bench_load: the load generator of the side-by-side benchmarks. One JSON object on standard output.
#include <CLI/CLI.hpp>
#include <bench/common/core.hpp>
#include <bench/generator/engine.hpp>
#include <bench/generator/idle.hpp>
#include <bench/generator/open_loop.hpp>
#include <bench/generator/report.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

namespace {

struct CommandLine {
    bench::LoadOptions load;
    bench::RequestTemplate request;
    std::string list;
    double warm_up_seconds = 1;
    double seconds = 3;
    std::size_t variants = 4096;
    bool idle = false;
    double rate = 0;  // 0: closed loop
};

void describe(CLI::App& app, CommandLine& line) {
    app.add_option("--port", line.load.port, "port on 127.0.0.1")->capture_default_str();
    app.add_option("--connections", line.load.connections, "keep-alive connections")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--depth", line.load.depth, "requests outstanding on each connection")
        ->capture_default_str()
        ->check(CLI::Range(1, 1024));
    app.add_option("--seconds", line.seconds, "how long to measure")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--warm-up", line.warm_up_seconds, "seconds before the measure")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber);
    app.add_option("--core", line.load.core, "core to run on; -1: any")->capture_default_str();
    app.add_option("--server-core", line.load.server_core, "core the server runs on")->capture_default_str();
    app.add_option("--server-pid", line.load.server, "process of the server; its descendants count too")
        ->delimiter(',');
    app.add_option("--database-pid", line.load.database,
                   "process of a database server on the generator's core")
        ->delimiter(',');
    app.add_option("--method", line.request.method, "request method")->capture_default_str();
    app.add_option("--path", line.request.path, "request path; {n} is a number")->capture_default_str();
    app.add_option("--body", line.request.body, "request body; {n} is the same number");
    app.add_option("--header", line.request.fields, "further field \"Name: value\"");
    app.add_option("--first", line.request.first, "smallest {n}")->capture_default_str();
    app.add_option("--last", line.request.last, "largest {n}")->capture_default_str();
    app.add_flag("--in-sequence", line.request.in_sequence, "{n} counts up instead of being random");
    app.add_option("--variants", line.variants, "requests rendered from the template")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--list", line.list, "file of lines \"METHOD /path [body]\" instead of a template")
        ->check(CLI::ExistingFile);
    app.add_option("--rate", line.rate,
                   "so many requests a second, whatever becomes of them, on up to --connections")
        ->check(CLI::PositiveNumber);
    app.add_flag("--idle", line.idle,
                 "open the connections, one request on each, say \"open\", hold until input ends");
}

bench::RequestPool pool_of(const CommandLine& line) {
    if (line.list.empty()) {
        return bench::make_pool(line.request, line.variants, line.load.depth);
    }
    std::stringstream text;
    text << std::ifstream(line.list).rdbuf();
    return bench::make_pool_of_lines(text.str(), line.request, line.load.depth);
}

std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

void run(CommandLine& line) {
    bench::pin_to_core(line.load.core);
    const bench::RequestPool pool = pool_of(line);
    if (line.idle) {
        const auto connections = bench::open_idle_connections(line.load.port, line.load.connections, pool);
        std::cout << "open" << std::endl;
        for (std::string input; std::getline(std::cin, input);) {
        }
        return;
    }
    if (line.rate > 0) {
        const bench::OpenLoopOptions open{.port = line.load.port,
                                          .rate = line.rate,
                                          .connections = line.load.connections,
                                          .warm_up = milliseconds(line.warm_up_seconds),
                                          .duration = milliseconds(line.seconds)};
        std::cout << to_json(open, bench::run_open_loop(open, pool)) << '\n';
        return;
    }
    line.load.warm_up = milliseconds(line.warm_up_seconds);
    line.load.duration = milliseconds(line.seconds);
    std::cout << to_json(line.load, bench::run_load(line.load, pool)) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    CommandLine line;
    CLI::App app(
        "A light HTTP/1.1 load on 127.0.0.1, from one thread: closed-loop, or with --rate open-loop.");
    describe(app, line);
    try {
        app.parse(argc, argv);
        if (line.request.last < line.request.first) {
            throw CLI::ValidationError("--last is smaller than --first");
        }
        run(line);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const std::exception& error) {
        std::cerr << "bench_load: " << error.what() << '\n';
        return 1;
    }
}
