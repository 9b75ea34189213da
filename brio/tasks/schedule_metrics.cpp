#include <brio/tasks/schedule_metrics.hpp>

#include <algorithm>

#include <brio/tasks/schedule.hpp>

namespace brio::tasks {

namespace {

metrics::FamilySpec by_entry(const char* name, const char* help) {
    return {.name = name, .help = help, .labels = {"entry"}, .most_series = Schedule::most_entries};
}

double seconds_of(std::optional<Timestamp> time) {
    return time ? static_cast<double>(time->microseconds) / 1e6 : 0;
}

}  // namespace

ScheduleMetrics::ScheduleMetrics(metrics::Registry& registry)
    : registry_(registry),
      firings_(registry.counter(by_entry("schedule_firings_total", "Ticks that became tasks."))),
      failures_(registry.counter(
          by_entry("schedule_failures_total", "Ticks that were passed over: their task could not be made."))),
      lateness_(registry.summary(
          by_entry("schedule_lateness_seconds", "From a tick of the schedule to the push of its task."))),
      last_(registry.gauge(
          by_entry("schedule_last_tick_timestamp_seconds", "The last tick that is done, in Unix time."))),
      next_(registry.gauge(by_entry("schedule_next_tick_timestamp_seconds",
                                    "The next tick, in Unix time; 0 when it is off."))) {}

void ScheduleMetrics::fired(std::string_view entry, std::chrono::microseconds late) {
    const auto ns = std::chrono::nanoseconds(std::max(late, std::chrono::microseconds(0))).count();
    firings_.with({entry}).add(registry_.here());
    lateness_.with({entry}).observe(registry_.here(), static_cast<std::uint64_t>(ns));
}

void ScheduleMetrics::failed(std::string_view entry) { failures_.with({entry}).add(registry_.here()); }

void ScheduleMetrics::show(std::string_view entry, const Ticks& ticks) {
    last_.with({entry}).set(seconds_of(ticks.last));
    next_.with({entry}).set(seconds_of(ticks.next));
}

}  // namespace brio::tasks
