// What counting costs, beside what it would cost with an atomic addition or a search; and what a scrape
// costs.
#include <brio/base/text.hpp>
#include <brio/metrics/exposition.hpp>
#include <brio/metrics/process.hpp>

#include <benchmark/benchmark.h>
#include <algorithm>
#include <atomic>

namespace brio::metrics {
namespace {

void counter_own_shard(benchmark::State& state) {
    Registry registry;
    const Counter counter = registry.counter({.name = "c_total", .help = "h"}).with({});
    const Seat seat(registry);
    Shard& shard = seat.shard();
    for (auto _ : state) {
        counter.add(shard);
    }
}
BENCHMARK(counter_own_shard);

void counter_through_here(benchmark::State& state) {
    Registry registry;
    const Counter counter = registry.counter({.name = "c_total", .help = "h"}).with({});
    const Seat seat(registry);
    for (auto _ : state) {
        counter.add(registry.here());
    }
}
BENCHMARK(counter_through_here);

void counter_shared_shard(benchmark::State& state) {
    Registry registry;
    const Counter counter = registry.counter({.name = "c_total", .help = "h"}).with({});
    for (auto _ : state) {
        counter.add(registry.shared());
    }
}
BENCHMARK(counter_shared_shard);

/// The peer: one atomic of all threads.
std::atomic<std::uint64_t> one_for_all{0};
void atomic_fetch_add(benchmark::State& state) {
    for (auto _ : state) {
        one_for_all.fetch_add(1, std::memory_order_relaxed);
    }
}
BENCHMARK(atomic_fetch_add)->Threads(1)->Threads(2)->UseRealTime();

/// The same work on own shards.
Registry& shared_registry() {
    static Registry registry;
    return registry;
}
void counter_threads(benchmark::State& state) {
    const Counter counter = shared_registry().counter({.name = "c_total", .help = "h"}).with({});
    const Seat seat(shared_registry());
    for (auto _ : state) {
        counter.add(seat.shard());
    }
}
BENCHMARK(counter_threads)->Threads(1)->Threads(2)->UseRealTime();

void histogram_observe(benchmark::State& state) {
    Registry registry;
    const Histogram histogram = registry.histogram({.name = "h_seconds", .help = "h"}).with({});
    const Seat seat(registry);
    std::uint64_t ns = 1;
    for (auto _ : state) {
        ns = ns * 6364136223846793005u + 1442695040888963407u;
        histogram.observe(seat.shard(), ns >> 34);  // up to a second
    }
}
BENCHMARK(histogram_observe);

void bucket_by_search(benchmark::State& state) {
    const Edges edges;
    const auto all = edges.nanoseconds();
    std::uint64_t ns = 1;
    for (auto _ : state) {
        ns = ns * 6364136223846793005u + 1442695040888963407u;
        benchmark::DoNotOptimize(std::lower_bound(all.begin(), all.end(), ns >> 34));
    }
}
BENCHMARK(bucket_by_search);

void scrape(benchmark::State& state) {
    Registry registry;
    const auto family = registry.histogram({.name = "http_request_duration_seconds",
                                            .help = "h",
                                            .labels = {"method", "endpoint", "status"},
                                            .most_series = 10'000});
    const Seat seat(registry);
    for (int i = 0; i < state.range(0); ++i) {
        const std::string endpoint = concat({"/api/resources/", integer_text(i), "/{id}"});
        const Histogram histogram = family.with({"GET", endpoint, "200"});
        for (std::uint64_t ns = 20'000; ns < 1'000'000'000; ns *= 2) {
            histogram.observe(seat.shard(), ns);
        }
    }
    Buffer out;
    for (auto _ : state) {
        out.clear();
        write_exposition(out, registry, Exposition::prometheus);
    }
    state.counters["bytes"] = static_cast<double>(out.size());
}
BENCHMARK(scrape)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

void process_usage(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(read_process_usage());
    }
}
BENCHMARK(process_usage)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace brio::metrics
