#include <brio/app/instruments.hpp>

#include <brio/base/clock.hpp>

namespace brio::app {

Instruments::Instruments(metrics::Registry& registry, std::string version, std::chrono::nanoseconds period)
    : registry_(registry),
      process_(registry, {.version = std::move(version), .period = period, .files = {}}) {}

void Instruments::observe(const runtime::Limits& limits) {
    auto const in_use = metrics::FamilySpec{
        .name = "limit_in_use", .help = "How much of a bound is used.", .labels = {"limit"}};
    auto const most = metrics::FamilySpec{.name = "limit_max", .help = "The bound.", .labels = {"limit"}};
    auto const refused = metrics::FamilySpec{
        .name = "limit_refused_total", .help = "What did not fit within a bound.", .labels = {"limit"}};
    limits.each([&](const runtime::Limit& limit) {
        auto const& name = limit.name();
        callbacks_.push_back(
            registry_.gauge_of(in_use, {name}, [&limit] { return static_cast<double>(limit.used()); }));
        callbacks_.push_back(
            registry_.gauge_of(most, {name}, [&limit] { return static_cast<double>(limit.most()); }));
        callbacks_.push_back(
            registry_.counter_of(refused, {name}, [&limit] { return static_cast<double>(limit.refused()); }));
    });
}

void Instruments::observe(const http::Server& server) {
    const std::vector<std::string> labels{"method", "endpoint"};
    auto const in_flight = metrics::FamilySpec{.name = "http_admission_in_flight",
                                               .help = "Requests that wait behind a route's gate.",
                                               .labels = labels};
    auto const limit = metrics::FamilySpec{
        .name = "http_admission_limit", .help = "How many may; 0: as many as come.", .labels = labels};
    auto const wait = metrics::FamilySpec{.name = "http_admission_wait_seconds",
                                          .help = "What they waited for each other, in the last window.",
                                          .labels = labels};
    auto const refused = metrics::FamilySpec{.name = "http_admission_refused_total",
                                             .help = "Requests not let in, or withdrawn, by a route's gate.",
                                             .labels = {"method", "endpoint", "importance"}};
    for (auto const& route : server.router().routes()) {
        auto* gate = route->gate;
        if (gate == nullptr) {
            continue;
        }
        auto const method = std::string(http::method_name(route->method));
        auto const gauge = [&](const metrics::FamilySpec& spec, std::function<double()> read) {
            callbacks_.push_back(registry_.gauge_of(spec, {method, route->pattern}, std::move(read)));
        };
        gauge(in_flight, [gate] { return static_cast<double>(gate->in_flight()); });
        gauge(limit, [gate] { return static_cast<double>(gate->state(monotonic_now()).limit.value_or(0)); });
        gauge(wait,
              [gate] { return std::chrono::duration<double>(gate->state(monotonic_now()).waited).count(); });
        callbacks_.push_back(registry_.counter_of(
            refused, {method, route->pattern, std::string(http::name_of(route->options.importance))}, [gate] {
                auto const state = gate->state(monotonic_now());
                return static_cast<double>(state.refused + state.withdrawn);
            }));
    }
}

void Instruments::observe(const LineWriter& log) {
    auto const dropped = metrics::FamilySpec{.name = "log_lines_dropped_total",
                                             .help = "Access lines lost because they could not be written.",
                                             .labels = {}};
    callbacks_.push_back(
        registry_.counter_of(dropped, {}, [&log] { return static_cast<double>(log.dropped()); }));
}

}  // namespace brio::app
