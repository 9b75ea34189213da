#include <brio/tasks/worker.hpp>

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <thread>

#include <brio/base/fatal_signals.hpp>
#include <brio/base/log.hpp>
#include <brio/base/random.hpp>
#include <brio/base/steady_wall.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/runtime/sampler.hpp>

namespace brio::tasks {

namespace {

constexpr std::chrono::milliseconds overdue_every{500};
constexpr std::size_t swept_at_once = 1'000;
constexpr std::size_t trimmed_at_once = 1'000;

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? std::string(name) : std::string("unknown");
}

/// Something to be done on a loop by another thread; ends with having been done.
class Order : runtime::Posted {
public:
    static void post(runtime::Loop& loop, std::function<void()> what) {
        loop.post(*new Order(std::move(what)));
    }

private:
    explicit Order(std::function<void()> what)
        : Posted([](Posted& posted) {
              const std::unique_ptr<Order> order(&static_cast<Order&>(posted));
              order->what_();
          }),
          what_(std::move(what)) {}
    std::function<void()> what_;
};

}  // namespace

/// One loop with a runner, on a thread of its own.
class Worker::Thread {
public:
    Thread(Worker& worker, runtime::Loop& loop, RunnerOptions options)
        : worker_(worker),
          loop_(loop),
          options_(std::move(options)) {}
    ~Thread() { expect(!thread_.joinable(), "a worker is drained before it is destroyed"); }

    void start() {
        thread_ = std::thread([this] {
            pthread_setname_np(pthread_self(), "tasks");
            const AlternateStack stack;
            const metrics::Seat seat(worker_.parts_.registry);
            const runtime::SampledThread sampled("tasks");
            loop_.refresh_now();
            Runner runner(loop_,
                          {.tasks = worker_.parts_.tasks,
                           .services = worker_.parts_.services,
                           .running = worker_.running_,
                           .worker = [this] { return worker_.claimant(); }},
                          options_);
            runner_ = &runner;
            runner.start();
            loop_.run();
            runner_ = nullptr;
        });
    }
    /// What is to be done with the runner, on its loop.
    void order(std::function<void(Runner&)> what) {
        Order::post(loop_, [this, what = std::move(what)] {
            if (runner_ != nullptr) {
                what(*runner_);
            }
        });
    }
    void drain() {
        order([this](Runner& runner) {
            runner.drain([this] {
                // Not within the runner's own calls.
                Order::post(loop_, [this] { loop_.stop(); });
                Order::post(worker_.parts_.control, [this] { worker_.thread_drained(); });
            });
        });
    }
    void join() { thread_.join(); }

private:
    Worker& worker_;
    runtime::Loop& loop_;
    const RunnerOptions options_;
    Runner* runner_ = nullptr;  // of the thread
    std::thread thread_;
};

Worker::Every::Every(Worker& its_worker, void (Worker::*its_step)())
    : Timer([](Timer& timer) {
          auto& self = static_cast<Every&>(timer);
          (self.worker.*self.step)();
      }),
      worker(its_worker),
      step(its_step) {}

Worker::Worker(Parts parts, WorkerOptions options)
    : parts_(parts),
      options_(std::move(options)),
      running_(std::max(options_.concurrency, options_.most)),
      fetch_age_(parts.registry.gauge_of(
          {.name = "task_worker_fetch_age_seconds",
           .help = "How long ago the broker last answered a claim of this worker, which claims while it has "
                   "a free slot, idle once a second.",
           .labels = {}},
          {},
          [this] {
              const auto last = std::max(running_.last_fetch(), made_);
              return std::chrono::duration<double>(monotonic_now() - last).count();
          })),
      autoscale_({.least = options_.concurrency,
                  .most = std::max(options_.concurrency, options_.most),
                  .kept = options_.kept,
                  .goal = parts.tasks.goals().task}),
      slots_(parts.registry
                 .gauge({.name = "worker_concurrency",
                         .help = "How many tasks this worker takes at a time.",
                         .labels = {}})
                 .with({})),
      taken_(
          parts.registry
              .gauge({.name = "worker_tasks_running", .help = "Tasks that this worker runs.", .labels = {}})
              .with({})),
      scope_(parts.control),
      overdue_(*this, &Worker::look_for_overdue),
      grace_over_(*this, &Worker::stop_tasks) {
    expect(parts.loops.size() == options_.threads && options_.threads > 0, "a worker has a loop a thread");
    expect(options_.concurrency > 0, "a worker has at least one slot");
    new_id();
    concurrency_ = options_.concurrency;
    slots_.set(static_cast<double>(options_.concurrency));
    for (auto& loop : parts.loops) {
        const auto number = threads_.size();
        threads_.push_back(
            std::make_unique<Thread>(*this, loop,
                                     RunnerOptions{.queues = options_.queues,
                                                   .concurrency = share(options_.concurrency, number),
                                                   .kept = share(options_.kept, number),
                                                   .most_deaths = options_.most_deaths}));
    }
}

std::size_t Worker::share(std::size_t of, std::size_t thread) const noexcept {
    return of / options_.threads + (thread < of % options_.threads ? 1 : 0);
}

