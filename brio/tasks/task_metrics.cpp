#include <brio/tasks/task_metrics.hpp>

#include <algorithm>

namespace brio::tasks {

namespace {

metrics::FamilySpec by_task(const char* name, const char* help) {
    return {.name = name, .help = help, .labels = {"task_type"}};
}
metrics::FamilySpec by_queue(const char* name, const char* help) {
    return {.name = name, .help = help, .labels = {"queue"}};
}

}  // namespace

TaskMetrics::TaskMetrics(metrics::Registry& registry, GoalOf goal_of)
    : registry_(registry),
      goal_of_(std::move(goal_of)),
      duration_(registry.histogram(by_task("task_duration_seconds", "What a try of a task took."))),
      wait_(registry.histogram(
          by_task("task_wait_seconds", "From when a task was due to when a worker took it."))),
      attempts_(registry.counter({.name = "task_attempts_total",
                                  .help = "Tries of tasks, by what became of them.",
                                  .labels = {"task_type", "outcome"}})),
      success_(registry.counter(by_task("task_success_total", "Tasks that are done."))),
      failure_(registry.counter({.name = "task_failure_total",
                                 .help = "Tasks that failed for good.",
                                 .labels = {"task_type", "error_type"}})),
      retries_(registry.counter(by_task("task_retries_total", "Tries that failed and are made again."))),
      dead_(registry.counter(by_task("task_dead_total", "Tasks that came into the dead set."))),
      dropped_(registry.counter(
          by_task("task_dead_dropped_total", "Tasks that a dead set dropped, since it was full."))),
      pushed_(registry.counter(by_task("task_pushed_total", "Tasks that this process has pushed."))),
      phases_(registry.summary({.name = "task_phase_seconds",
                                .help = "Where the time of tasks went.",
                                .labels = {"task_type", "phase"},
                                .hide_unused = true})),
      overruns_(registry.summary({.name = "task_overrun_seconds",
                                  .help = "The same of those tries only that took longer than their goal.",
                                  .labels = {"task_type", "phase"},
                                  .hide_unused = true})),
      redelivered_(registry
                       .counter({.name = "task_redelivered_total",
                                 .help = "Tasks that came back from workers that had died.",
                                 .labels = {}})
                       .with({})),
      length_(registry.gauge(by_queue("task_queue_length", "Tasks that are due and wait."))),
      scheduled_(registry.gauge(by_queue("task_queue_scheduled", "Tasks that are not due yet."))),
      running_(registry.gauge(by_queue("task_queue_running", "Tasks that workers hold."))),
      dead_length_(registry.gauge(by_queue("task_queue_dead", "Tasks in the dead set."))),
      oldest_(registry.gauge(
          by_queue("task_queue_oldest_seconds", "How long the task that waits longest has been due."))) {}

TaskMetrics::Series& TaskMetrics::series_of(std::string_view task) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find(all_, task, &Series::task);
    if (found != all_.end()) {
        return *found;
    }
    // Names come from messages, and so from anybody who can push.
    const std::string_view name = all_.size() < most_series ? task : std::string_view("others");
    if (all_.size() > most_series) {
        return all_.back();
    }
    Series& added = all_.emplace_back();
    added.task = name;
    added.goal = goal_of_(name);
    added.duration = duration_.with({name});
    added.wait = wait_.with({name});
    added.success = success_.with({name});
    added.retries = retries_.with({name});
    added.dead = dead_.with({name});
    added.dropped = dropped_.with({name});
    added.pushed = pushed_.with({name});
    for (std::size_t i = 0; i < added.phases.size(); ++i) {
        added.phases[i] = phases_.with({name, ledger::name(ledger::task_phases[i])});
        added.overruns[i] = overruns_.with({name, ledger::name(ledger::task_phases[i])});
    }
    return added;
}

void TaskMetrics::tried(const Try& ended, const ledger::Ledger& ledger) {
    using enum Settlement::Outcome;
    auto& shard = registry_.here();
    Series& series = series_of(ended.task);
    attempts_.with({series.task, name_of(ended.outcome)}).add(shard);
    if (ended.outcome == returned) {
        return;
    }
    series.wait.observe(shard, ledger.of(ledger::Phase::wait));
    series.duration.observe(shard, ended.took_ns);
    const bool is_over = ended.took_ns > static_cast<std::uint64_t>(series.goal.count());
    for (std::size_t i = 0; i < series.phases.size(); ++i) {
        if (const auto ns = ledger.of(ledger::task_phases[i]); ns != 0) {
            series.phases[i].observe(shard, ns);
            if (is_over && ledger::task_phases[i] != ledger::Phase::wait) {  // the goal is of the try
                series.overruns[i].observe(shard, ns);
            }
        }
    }
    if (ended.outcome == done) {
        series.success.add(shard);
    } else if (ended.outcome == retried) {
        series.retries.add(shard);
    } else {
        const auto why = ended.outcome == failed ? ended.error_type : name_of(ended.outcome);
        failure_.with({series.task, why}).add(shard);
        series.dead.add(shard, ended.outcome == failed ? 1 : 0);
    }
}

void TaskMetrics::pushed(std::string_view task, std::uint64_t count) {
    series_of(task).pushed.add(registry_.here(), count);
}

void TaskMetrics::recovered(const std::vector<Status>& came_back) {
    auto& shard = registry_.here();
    redelivered_.add(shard, came_back.size());
    for (const Status& each : came_back) {
        if (each.state == State::failed) {
            Series& series = series_of(each.name);
            series.dead.add(shard);
            failure_.with({series.task, "death"}).add(shard);
        }
    }
}

void TaskMetrics::dropped(const std::vector<Status>& tasks) {
    for (const Status& each : tasks) {
        series_of(each.name).dropped.add(registry_.here());
    }
}

void TaskMetrics::show(const std::vector<QueueStatus>& queues, Timestamp now) {
    for (const QueueStatus& each : queues) {
        length_.with({each.name}).set(static_cast<double>(each.ready));
        scheduled_.with({each.name}).set(static_cast<double>(each.scheduled));
        running_.with({each.name}).set(static_cast<double>(each.running));
        dead_length_.with({each.name}).set(static_cast<double>(each.dead));
        const auto waited = each.oldest ? now.microseconds - each.oldest->microseconds : 0;
        oldest_.with({each.name}).set(static_cast<double>(std::max<std::int64_t>(waited, 0)) / 1e6);
    }
}

}  // namespace brio::tasks
