#include <benchmark/benchmark.h>

#include <brio/reflect/timestamp.hpp>
#include <brio/reflect/utf8.hpp>

namespace brio {
namespace {

void format_timestamp(benchmark::State& state) {
    Timestamp moment(1'795'411'043'123'456);
    char text[Timestamp::text_size];
    for (auto _ : state) {
        benchmark::DoNotOptimize(moment.format(text));
        moment.microseconds += 1'234'567;
    }
}
BENCHMARK(format_timestamp);

void parse_timestamp(benchmark::State& state) {
    std::string_view text = "2026-11-23T05:17:23.123456Z";
    for (auto _ : state) {
        benchmark::DoNotOptimize(text);
        benchmark::DoNotOptimize(Timestamp::parse(text));
    }
}
BENCHMARK(parse_timestamp);

void check_ascii(benchmark::State& state) {
    const std::string text(static_cast<std::size_t>(state.range(0)), 'a');
    for (auto _ : state) {
        benchmark::DoNotOptimize(reflect::is_utf8(text));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(check_ascii)->Arg(64)->Arg(4096);

}  // namespace
}  // namespace brio
