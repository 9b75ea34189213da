// A closed-loop HTTP/1.1 load: a fixed number of keep-alive connections, each with `depth` requests
// outstanding.
#pragma once
#include <bench/generator/cpu_clock.hpp>
#include <bench/generator/requests.hpp>
#include <brio/load/histogram.hpp>
#include <chrono>
#include <cstdint>
#include <vector>

namespace bench {

using brio::load::Histogram;

struct LoadOptions {
    std::uint16_t port = 8080;
    std::size_t connections = 64;
    std::size_t depth = 1;
    std::chrono::milliseconds warm_up{1000};
    std::chrono::milliseconds duration{3000};
    int core = -1;         // where this process is pinned
    int server_core = -1;  // where the server is
    std::vector<pid_t> server;
    std::vector<pid_t> database;  // beside the generator, on its core
};

struct LoadResult {
    double seconds = 0;
    std::uint64_t requests = 0;  // answers that came in whole, of any status
    std::uint64_t not_2xx = 0;
    std::uint64_t errors = 0;  // connections that broke or answered no HTTP; each was opened anew
    std::uint64_t bytes = 0;
    Histogram latency;  // from handing a request to the kernel to reading its answer
    Histogram created;  // of the answers with 201
    Histogram read;     // of all others
    std::uint64_t server_cpu_ns = 0;
    std::uint64_t database_cpu_ns = 0;
    std::uint64_t generator_cpu_ns = 0;
    CoreUse cores;
};

/// Runs the load on the calling thread and counts what was answered after the warm-up.
/// Throws std::system_error when the server cannot be reached.
LoadResult run_load(const LoadOptions& options, const RequestPool& pool);

}  // namespace bench
