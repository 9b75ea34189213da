#include <brio/metrics/registry.hpp>

#include <gtest/gtest.h>
#include <map>
#include <thread>
#include <vector>

namespace brio::metrics {

namespace {
/// The shown series of a family: its value, or its count, by label text.
std::map<std::string, double> shown(Registry& registry, std::string_view family) {
    std::map<std::string, double> found;
    registry.visit([&](const FamilyView& view) {
        if (view.spec.name == family) {
            for (const SeriesView& series : view.series) {
                const bool counts = view.kind == Kind::histogram || view.kind == Kind::summary;
                found[std::string(series.label_text)] =
                    counts ? static_cast<double>(series.count) : series.value;
            }
        }
    });
    return found;
}
}  // namespace

TEST(Registry, SumsOneSeriesOverThreadsSeatedAndNot) {
    Registry registry;
    const Counter counter = registry.counter({.name = "work_total", .help = "h"}).with({});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            std::optional<Seat> seat;
            if (t % 2 == 0) {
                seat.emplace(registry);
                EXPECT_EQ(&registry.here(), &seat->shard());
            } else {
                EXPECT_EQ(&registry.here(), &registry.shared());
            }
            for (int i = 0; i < 10'000; ++i) {
                counter.add(registry.here());
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(shown(registry, "work_total"), (std::map<std::string, double>{{"", 40'000}}));
}

TEST(Registry, AShardGivenBackKeepsItsCountsAndIsTakenAgain) {
    Registry registry;
    const Counter counter = registry.counter({.name = "work_total", .help = "h"}).with({});
    Shard* first = nullptr;
    {
        const Seat seat(registry);
        first = &seat.shard();
        counter.add(seat.shard(), 5);
    }
    const Seat seat(registry);
    EXPECT_EQ(&seat.shard(), first);
    counter.add(seat.shard(), 1);
    EXPECT_EQ(shown(registry, "work_total")[""], 6);
}

TEST(Registry, ThreadsOverTheLimitUseTheSharedShard) {
    Registry registry(Edges(), {.shards = 1});
    const Seat first(registry);
    std::thread([&] {
        const Seat second(registry);
        EXPECT_EQ(&second.shard(), &registry.shared());
        EXPECT_TRUE(second.shard().shared());
    }).join();
    EXPECT_FALSE(first.shard().shared());
}

TEST(Registry, TheSameLabelsAreTheSameSeries) {
    Registry registry;
    const auto family = registry.counter({.name = "hits_total", .help = "h", .labels = {"a", "b"}});
    family.with({"1", "23"}).add(registry.here());
    family.with({"1", "23"}).add(registry.here());
    family.with({"12", "3"}).add(registry.here());
    EXPECT_EQ(shown(registry, "hits_total"),
              (std::map<std::string, double>{{R"(a="1",b="23")", 2}, {R"(a="12",b="3")", 1}}));
    const auto again = registry.counter({.name = "hits_total", .help = "h", .labels = {"a", "b"}});
    again.with({"12", "3"}).add(registry.here());
    EXPECT_EQ(shown(registry, "hits_total")[R"(a="12",b="3")"], 2);
}

TEST(Registry, AFamilyStopsAtItsLimitAndTheDropsAreCounted) {
    Registry registry;
    const auto counters =
        registry.counter({.name = "hits_total", .help = "h", .labels = {"path"}, .most_series = 2});
    const auto histograms =
        registry.histogram({.name = "h_seconds", .help = "h", .labels = {"path"}, .most_series = 1});
    for (const char* path : {"/a", "/b", "/c", "/d"}) {
        counters.with({path}).add(registry.here(), 10);
        histograms.with({path}).observe(registry.here(), std::uint64_t{UINT32_MAX});
    }
    counters.with({"/a"}).add(registry.here());
    EXPECT_EQ(shown(registry, "hits_total"),
              (std::map<std::string, double>{{R"(path="/a")", 11}, {R"(path="/b")", 10}}));
    EXPECT_EQ(shown(registry, "h_seconds"), (std::map<std::string, double>{{R"(path="/a")", 1}}));
    EXPECT_EQ(shown(registry, "metrics_series_dropped_total"),
              (std::map<std::string, double>{{R"(family="hits_total")", 2}, {R"(family="h_seconds")", 3}}));
}

TEST(Registry, RunningOutOfCellsDropsSeriesToo) {
    Registry registry(Edges(), {.cells = 1024});
    const auto family =
        registry.histogram({.name = "h_seconds", .help = "h", .labels = {"n"}, .most_series = 1000});
    for (int i = 0; i < 1000; ++i) {
        const std::string n = std::to_string(i);
        family.with({n}).observe(registry.here(), std::chrono::seconds(100));
    }
    const auto made = shown(registry, "h_seconds").size();
    EXPECT_GT(made, 25u);
    EXPECT_LT(made, 32u);
}

TEST(Registry, DefaultHandlesTouchNothingThatIsShown) {
    Registry registry;
    const Counter counter = registry.counter({.name = "work_total", .help = "h"}).with({});
    Counter().add(registry.here());
    Level().up(registry.here());
    Gauge().set(3);
    Summary().observe(registry.here(), 7);
    for (const std::uint64_t ns : {std::uint64_t{0}, UINT64_MAX}) {
        Histogram().observe(registry.here(), ns);
        Histogram().observe(registry.here(), ns, {1, 1});
    }
    EXPECT_EQ(shown(registry, "work_total")[""], 0);
    counter.add(registry.here());
    EXPECT_EQ(shown(registry, "work_total")[""], 1);
}

TEST(Registry, LevelsGoBelowZeroAndGaugesKeepTheLastValue) {
    Registry registry;
    const Level level = registry.level({.name = "in_flight", .help = "h"}).with({});
    const Gauge gauge = registry.gauge({.name = "ratio", .help = "h"}).with({});
    level.up(registry.shared());
    std::thread([&] {
        const Seat seat(registry);
        level.add(seat.shard(), -4);
        gauge.set(0.25);
    }).join();
    gauge.set(-0.5);
    EXPECT_EQ(shown(registry, "in_flight")[""], -3);
    EXPECT_EQ(shown(registry, "ratio")[""], -0.5);
}

TEST(Registry, AnUnusedSeriesIsHiddenWhenAskedFor) {
    Registry registry;
    const auto family =
        registry.summary({.name = "phase_seconds", .help = "h", .labels = {"phase"}, .hide_unused = true});
    const Summary db = family.with({"db"});
    (void)family.with({"pool"});
    EXPECT_TRUE(shown(registry, "phase_seconds").empty());
    db.observe(registry.here(), 1);
    EXPECT_EQ(shown(registry, "phase_seconds"), (std::map<std::string, double>{{R"(phase="db")", 1}}));
}

TEST(Registry, SeatsOfTwoRegistriesNest) {
    Registry one;
    Registry two;
    const Seat outer(one);
    {
        const Seat inner(two);
        EXPECT_EQ(&two.here(), &inner.shard());
        EXPECT_EQ(&one.here(), &one.shared());
    }
    EXPECT_EQ(&one.here(), &outer.shard());
}

TEST(RegistryDeathTest, WrongUseStopsTheProgram) {
    Registry registry;
    EXPECT_DEATH(registry.counter({.name = "hits", .help = "h"}), "_total follow Prometheus' rules");
    EXPECT_DEATH(registry.gauge({.name = "1st", .help = "h"}), "follow Prometheus' rules");
    EXPECT_DEATH(registry.histogram({.name = "h", .help = "h", .labels = {"le"}}),
                 "follow Prometheus' rules");
    EXPECT_DEATH(registry.gauge({.name = "g", .help = "h", .labels = {"__name__"}}),
                 "follow Prometheus' rules");
    registry.gauge({.name = "g", .help = "h"});
    EXPECT_DEATH(registry.level({.name = "g", .help = "h"}), "one kind and one list of labels");
    EXPECT_DEATH(registry.gauge({.name = "g", .help = "h"}).with({"x"}), "one value for each label");
}

}  // namespace brio::metrics
