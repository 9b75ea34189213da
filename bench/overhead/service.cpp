// A page of 4 kB that the cache keeps, with everything that watches over a service, or, with BENCH_PLAIN in
// the environment, without what a program chooses: no metrics of requests and no deadlines. POST /series/N
// makes N more lines of /metrics: a half counters, a half buckets of histograms.
#include <brio/app/app.hpp>
#include <brio/cache/cached.hpp>
#include <brio/http/parameters.hpp>
#include <brio/metrics/registry.hpp>

#include <cstdlib>
#include <string>

namespace {

struct Metrics {
    brio::metrics::Registry& registry;
};

}  // namespace

template <>
struct brio::http::Provide<Metrics> {
    using Service = metrics::Registry;
    static std::optional<Metrics> from(Exchange& exchange) {
        return Metrics{exchange.services->get<metrics::Registry>()};
    }
};

namespace {

std::string add_series(brio::http::Path<"lines", std::uint32_t> lines, Metrics metrics) {
    auto& registry = metrics.registry;
    auto& shard = registry.here();
    auto const counters = registry.counter({.name = "bench_counters_total",
                                            .help = "Lines to scrape.",
                                            .labels = {"number"},
                                            .most_series = 1'000'000});
    auto const histograms = registry.histogram({.name = "bench_histograms_seconds",
                                                .help = "Lines to scrape.",
                                                .labels = {"number"},
                                                .most_series = 1'000'000});
    auto const lines_of_each = registry.edges().size() + 3;  // +Inf, sum, count
    for (std::uint32_t i = 0; i < *lines / 2; ++i) {
        counters.with({std::to_string(i)}).add(shard, i);
        if (i % lines_of_each == 0) {
            histograms.with({std::to_string(i)}).observe(shard, 1'000'000ull * i);
        }
    }
    return "made";
}

}  // namespace

int main(int argc, char** argv) {
    using namespace std::chrono_literals;
    auto app = brio::App("bench_overhead");
    if (std::getenv("BENCH_PLAIN") == nullptr) {
        app.use(brio::http::measure(), brio::http::deadlines());
    }
    app.routes([](brio::http::Router& api) {
        api.get<"/page">(brio::cached(3600s, [] { return std::string(4077, 'x'); }));
        api.post<"/series/{lines}">(add_series);
    });
    return app.run(argc, argv);
}