Worker::~Worker() { expect(scope_.running() == 0, "a worker is drained before it is destroyed"); }

std::string Worker::id() const {
    const std::scoped_lock lock(mutex_);
    return id_;
}

std::string Worker::claimant() const {
    const std::scoped_lock lock(mutex_);
    return is_known_ ? id_ : std::string();
}

void Worker::new_id() {
    auto made = Uuid::v7(Timestamp(wall_now()), thread_random()).text();
    const std::scoped_lock lock(mutex_);
    id_ = std::move(made);
    is_known_ = false;
}

void Worker::start() {
    scope_.start(care(*this));
    if (looks_often()) {
        scope_.start(scale(*this));
    }
    look_for_overdue();
    for (const auto& thread : threads_) {
        thread->start();
    }
}

// -- care --

Async<void> Worker::care(Worker& self) {
    const auto every = self.options_.lease / 3;
    std::chrono::nanoseconds shown{0};
    while (!self.is_draining_ || self.drained_ < self.threads_.size()) {
        try {
            co_await self.beat();
            co_await self.recover();
            if (self.parts_.control.now() - shown >= self.options_.show_every) {
                shown = self.parts_.control.now();
                co_await self.show();
            }
            if (self.parts_.control.now() - self.looked_ >= every) {
                self.looked_ = self.parts_.control.now();
                co_await self.give_back_unclaimed();
            }
            self.has_fault_ = false;
        } catch (const runtime::Cancelled&) {
            break;
        } catch (const std::exception& error) {
            if (!std::exchange(self.has_fault_, true)) {
                log_warning("the worker cannot tell the broker that it lives",
                            {{"broker", self.parts_.tasks.broker().words()}, {"error", error.what()}});
            }
        }
        try {
            co_await runtime::sleep_for(self.has_fault_ ? std::min(every, overdue_every) : every);
        } catch (const runtime::Cancelled&) {
            break;
        }
    }
}

Async<void> Worker::beat() {
    const auto answer = co_await parts_.tasks.broker().beat(
        {.id = id(), .host = host_name(), .pid = static_cast<std::int32_t>(::getpid())});
    if (!answer.is_known) {
        log_warning("this worker was taken for dead: what it held runs elsewhere", {{"worker", id()}});
        new_id();
        for (const auto& thread : threads_) {
            thread->order([](Runner& runner) { runner.lose_all(); });
        }
        co_await parts_.tasks.broker().beat(
            {.id = id(), .host = host_name(), .pid = static_cast<std::int32_t>(::getpid())});
    } else if (!answer.cancelled.empty()) {
        for (const auto& thread : threads_) {
            thread->order([ids = answer.cancelled](Runner& runner) { runner.cancel(ids); });
        }
    }
    const std::scoped_lock lock(mutex_);
    is_known_ = true;
}

// What a claim gave whose answer never came here is nobody's: the broker says at two looks that it is held
// here, and each claim that was under way at the first is over.
Async<void> Worker::give_back_unclaimed() {
    const auto worker = id();
    const bool are_over = running_.are_over(last_claim_);
    std::set<Held> unclaimed;
    for (Held& each : co_await parts_.tasks.broker().held_by(worker)) {
        if (!running_.holds(each)) {
            unclaimed.insert(std::move(each));
        }
    }
    last_claim_ = running_.last_claim();
    if (!are_over) {
        unclaimed_.clear();
    }
    std::vector<Held> back;
    std::ranges::set_intersection(unclaimed, unclaimed_, std::back_inserter(back));
    unclaimed_ = std::move(unclaimed);
    if (back.empty()) {
        co_return;
    }
    log_warning("tasks go back whose claim was never answered", {{"tasks", back.size()}});
    co_await parts_.tasks.broker().settle(worker, returned(back));
}

Async<void> Worker::recover() {
    const auto came_back = co_await parts_.tasks.broker().recover(options_.lease, options_.most_deaths);
    if (came_back.empty()) {
        co_return;
    }
    parts_.tasks.metrics().recovered(came_back);
    for (const Status& each : came_back) {
        const bool is_dead = each.state == State::failed;
        log_warning(is_dead ? "a task was there at too many deaths of workers: it is dead"
                            : "a task came back from a worker that died",
                    {{"task", each.name}, {"id", each.id}, {"deaths", each.deaths}});
    }
}

Async<void> Worker::show() {
    if (!looks_often()) {  // else they are looked at more often
        co_await look_at_queues();
    }
    // As much as ended meanwhile, but the next beat does not wait long for it.
    const auto until = monotonic_now() + options_.lease / 6;
    while (co_await parts_.tasks.broker().sweep(swept_at_once) >= swept_at_once && monotonic_now() < until) {
    }
}

