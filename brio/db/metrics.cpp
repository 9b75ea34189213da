#include <brio/db/metrics.hpp>

namespace brio::db {

Metrics::Metrics(metrics::Registry& registry) : registry_(registry) {
    const auto durations = registry.histogram({.name = "db_query_duration_seconds",
                                               .help = "Time of statements in the engine",
                                               .labels = {"query_type"},
                                               .most_series = 8});
    for (std::size_t type = 0; type < durations_.size(); ++type) {
        durations_[type] = durations.with({sql::name_of(static_cast<sql::StatementType>(type))});
    }
    jobs_ =
        registry.counter({.name = "db_write_batch_jobs_total", .help = "Writes carried out by the writer"})
            .with({});
    batches_ = registry.counter({.name = "db_write_batches_total", .help = "Commits of the writer"}).with({});
    const auto places =
        registry.counter({.name = "db_read_placements_total",
                          .help = "Where reads ran: on the loop, offloaded, or first one and then the other",
                          .labels = {"place"},
                          .most_series = 3});
    places_ = {places.with({"loop"}), places.with({"offloaded"}), places.with({"interrupted"})};
}

std::vector<metrics::Callback> occupancy_gauges(metrics::Registry& registry,
                                                std::function<Occupancy()> occupancy) {
    std::vector<metrics::Callback> gauges;
    auto add = [&](const char* state, auto read) {
        gauges.push_back(
            registry.gauge_of({.name = "db_pool_connections",
                               .help = "Connections by state",
                               .labels = {"state"},
                               .most_series = 3},
                              {state}, [occupancy, read] { return static_cast<double>(read(occupancy())); }));
    };
    add("idle", [](const Occupancy& now) { return now.idle; });
    add("in_use", [](const Occupancy& now) { return now.in_use; });
    add("waiting", [](const Occupancy& now) { return now.waiting; });
    gauges.push_back(registry.gauge_of({.name = "db_pool_max", .help = "The most connections there may be"},
                                       {}, [occupancy] { return static_cast<double>(occupancy().most); }));
    gauges.push_back(registry.gauge_of(
        {.name = "db_connections_total", .help = "Connections to the database"}, {}, [occupancy] {
            const Occupancy now = occupancy();
            return static_cast<double>(now.idle + now.in_use);
        }));
    return gauges;
}

}  // namespace brio::db
