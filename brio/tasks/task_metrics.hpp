// The metrics of tasks: one set for a program, one series for each kind of task.
//
// task_duration_seconds{task_type} (each try), task_wait_seconds{task_type} (from when it was due to its
// claim), task_attempts_total{task_type,outcome}, task_success_total{task_type} and
// task_failure_total{task_type,error_type} (ended, for good), task_retries_total{task_type},
// task_redelivered_total, task_dead_total{task_type}, task_dead_dropped_total{task_type} (from a dead set
// that was full), task_pushed_total{task_type}, task_phase_seconds{task_type,phase}, and the same, without
// the wait, of those tries only that took longer than their goal, task_overrun_seconds{task_type,phase}; and
// of queues task_queue_length, task_queue_scheduled, task_queue_running, task_queue_dead and
// task_queue_oldest_seconds, each {queue}.
#pragma once
#include <array>
#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <brio/ledger/ledger.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/tasks/broker.hpp>

namespace brio::tasks {

class TaskMetrics {
public:
    /// Asked once for each kind of tasks, by its name.
    using GoalOf = std::function<std::chrono::nanoseconds(std::string_view)>;
    TaskMetrics(metrics::Registry& registry, GoalOf goal_of);
    TaskMetrics(const TaskMetrics&) = delete;
    TaskMetrics& operator=(const TaskMetrics&) = delete;

    /// One try has ended. The ledger is finished; its phase `wait` is that from due to claim.
    struct Try {
        std::string_view task;
        Settlement::Outcome outcome;
        std::string_view error_type;  // of failed and retried
        std::uint64_t took_ns = 0;    // without the wait
    };
    void tried(const Try& ended, const ledger::Ledger& ledger);
    void pushed(std::string_view task, std::uint64_t count = 1);
    /// Tasks came back from a worker that died, so many of them to the dead set.
    void recovered(const std::vector<Status>& came_back);
    /// Tasks were dropped from the dead set, which was full.
    void dropped(const std::vector<Status>& tasks);
    metrics::Registry& registry() noexcept { return registry_; }
    /// What the queues look like now. One thread at a time.
    void show(const std::vector<QueueStatus>& queues, Timestamp now);

private:
    struct Series {
        std::string task;
        std::chrono::nanoseconds goal{0};
        metrics::Histogram duration;
        metrics::Histogram wait;
        metrics::Counter success;
        metrics::Counter retries;
        metrics::Counter dead;
        metrics::Counter dropped;
        metrics::Counter pushed;
        std::array<metrics::Summary, ledger::task_phases.size()> phases;
        std::array<metrics::Summary, ledger::task_phases.size()> overruns;
    };
    Series& series_of(std::string_view task);

    metrics::Registry& registry_;
    const GoalOf goal_of_;
    metrics::Family<metrics::Histogram> duration_;
    metrics::Family<metrics::Histogram> wait_;
    metrics::Family<metrics::Counter> attempts_;
    metrics::Family<metrics::Counter> success_;
    metrics::Family<metrics::Counter> failure_;
    metrics::Family<metrics::Counter> retries_;
    metrics::Family<metrics::Counter> dead_;
    metrics::Family<metrics::Counter> dropped_;
    metrics::Family<metrics::Counter> pushed_;
    metrics::Family<metrics::Summary> phases_;
    metrics::Family<metrics::Summary> overruns_;
    metrics::Counter redelivered_;
    metrics::Family<metrics::Gauge> length_;
    metrics::Family<metrics::Gauge> scheduled_;
    metrics::Family<metrics::Gauge> running_;
    metrics::Family<metrics::Gauge> dead_length_;
    metrics::Family<metrics::Gauge> oldest_;
    std::mutex mutex_;
    std::deque<Series> all_;  // guarded by mutex_; stay in place. At most most_series
    static constexpr std::size_t most_series = 500;
};

}  // namespace brio::tasks
