// Reads what the server process uses: every few seconds for its gauges, goals and history, and on demand.
//
// Sets loop_lag_seconds{loop}, db_disk_free_bytes, resource_readings_total,
// resource_reading_failures_total{what}, resource_reading_timestamp_seconds, and those of
// metrics/process.hpp. What cannot be read is left out, counted, and said in the log once; the rest goes on.
// Asks nothing over the network and waits for nobody, so that a database that is away holds nothing up.
//
// For the control loop's thread.
#pragma once
#include <set>
#include <string>
#include <vector>

#include <brio/metrics/process.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/watch/usage.hpp>

namespace brio::db {
class Database;
}

namespace brio::app {

class ResourceMonitor {
public:
    struct Parts {
        metrics::Registry& registry;
        metrics::ProcessCollector& process;
        const runtime::Limits& limits;
        db::Database* database = nullptr;  // null: a program without one
    };
    explicit ResourceMonitor(const Parts& parts);
    ResourceMonitor(const ResourceMonitor&) = delete;
    ResourceMonitor& operator=(const ResourceMonitor&) = delete;

    /// The loop outlives the readings.
    void observe(runtime::Loop& loop, std::string_view name);

    /// The reading that is due: sets the gauges. Cost: some 100 µs of system calls.
    watch::Usage read();
    /// One more: of processor and loops since the last read().
    watch::Usage now() const;
    /// Which work had the database's connections when other work waited too long for them, if that was in the
    /// last five minutes; else empty.
    std::string pool_words() const;

private:
    struct ObservedLoop {
        runtime::Loop* loop;
        std::string name;
        metrics::Gauge lag;
    };
    watch::Usage usage_of(const metrics::ProcessCollector::Sample& sample) const;
    void add_database(watch::Usage& usage) const;
    void note(const std::vector<std::string>& problems);

    const Parts parts_;
    std::string database_file_;  // empty: it has none
    std::vector<ObservedLoop> loops_;
    metrics::Family<metrics::Gauge> lags_;
    metrics::Family<metrics::Gauge> free_;
    metrics::Counter readings_;
    metrics::Family<metrics::Counter> failures_;
    metrics::Gauge read_at_;
    std::set<std::string> said_;  // of the last reading's problems
};

}  // namespace brio::app
