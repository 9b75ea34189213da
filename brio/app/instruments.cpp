#include <brio/app/instruments.hpp>

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

void Instruments::observe(const LineWriter& log) {
    auto const dropped = metrics::FamilySpec{.name = "log_lines_dropped_total",
                                             .help = "Access lines lost because they could not be written.",
                                             .labels = {}};
    callbacks_.push_back(
        registry_.counter_of(dropped, {}, [&log] { return static_cast<double>(log.dropped()); }));
}

}  // namespace brio::app
