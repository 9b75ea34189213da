// What measuring a request costs: a phase switch, the record at its end, the header and the words of its
// line.
#include <brio/ledger/request_metrics.hpp>
#include <brio/ledger/server_timing.hpp>

#include <benchmark/benchmark.h>

namespace brio::ledger {
namespace {

void phase_switch(benchmark::State& state) {
    Ledger ledger;
    ledger.start(Phase::read);
    for (auto _ : state) {
        ledger.enter(Phase::db);
        benchmark::DoNotOptimize(ledger);
    }
}
BENCHMARK(phase_switch);

void phase_scope(benchmark::State& state) {
    Ledger ledger;
    ledger.start(Phase::handler);
    Ledger* at = &ledger;
    benchmark::DoNotOptimize(at);
    for (auto _ : state) {
        const PhaseScope scope(at, Phase::db);
        benchmark::DoNotOptimize(ledger);
    }
}
BENCHMARK(phase_scope);

/// A request with `phases` phases that took time.
Ledger request(std::int64_t phases) {
    Ledger ledger;
    Ticks now = 1'000'000;
    ledger.start(Phase::read, now);
    for (std::int64_t i = 0; i < phases; ++i) {
        ledger.enter(static_cast<Phase>(i * 14 / phases), now);
        now += ns_to_ticks(20'000);
    }
    ledger.finish(now);
    ledger.statements = 2;
    return ledger;
}

void record_request(benchmark::State& state) {
    metrics::Registry registry;
    RequestMetrics requests(registry);
    const auto route = requests.route("/api/resources");
    const metrics::Seat seat(registry);
    const Ledger ledger = request(state.range(0));
    const RequestRecord get{
        .method = MethodLabel::get, .status = 200, .goal = std::chrono::milliseconds(200)};
    for (auto _ : state) {
        route->record(seat.shard(), get, ledger);
    }
}
BENCHMARK(record_request)->Arg(3)->Arg(7)->Arg(14);

void server_timing_header(benchmark::State& state) {
    Buffer out(256);
    const Ledger ledger = request(5);
    for (auto _ : state) {
        out.clear();
        append_server_timing(out, ledger);
    }
}
BENCHMARK(server_timing_header);

void access_log_words(benchmark::State& state) {
    Buffer out(256);
    const Ledger ledger = request(5);
    for (auto _ : state) {
        out.clear();
        append_phase_words(out, ledger);
    }
}
BENCHMARK(access_log_words);

}  // namespace
}  // namespace brio::ledger
