// What a clock reading, a log line and a random number cost.
#include <brio/base/clock.hpp>
#include <brio/base/line_sink.hpp>
#include <brio/base/random.hpp>
#include <brio/base/text.hpp>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

namespace brio {
namespace {

void ticks_reading(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(ticks());
    }
}
BENCHMARK(ticks_reading);

void clock_gettime_reading(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(monotonic_now());
    }
}
BENCHMARK(clock_gettime_reading);

void ticks_to_nanoseconds(benchmark::State& state) {
    Ticks elapsed = 12345;
    for (auto _ : state) {
        benchmark::DoNotOptimize(elapsed);
        benchmark::DoNotOptimize(ticks_to_ns(elapsed));
    }
}
BENCHMARK(ticks_to_nanoseconds);

void random_number(benchmark::State& state) {
    Random random(1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(random());
    }
}
BENCHMARK(random_number);

void milliseconds_text(benchmark::State& state) {
    Buffer out(64);
    std::uint64_t ns = 213'456;
    for (auto _ : state) {
        out.clear();
        benchmark::DoNotOptimize(ns);
        append_milliseconds(out, ns);
    }
}
BENCHMARK(milliseconds_text);

/// A line of 60 bytes into /dev/null, handed over every 4,096 lines so that none is dropped; that is
/// included.
void line_written(benchmark::State& state) {
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    {
        LineWriter writer(null);
        LineSink& sink = writer.open();
        int lines = 0;
        for (auto _ : state) {
            if (++lines % 4096 == 0) {
                writer.flush();
            }
            sink.write([](Buffer& out) {
                out.append("GET /api/resources 200 ");
                append_milliseconds(out, 213'456);
                out.append("ms db 0.09(2q) ser 0.02 cache MISS");
            });
        }
        state.counters["dropped"] = static_cast<double>(writer.dropped());
    }
    ::close(null);
}
BENCHMARK(line_written);

}  // namespace
}  // namespace brio
