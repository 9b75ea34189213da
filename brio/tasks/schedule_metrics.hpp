// The metrics of a schedule, each {entry}: schedule_firings_total, schedule_failures_total (ticks that were
// passed over, since their task could not be made), schedule_lateness_seconds (from a tick to the push of its
// task), schedule_last_tick_timestamp_seconds and schedule_next_tick_timestamp_seconds (Unix time; 0: none).
//
// What is counted is so by who leads. The ticks are shown by who leads and by server processes; of several
// instances the greatest is the newest.
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

#include <brio/metrics/registry.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio::tasks {

class ScheduleMetrics {
public:
    explicit ScheduleMetrics(metrics::Registry& registry);

    void fired(std::string_view entry, std::chrono::microseconds late);
    void failed(std::string_view entry);
    struct Ticks {
        std::optional<Timestamp> last;
        std::optional<Timestamp> next;
    };
    void show(std::string_view entry, const Ticks& ticks);

private:
    metrics::Registry& registry_;
    metrics::Family<metrics::Counter> firings_;
    metrics::Family<metrics::Counter> failures_;
    metrics::Family<metrics::Summary> lateness_;
    metrics::Family<metrics::Gauge> last_;
    metrics::Family<metrics::Gauge> next_;
};

}  // namespace brio::tasks
