// What it costs to be let in: of a request that waits, behind its route's gate, and of a rate limit.
#include <brio/http/gate.hpp>
#include <brio/http/rate_limit.hpp>

#include <benchmark/benchmark.h>

namespace brio::http {
namespace {

void gate_of_a_request_that_waits(benchmark::State& state) {
    Pressure pressure;
    Gate gate({}, false, pressure);
    ledger::Ledger const ledger;
    auto now = std::chrono::nanoseconds(std::chrono::seconds(1));
    for (auto _ : state) {
        benchmark::DoNotOptimize(gate.admits());
        gate.enter(now);
        gate.leave({.began = now, .now = now + std::chrono::microseconds(50), .ledger = ledger});
        now += std::chrono::microseconds(1);
    }
}
BENCHMARK(gate_of_a_request_that_waits);

void gate_that_refuses(benchmark::State& state) {
    Pressure pressure;
    Gate gate({}, false, pressure);
    for (auto _ : state) {
        benchmark::DoNotOptimize(gate.admits());
        gate.refuse(std::chrono::nanoseconds(0));
    }
}
BENCHMARK(gate_that_refuses);

void rate_limit_bucket(benchmark::State& state) {
    Buckets buckets({.gap = std::chrono::milliseconds(10), .burst = 200, .clients = 65536, .name = "bench"});
    auto now = std::chrono::nanoseconds(std::chrono::seconds(1));
    std::uint64_t client = 1;
    for (auto _ : state) {
        client = client * 6364136223846793005 + 1442695040888963407;
        benchmark::DoNotOptimize(buckets.take(client >> 48, now));
        now += std::chrono::microseconds(1);
    }
}
BENCHMARK(rate_limit_bucket);

}  // namespace
}  // namespace brio::http