// The set grows without bounds when nobody looks after it. What is dropped stands in the log.
Async<void> Worker::trim_dead(std::vector<QueueStatus> queues) {
    for (const QueueStatus& queue : queues) {
        if (queue.dead <= options_.most_dead) {
            continue;
        }
        const auto dropped =
            co_await parts_.tasks.broker().trim_dead(queue.name, options_.most_dead, trimmed_at_once);
        parts_.tasks.metrics().dropped(dropped);
        for (const Status& each : dropped) {
            log_error("too many tasks are dead: one that has been so for longest is dropped",
                      {{"queue", queue.name},
                       {"most", options_.most_dead},
                       {"task", each.name},
                       {"id", each.id},
                       {"error", each.error.substr(0, each.error.find('\n'))}});
        }
    }
}

// Shows what the queues are like, and takes as many tasks at a time as that asks for.
Async<void> Worker::look_at_queues() {
    const auto now = Timestamp(steady_wall_now());
    const auto queues = co_await parts_.tasks.broker().queues();
    parts_.tasks.metrics().show(queues, now);
    taken_.set(static_cast<double>(running_.size()));
    const auto look = look_of(queues, now);
    const auto before = autoscale_.slots();
    if (const auto slots = autoscale_.decide(look); slots != before && !is_draining_) {
        log_info(
            slots > before ? "more tasks at a time: they wait for long"
                           : "fewer tasks at a time: slots were not used",
            {{"from", before},
             {"to", slots},
             {"wait_ms", std::chrono::duration_cast<std::chrono::milliseconds>(autoscale_.wait()).count()},
             {"ready", look.ready},
             {"processor_percent", static_cast<int>(look.processor_share * 100)}});
        set_concurrency(slots);
    }
    if (options_.looked) {
        options_.looked(look, autoscale_);
    }
    co_await trim_dead(queues);
}

Autoscale::Look Worker::look_of(const std::vector<QueueStatus>& queues, Timestamp now) {
    Autoscale::Look look{.now = monotonic_now(), .taken = running_.held(), .begun = running_.begun()};
    for (const QueueStatus& each : queues) {
        if (each.is_paused || std::ranges::find(options_.queues, each.name) == options_.queues.end()) {
            continue;
        }
        look.ready += each.ready;
        look.running += each.running;
        if (each.oldest) {
            look.oldest = std::max<std::chrono::nanoseconds>(
                look.oldest, std::chrono::microseconds(now.microseconds - each.oldest->microseconds));
        }
    }
    const auto usage = metrics::read_process_usage();
    const auto cores = std::min(usage.cores, static_cast<double>(options_.threads));
    const auto between = usage.age - used_.age;
    look.processor_share = between.count() <= 0
                               ? 0
                               : static_cast<double>((usage.cpu_time - used_.cpu_time).count()) /
                                     (static_cast<double>(between.count()) * cores);
    used_ = usage;
    return look;
}

void Worker::set_concurrency(std::size_t concurrency) {
    concurrency_ = concurrency;
    slots_.set(static_cast<double>(concurrency));
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        threads_[i]->order(
            [slots = share(concurrency, i)](Runner& runner) { runner.set_concurrency(slots); });
    }
}

Async<void> Worker::scale(Worker& self) {
    try {
        while (!self.is_draining_) {
            try {
                co_await self.look_at_queues();
            } catch (const runtime::Cancelled&) {
                throw;
            } catch (const std::exception&) {  // the beats have the same trouble, and say it
            }
            co_await runtime::sleep_for(self.options_.scale_every);
        }
    } catch (const runtime::Cancelled&) {  // it has ended
    }
}

void Worker::look_for_overdue() {
    if (const auto overdue = running_.overdue(monotonic_now()); overdue && options_.give_up) {
        options_.give_up(*overdue);
    }
    parts_.control.arm(overdue_, overdue_every);
}

// -- the end --

void Worker::drain(std::optional<std::chrono::milliseconds> grace, std::function<void()> ended) {
    if (grace) {
        parts_.control.arm(grace_over_, *grace);
    }
    if (std::exchange(is_draining_, true)) {
        return;
    }
    ended_ = std::move(ended);
    for (const auto& thread : threads_) {
        thread->drain();
    }
}

void Worker::stop_tasks() {
    for (const auto& thread : threads_) {
        thread->order([](Runner& runner) { runner.stop_tasks(); });
    }
}

void Worker::thread_drained() {
    if (++drained_ < threads_.size()) {
        return;
    }
    for (const auto& thread : threads_) {
        thread->join();
    }
    overdue_.cancel();
    grace_over_.cancel();
    scope_.stop(runtime::StopReason::shutdown);
    leave();
}

// The scope that was stopped serves no more: this last word has one of its own. It comes after the last beat,
// which a database carries out even when nobody waits for it any more.
void Worker::leave() {
    leaving_ = std::make_unique<runtime::Scope>(parts_.control);
    leaving_->start([](Worker& self) -> Async<void> {
        try {
            co_await self.scope_.join();
            co_await self.parts_.tasks.broker().leave(self.id());
        } catch (const std::exception&) {  // others find that it beats no more
        }
        Order::post(self.parts_.control, [&self] {
            self.leaving_.reset();
            if (self.ended_) {
                std::exchange(self.ended_, {})();
            }
        });
    }(*this));
}

}  // namespace brio::tasks
