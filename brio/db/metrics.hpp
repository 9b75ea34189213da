// The metrics of a database: durations by type of statement, the writer's batches, and gauges read at each
// scrape.
#pragma once
#include <array>
#include <functional>
#include <vector>

#include <brio/db/engine.hpp>
#include <brio/metrics/registry.hpp>

namespace brio::db {

class Metrics {
public:
    explicit Metrics(metrics::Registry& registry);

    /// db_query_duration_seconds{query_type}
    void statement(sql::StatementType type, std::uint64_t ns) noexcept {
        durations_[static_cast<std::size_t>(type)].observe(registry_.here(), ns);
    }
    /// db_write_batch_jobs_total and db_write_batches_total: their ratio is how many writes share a flush.
    void batch(std::size_t jobs) noexcept {
        jobs_.add(registry_.here(), jobs);
        batches_.add(registry_.here());
    }
    /// db_read_placements_total{place}: inline, offloaded, interrupted.
    enum class Place : std::uint8_t { on_loop, offloaded, interrupted };
    void placed(Place place) noexcept { places_[static_cast<std::size_t>(place)].add(registry_.here()); }
    metrics::Registry& registry() noexcept { return registry_; }

private:
    metrics::Registry& registry_;
    std::array<metrics::Histogram, 5> durations_;
    metrics::Counter jobs_;
    metrics::Counter batches_;
    std::array<metrics::Counter, 3> places_;
};

/// db_pool_connections{state}, db_pool_max, db_connections_total: `occupancy` is asked at each scrape while
/// they live.
std::vector<metrics::Callback> occupancy_gauges(metrics::Registry& registry,
                                                std::function<Occupancy()> occupancy);

}  // namespace brio::db
