// What a profile scope costs, and what it costs to keep note of who runs.
#include <brio/base/shared_memory.hpp>
#include <brio/runtime/async.hpp>
#include <brio/runtime/profile.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/sampler.hpp>

#include <benchmark/benchmark.h>

#include <optional>

namespace brio::runtime {
namespace {

void scope_without_profiler(benchmark::State& state) {
    for (auto _ : state) {
        const auto scope = profile("bench");
        benchmark::ClobberMemory();
    }
}
BENCHMARK(scope_without_profiler);

void scope(benchmark::State& state) {
    metrics::Registry registry;
    const metrics::Seat seat(registry);
    ProfileScopes scopes(registry);
    for (auto _ : state) {
        const auto one = profile("bench");
        benchmark::ClobberMemory();
    }
}
BENCHMARK(scope);

Async<int> leaf() { co_return 1; }
Async<int> nested() { co_return co_await leaf(); }

void two_nested_awaits(benchmark::State& state) {
    Loop loop;
    Work work;
    work.loop = &loop;
    for (auto _ : state) {
        auto call = nested();
        call.start(work, [](void*) {}, nullptr);
        benchmark::DoNotOptimize(call.result());
    }
}
BENCHMARK(two_nested_awaits);

[[gnu::noinline]] std::uint64_t descend(int depth, std::uint64_t sum) {
    if (depth > 0) {
        sum = descend(depth - 1, sum);
        benchmark::DoNotOptimize(sum);
        return sum + 1;
    }
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
        sum += i * i;
        benchmark::DoNotOptimize(sum);
    }
    return sum;
}

// The same work with so many samples a second, 0: none; and the share of the time that the handler takes.
void work_while_sampled(benchmark::State& state) {
    metrics::Registry registry;
    const SharedMemory<SampleRings> rings;
    std::optional<Sampler> sampler;
    if (state.range(0) != 0) {
        sampler.emplace(*rings, static_cast<std::uint32_t>(state.range(0)), registry);
    }
    const SampledThread sampled("bench");
    const auto begun = ticks();
    for (auto _ : state) {
        benchmark::DoNotOptimize(descend(25, 0));
    }
    if (sampler) {
        state.counters["handler_percent"] = 100 * static_cast<double>(sampler->spent_ns()) /
                                            static_cast<double>(ticks_to_ns(ticks() - begun));
    }
}
BENCHMARK(work_while_sampled)->Arg(0)->Arg(99)->Arg(250)->MinTime(2);

}  // namespace
}  // namespace brio::runtime
