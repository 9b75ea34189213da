// A process that carries out tasks: threads with a loop and a Runner each, and on the control loop what must
// go on while tasks keep those busy: it beats, takes back what workers that died held, ends the process when
// a task goes on after its hard deadline, takes more tasks at a time when they wait too long, and shows the
// queues in metrics.
//
// Made, started and drained on the control loop's thread.
#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <brio/http/services.hpp>
#include <brio/metrics/process.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/loop.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/tasks/autoscale.hpp>
#include <brio/tasks/runner.hpp>
#include <brio/tasks/tasks.hpp>

namespace brio::tasks {

struct WorkerOptions {
    std::vector<std::string> queues{std::string(default_queue)};  // the first before the second
    std::size_t concurrency = 16;                                 // tasks at a time, of all threads
    std::size_t most = 0;  // as many when tasks wait longer than their goal; 0: no more
    std::size_t kept = 0;  // of these, for the first queue alone
    std::size_t threads = 1;
    std::chrono::milliseconds lease = std::chrono::seconds(10);  // a worker silent for so long is dead
    int most_deaths = 3;                                         // of a task; then it is dead, too
    std::size_t most_dead = 10'000;  // of a queue; more: those that have been dead for longest are dropped
    std::chrono::milliseconds show_every = std::chrono::seconds(5);
    std::chrono::milliseconds scale_every = std::chrono::seconds(1);
    /// What it sees of its queues, and what it makes of it, each scale_every; empty: nobody wants to know.
    std::function<void(const Autoscale::Look&, const Autoscale&)> looked;
    /// The process must end: a task does not stop. Must not return.
    std::function<void(const Running::Task&)> give_up;
};

class Worker {
public:
    struct Parts {
        Tasks& tasks;
        const http::Services& services;
        metrics::Registry& registry;
        runtime::Loop& control;
        /// Loops of the threads, as many as there are; they outlive the broker.
        std::deque<runtime::Loop>& loops;
    };

    Worker(Parts parts, WorkerOptions options);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    /// Drained before.
    ~Worker();

    void start();
    /// Claims nothing more; after `grace` what still runs is stopped and handed back, without one it has
    /// until its hard deadline; then `ended` is called, on the control loop, and the threads are gone. Of a
    /// second call only the grace counts.
    void drain(std::optional<std::chrono::milliseconds> grace, std::function<void()> ended);

    /// What runs just now. Any thread.
    const Running& running() const noexcept { return running_; }
    std::string id() const;
    /// Tasks that it takes at a time now. The control loop's thread.
    std::size_t slots() const noexcept { return concurrency_; }

private:
    class Thread;
    static Async<void> care(Worker& self);
    static Async<void> scale(Worker& self);
    bool looks_often() const noexcept { return options_.most > options_.concurrency || options_.looked; }
    Async<void> look_at_queues();
    Autoscale::Look look_of(const std::vector<QueueStatus>& queues, Timestamp now);
    void set_concurrency(std::size_t concurrency);
    std::size_t share(std::size_t of, std::size_t thread) const noexcept;
    Async<void> beat();
    Async<void> give_back_unclaimed();
    Async<void> recover();
    Async<void> show();
    Async<void> trim_dead(std::vector<QueueStatus> queues);
    void look_for_overdue();
    void thread_drained();
    void leave();
    void new_id();
    /// The id; empty while the broker does not know it: it gives such a one nothing.
    std::string claimant() const;

    const Parts parts_;
    const WorkerOptions options_;
    Running running_;
    const std::chrono::nanoseconds made_ = monotonic_now();
    const metrics::Callback fetch_age_;
    Autoscale autoscale_;
    metrics::ProcessUsage used_;  // at the last look
    std::size_t concurrency_ = 0;
    metrics::Gauge slots_;
    metrics::Gauge taken_;
    mutable std::mutex mutex_;
    std::string id_;         // guarded by mutex_
    bool is_known_ = false;  // to the broker; guarded by mutex_
    std::vector<std::unique_ptr<Thread>> threads_;
    runtime::Scope scope_;
    std::unique_ptr<runtime::Scope> leaving_;
    std::function<void()> ended_;
    std::size_t drained_ = 0;
    bool is_draining_ = false;
    bool has_fault_ = false;
    std::set<Held> unclaimed_;      // at the last look, by the broker, and not here
    std::uint64_t last_claim_ = 0;  // then
    std::chrono::nanoseconds looked_{0};

    struct Every : runtime::Timer {
        Every(Worker& its_worker, void (Worker::*its_step)());
        Worker& worker;
        void (Worker::*step)();
    };
    Every overdue_;
    Every grace_over_;
    void stop_tasks();
};

}  // namespace brio::tasks
