#include <brio/metrics/exposition.hpp>
#include <brio/metrics/registry.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

namespace brio::metrics {

namespace {

struct Seen {
    std::uint64_t sum_ns = 0;
    std::uint64_t count = 0;
    double value = 0;
    std::vector<std::uint64_t> buckets;
    std::vector<Exemplar> exemplars;
};
Seen first_series(Registry& registry, std::string_view family) {
    Seen seen;
    registry.visit([&](const FamilyView& view) {
        if (view.spec.name == family) {
            const SeriesView& series = view.series.front();
            seen = {series.sum_ns,
                    series.count,
                    series.value,
                    {series.buckets.begin(), series.buckets.end()},
                    {series.exemplars.begin(), series.exemplars.end()}};
        }
    });
    return seen;
}

std::string text(Registry& registry) {
    Buffer out;
    write_exposition(out, registry, Exposition::prometheus);
    return std::string(out.view());
}

}  // namespace

TEST(Scrape, AHistogramsSumIsExactToTheNanosecond) {
    Registry registry;
    const Histogram histogram = registry.histogram({.name = "h_seconds", .help = "h"}).with({});
    std::uint64_t sum = 0;
    for (std::uint64_t ns = 1; ns < 10'000'000'000'000; ns *= 3) {
        histogram.observe(registry.here(), ns);
        sum += ns;
    }
    const Seen seen = first_series(registry, "h_seconds");
    EXPECT_EQ(seen.sum_ns, sum);
    EXPECT_EQ(seen.count, 28u);
    EXPECT_EQ(std::accumulate(seen.buckets.begin(), seen.buckets.end(), std::uint64_t{0}), 28u);
}

TEST(Scrape, ANegativeDurationCountsAsNone) {
    Registry registry;
    const Histogram histogram = registry.histogram({.name = "h_seconds", .help = "h"}).with({});
    histogram.observe(registry.here(), -5ns);
    const Seen seen = first_series(registry, "h_seconds");
    EXPECT_EQ(seen.sum_ns, 0u);
    EXPECT_EQ(seen.buckets.front(), 1u);
}

TEST(Scrape, RunsCallbacksUntilTheyEnd) {
    Registry registry;
    double depth = 3;
    const Gauge gauge = registry.gauge({.name = "set_gauge", .help = "h"}).with({});
    Callback refresh = registry.before_scrape([&] { gauge.set(depth * 2); });
    {
        const Callback read = registry.gauge_of({.name = "depth", .help = "h", .labels = {"queue"}}, {"main"},
                                                [&] { return depth; });
        const Callback counted =
            registry.counter_of({.name = "calls_total", .help = "h"}, {}, [] { return 7.0; });
        EXPECT_THAT(text(registry), HasSubstr("depth{queue=\"main\"} 3\n"));
        EXPECT_THAT(text(registry), HasSubstr("# TYPE calls_total counter\ncalls_total 7\n"));
        depth = 4.5;
        EXPECT_THAT(text(registry), HasSubstr("depth{queue=\"main\"} 4.5\n"));
    }
    EXPECT_THAT(text(registry), Not(HasSubstr("depth{")));
    EXPECT_EQ(first_series(registry, "set_gauge").value, 9);
    refresh = Callback();
    depth = 100;
    EXPECT_EQ(first_series(registry, "set_gauge").value, 9);
}

TEST(Scrape, VisitsFamiliesByName) {
    Registry registry;
    for (const char* name : {"c_total", "a_total", "b_total"}) {
        (void)registry.counter({.name = name, .help = "h"}).with({});
    }
    std::vector<std::string> names;
    registry.visit([&](const FamilyView& view) { names.push_back(view.spec.name); });
    EXPECT_THAT(names, ElementsAre("a_total", "b_total", "c_total"));
}

// Run with -DBRIO_SANITIZE=thread this is also the proof that writers and scrapes do not race.
TEST(Scrape, SeesEveryCountOnceWhileThreadsWriteAndMakeSeries) {
    Registry registry;
    const auto family =
        registry.histogram({.name = "h_seconds", .help = "h", .labels = {"n"}, .exemplars = true});
    const Counter counter = registry.counter({.name = "work_total", .help = "h"}).with({});
    std::atomic<int> running{3};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&, t] {
            std::optional<Seat> seat;
            if (t != 0) {
                seat.emplace(registry);
            }
            for (int i = 0; i < 3000; ++i) {
                const std::string n = std::to_string(i % 20);
                family.with({n}).observe(registry.here(), static_cast<std::uint64_t>(i) * 1'000'000, {1, 1});
                counter.add(registry.here());
            }
            --running;
        });
    }
    double before = 0;
    while (running != 0) {
        const Seen seen = first_series(registry, "work_total");
        EXPECT_GE(seen.value, before);
        before = seen.value;
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::uint64_t count = 0;
    registry.visit([&](const FamilyView& view) {
        for (const SeriesView& series : view.series) {
            count += series.count;
        }
    });
    EXPECT_EQ(count, 9000u);
    EXPECT_EQ(first_series(registry, "work_total").value, 9000);
}

TEST(Exemplars, KeepTheLatestOfAQuarterAndAreNeverTorn) {
    Registry registry;
    const Histogram histogram =
        registry.histogram({.name = "h_seconds", .help = "h", .exemplars = true}).with({});
    std::atomic<bool> done{false};
    std::thread writer([&] {
        const Seat seat(registry);
        for (std::uint64_t i = 1; i <= 20'000; ++i) {
            histogram.observe(seat.shard(), 1'000'000 + i, {i, ~i});
        }
        done = true;
    });
    while (!done) {
        for (const Exemplar& exemplar : first_series(registry, "h_seconds").exemplars) {
            ASSERT_EQ(exemplar.trace.low, ~exemplar.trace.high);
            ASSERT_EQ(exemplar.ns, 1'000'000 + exemplar.trace.high);
        }
    }
    writer.join();
    const Seen seen = first_series(registry, "h_seconds");
    ASSERT_EQ(seen.exemplars.size(), 1u);
    EXPECT_EQ(seen.exemplars[0].trace.high, 20'000u);
}

TEST(Quantile, InterpolatesWithinABucket) {
    const Edges edges;
    std::vector<std::uint64_t> buckets(edges.size() + 1);
    EXPECT_EQ(quantile(edges, buckets, 0.5), 0);
    buckets[edges.bucket(150'000'000)] = 100;  // between 100 and 200 ms
    EXPECT_DOUBLE_EQ(quantile(edges, buckets, 0.5), 150e6);
    EXPECT_DOUBLE_EQ(quantile(edges, buckets, 1), 200e6);
    buckets[0] = 100;
    EXPECT_DOUBLE_EQ(quantile(edges, buckets, 0.25), 25e3);
    EXPECT_DOUBLE_EQ(quantile(edges, buckets, 0.75), 150e6);
    buckets.back() = 10'000;
    EXPECT_DOUBLE_EQ(quantile(edges, buckets, 0.99), 60e9);
}

}  // namespace brio::metrics
