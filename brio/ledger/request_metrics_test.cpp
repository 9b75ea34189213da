#include <brio/ledger/request_metrics.hpp>
#include <brio/metrics/exposition.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <thread>

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

namespace brio::ledger {

namespace {

Ledger spent(std::initializer_list<std::pair<Phase, std::chrono::nanoseconds>> phases) {
    Ledger ledger;
    Ticks now = 1'000'000;
    ledger.start(Phase::read, now);
    for (const auto& [phase, time] : phases) {
        ledger.enter(phase, now);
        now += ns_to_ticks(static_cast<std::uint64_t>(time.count()));
    }
    ledger.finish(now);
    return ledger;
}

std::string exposition(metrics::Registry& registry) {
    Buffer out;
    write_exposition(out, registry, metrics::Exposition::prometheus);
    return std::string(out.view());
}

struct Seen {
    std::uint64_t sum_ns;
    std::uint64_t count;
};
/// What each series of one family holds, by its labels.
std::map<std::string, Seen> series(metrics::Registry& registry, std::string_view family) {
    std::map<std::string, Seen> found;
    registry.visit([&](const metrics::FamilyView& view) {
        if (view.spec.name == family) {
            for (const metrics::SeriesView& one : view.series) {
                found[std::string(one.label_text)] = {one.sum_ns, one.count};
            }
        }
    });
    return found;
}

}  // namespace

TEST(RequestMetrics, ARequestIsInDurationAndPhases) {
    metrics::Registry registry;
    RequestMetrics requests(registry);
    const auto route = requests.route("/api/resources/{id}");
    const Ledger ledger = spent({{Phase::db, 90us}, {Phase::handler, 20us}, {Phase::write, 50us}});
    route->record(registry.here(), {.method = MethodLabel::get, .status = 200, .goal = 200ms}, ledger);

    const auto durations = series(registry, "http_request_duration_seconds");
    const auto phases = series(registry, "http_request_phase_seconds");
    ASSERT_EQ(durations.size(), 1u);
    const Seen whole = durations.at(R"(method="GET",endpoint="/api/resources/{id}",status="200")");
    EXPECT_EQ(whole.count, 1u);
    EXPECT_EQ(whole.sum_ns, ledger.total());
    EXPECT_EQ(phases.size(), 3u);
    std::uint64_t sum = 0;
    for (const auto& [labels, seen] : phases) {
        EXPECT_EQ(seen.count, 1u) << labels;
        sum += seen.sum_ns;
    }
    EXPECT_EQ(sum, whole.sum_ns);
    EXPECT_TRUE(series(registry, "http_request_overrun_seconds").empty());
}

TEST(RequestMetrics, OnlyARequestOverItsGoalIsAnOverrun) {
    metrics::Registry registry;
    RequestMetrics requests(registry);
    const auto route = requests.route("/slow");
    const RequestRecord get{.method = MethodLabel::get, .status = 200, .goal = 200ms};
    route->record(registry.here(), get, spent({{Phase::db, 199ms}}));
    route->record(registry.here(), get, spent({{Phase::db, 190ms}, {Phase::pool, 20ms}}));
    const auto overruns = series(registry, "http_request_overrun_seconds");
    ASSERT_EQ(overruns.size(), 2u);
    const Seen db = overruns.at(R"(endpoint="/slow",phase="db")");
    EXPECT_EQ(db.count, 1u);
    EXPECT_GE(db.sum_ns, 190'000'000u);
    EXPECT_LT(db.sum_ns, 190'001'000u);
}

TEST(RequestMetrics, AGoalIsAnEdgeThatCountsExactly) {
    const std::chrono::nanoseconds goals[] = {123ms};
    metrics::Registry registry{metrics::Edges(goals)};
    RequestMetrics requests(registry);
    const auto route = requests.route("/r");
    const RequestRecord get{.method = MethodLabel::get, .status = 200};
    route->record(registry.here(), get, spent({{Phase::handler, 122'999us}}));
    route->record(registry.here(), get, spent({{Phase::handler, 123'001us}}));
    EXPECT_THAT(exposition(registry), HasSubstr("status=\"200\",le=\"0.123\"} 1\n"));
}

TEST(RequestMetrics, MethodsAndStatusesWithoutASlotAreCountedToo) {
    metrics::Registry registry;
    RequestMetrics requests(registry);
    const auto route = requests.route(unmatched_endpoint);
    for (int i = 0; i < 3; ++i) {
        route->record(registry.here(), {.method = method_label("BREW"), .status = 418},
                      spent({{Phase::read, 1us}}));
        route->record(registry.here(), {.method = method_label("get"), .status = 599},
                      spent({{Phase::read, 1us}}));
        route->record(registry.here(), {.method = MethodLabel::get, .status = 7},
                      spent({{Phase::read, 1us}}));
    }
    const auto durations = series(registry, "http_request_duration_seconds");
    EXPECT_EQ(durations.size(), 3u);
    EXPECT_EQ(durations.at(R"(method="OTHER",endpoint="unmatched",status="418")").count, 3u);
    EXPECT_EQ(durations.at(R"(method="OTHER",endpoint="unmatched",status="599")").count, 3u);
    EXPECT_EQ(durations.at(R"(method="GET",endpoint="unmatched",status="100")").count, 3u);
}

TEST(RequestMetrics, SeriesStopGrowingAtTheLimitAndSaySo) {
    metrics::Registry registry;
    RequestMetrics requests(registry, {.most_duration_series = 10});
    const auto route = requests.route("/r");
    for (std::uint16_t status = 200; status < 600; ++status) {
        route->record(registry.here(), {.method = MethodLabel::get, .status = status},
                      spent({{Phase::read, 1us}}));
    }
    EXPECT_EQ(series(registry, "http_request_duration_seconds").size(), 10u);
    EXPECT_THAT(exposition(registry),
                HasSubstr("metrics_series_dropped_total{family=\"http_request_duration_seconds\"} 390\n"));
}

TEST(RequestMetrics, ThreadsShareARouteWithoutLosingARequest) {
    metrics::Registry registry;
    RequestMetrics requests(registry);
    const auto route = requests.route("/r");
    const Ledger ledger = spent({{Phase::read, 1us}, {Phase::handler, 1us}});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            const metrics::Seat seat(registry);
            for (int i = 0; i < 1000; ++i) {
                requests.in_flight().up(seat.shard());
                route->record(seat.shard(),
                              {.method = MethodLabel::get, .status = static_cast<std::uint16_t>(200 + i % 7)},
                              ledger);
                requests.in_flight().down(seat.shard());
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::uint64_t count = 0;
    for (const auto& [labels, seen] : series(registry, "http_request_duration_seconds")) {
        count += seen.count;
    }
    EXPECT_EQ(count, 4000u);
    EXPECT_THAT(exposition(registry), HasSubstr("\nhttp_requests_in_flight 0\n"));
}

TEST(RequestMetrics, ATraceBecomesAnExemplarWhenAskedFor) {
    metrics::Registry registry;
    RequestMetrics requests(registry, {.exemplars = true});
    const auto route = requests.route("/r");
    const metrics::Seat seat(registry);
    const metrics::TraceId trace{0x0af7651916cd43dd, 0x8448eb211c80319c};
    route->record(seat.shard(), {.method = MethodLabel::get, .status = 200, .trace = trace},
                  spent({{Phase::read, 4ms}}));
    Buffer out;
    write_exposition(out, registry, metrics::Exposition::open_metrics);
    EXPECT_THAT(std::string(out.view()),
                HasSubstr("le=\"0.005\"} 1 # {trace_id=\"0af7651916cd43dd8448eb211c80319c\"} 0.004"));
    EXPECT_THAT(exposition(registry), Not(HasSubstr("trace_id")));
}

TEST(RequestMetrics, ShedRequestsAreCountedByReason) {
    metrics::Registry registry;
    RequestMetrics requests(registry);
    requests.shed("in_flight_limit").add(registry.here());
    EXPECT_THAT(exposition(registry), HasSubstr("http_requests_shed_total{reason=\"in_flight_limit\"} 1\n"));
}

}  // namespace brio::ledger
