// An open-loop HTTP/1.1 load: requests at a fixed rate, whether earlier ones were answered or not.
//
// A request's time counts from when it was meant to be sent (Tene, "How NOT to measure latency"): one that
// waits for a free connection waits for its answer. More connections are opened as they are wanted, up to
// `connections`.
#pragma once
#include <bench/generator/requests.hpp>
#include <brio/load/histogram.hpp>
#include <chrono>
#include <cstdint>
#include <string>

namespace bench {

using brio::load::Histogram;

struct OpenLoopOptions {
    std::uint16_t port = 8080;
    double rate = 100;               // requests a second
    std::size_t connections = 1024;  // at most
    std::chrono::milliseconds warm_up{1000};
    std::chrono::milliseconds duration{3000};
    std::chrono::milliseconds give_up{3000};  // after the last request for the answers that are out
};

struct OpenLoopResult {
    double seconds = 0;
    std::uint64_t sent = 0;         // meant to be sent after the warm-up
    std::uint64_t unanswered = 0;   // of them
    std::uint64_t errors = 0;       // connections that broke, each with a request under way
    std::uint64_t connections = 0;  // opened in all
    std::uint64_t refused = 0;      // answered with 429 or 503
    std::uint64_t refused_with_retry_after = 0;
    std::uint64_t other = 0;         // neither that nor 2xx
    Histogram good;                  // times of answers with 2xx
    Histogram refusal;               // of those with 429 and 503
    std::uint64_t most_late_ns = 0;  // the generator itself, behind its plan
};

/// Runs the load on the calling thread. Throws std::system_error when the server cannot be reached.
OpenLoopResult run_open_loop(const OpenLoopOptions& options, const RequestPool& pool);

/// Rates in 1/s, times in microseconds.
std::string to_json(const OpenLoopOptions& options, const OpenLoopResult& result);

}  // namespace bench
