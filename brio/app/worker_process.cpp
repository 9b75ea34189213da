#include <brio/app/worker_process.hpp>

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <memory>
#include <optional>

#include <brio/app/admin.hpp>
#include <brio/app/admin_guard.hpp>
#include <brio/app/backend.hpp>
#include <brio/app/broker_watch.hpp>
#include <brio/app/database_commands.hpp>
#include <brio/app/farewells.hpp>
#include <brio/app/goal_keeper.hpp>
#include <brio/app/instance_keeper.hpp>
#include <brio/app/instruments.hpp>
#include <brio/app/listeners.hpp>
#include <brio/app/live.hpp>
#include <brio/app/profile_routes.hpp>
#include <brio/app/recordings.hpp>
#include <brio/app/review_task.hpp>
#include <brio/app/server_start.hpp>
#include <brio/app/slow_routes.hpp>
#include <brio/app/span_exporter.hpp>
#include <brio/app/task_routes.hpp>
#include <brio/app/worker_counts.hpp>
#include <brio/app/worker_slots.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/http/server.hpp>
#include <brio/runtime/later.hpp>
#include <brio/runtime/profile.hpp>
#include <brio/runtime/run.hpp>
#include <brio/runtime/signals.hpp>
#include <brio/runtime/socket.hpp>
#include <brio/tasks/schedule_keeper.hpp>
#include <brio/tasks/worker.hpp>

namespace brio::app {
namespace {

constexpr int admin_backlog = 64;
constexpr int status_of_overdue_task = 70;  // EX_SOFTWARE of sysexits.h
// What was stopped when the grace was over has so long to end and to be handed back.
constexpr std::chrono::seconds after_grace{2};
// What it may take, when all else has ended, to tell the other processes that this one leaves.
constexpr std::chrono::seconds leave_time{1};
// Between two looks for what has expired in the cache.
constexpr std::chrono::seconds sweep_every{1};
// Between two looks at the process' memory.
constexpr std::chrono::seconds weigh_every{1};

/// Where tasks of the program go, the first rule's queue first, and the default at the end.
std::vector<std::string> queues_of(const tasks::TaskSet& set) {
    std::vector<std::string> queues;
    auto const add = [&queues](std::string_view queue) {
        if (!queue.empty() && std::ranges::find(queues, queue) == queues.end()) {
            queues.emplace_back(queue);
        }
    };
    for (auto const& definition : set.definitions) {
        add(definition.policy.queue);
    }
    for (auto const& rule : set.routes.rules()) {
        add(rule.queue);
    }
    add(tasks::default_queue);
    return queues;
}

class WorkerProcess {
public:
    WorkerProcess(Program& program, const Settings& settings, const WorkerStart& start)
        : settings_(settings),
          is_supervised_(start.is_supervised),
          manager_(start.manager),
          notices_(start.manager.watchdog),
          loops_(std::max<std::uint32_t>(1, std::min(settings.thread_count(), settings.worker_most))),
          registry_(metrics::Edges(goal_rules(program, settings).edges())),
          black_box_(start.recordings->slow, registry_),
          sampler_(sample_threads(*start.recordings, settings.profile_hz, registry_)),
          backend_(program, settings, registry_),
          broker_watch_(tasks_, program.schedule, registry_),
          schedule_(program.schedule),
          keeper_(tasks_, schedule_),
          review_desk_{.program = program.name, .settings = settings, .offload = backend_.offload},
          instruments_(registry_, program.version),
          recycled_(registry_
                        .counter({.name = "worker_recycled_total",
                                  .help = "Workers that had too much memory and ended for others.",
                                  .labels = {}})
                        .with({})) {
        services_.add(review_desk_);
        tasks_.keep_slow_in(black_box_);
        spans_ = export_spans({.loop = control_, .registry = registry_, .offload = backend_.offload}, program,
                              settings);
        if (spans_) {
            tasks_.give_spans_to(spans_->queue());
        }
        expect_services(program.tasks);
        judge_durability(start.requires_durable);
        backend_.tell(limits_);
        instruments_.observe(limits_);
        auto const queues = start.queues.empty() ? queues_of(program.tasks) : start.queues;
        worker_.emplace(tasks::Worker::Parts{.tasks = tasks_,
                                             .services = services_,
                                             .registry = registry_,
                                             .control = control_,
                                             .loops = loops_},
                        tasks::WorkerOptions{.queues = queues,
                                             .concurrency = settings.worker_least,
                                             .most = settings.worker_most,
                                             .kept = settings.worker_kept,
                                             .threads = loops_.size(),
                                             .lease = start.lease,
                                             .most_dead = settings.dead_tasks,
                                             .looked = reporter(start.cell),
                                             .give_up = [this](auto const& task) { give_up(task); }});
        auto const farewells = farewell_folder(program, broker_);
        farewells_ = tasks::read_farewells(farewells);
        last_words_.emplace(worker_->running().notes(), farewells);
        if (start.counts >= 0) {
            counts_.emplace(control_, registry_, start.counts);
        }
        live_.emplace(Live::Parts{.loop = control_,
                                  .router = admin_router_,
                                  .registry = registry_,
                                  .limits = limits_,
                                  .rules = goal_rules(program, settings_),
                                  .program = program_now(program, "worker", "")});
        live_->start();
        instances_.emplace(InstanceKeeper::Parts{
            .registry = registry_,
            .board = open_board(backend_.database.get(), nullptr, program.name),
            .self = introduce(live_->program(), start.instance, settings.admin_host, start.admin_port),
            .add_figures = [this](auto& self) { add_figures(self); }});
        if (start.admin_port != 0) {
            open_admin(program, start.admin_port);
        }
        std::string words;
        for (auto const& queue : queues) {
            words += concat({words.empty() ? "" : ", ", queue});
        }
        log_info("working", {{"pid", ::getpid()},
                             {"queues", words},
                             {"concurrency", settings.worker_least},
                             {"broker", broker_.words()}});
    }

    int run() {
        AlternateStack const stack;
        metrics::Seat const seat(registry_);
        runtime::SampledThread const sampled("control");
        std::optional<http::ServerLoop> admin;
        if (admin_) {
            admin.emplace(*admin_, control_, seat.shard(), admin_listener_.fd());
        }
        auto const stop = [this](int signal) {
            signal == signal_of_retirement ? retire() : asked_to_stop(signal);
        };
        auto const signals = is_supervised_
                                 ? runtime::Signals(control_, {SIGTERM, signal_of_retirement}, stop)
                                 : runtime::Signals(control_, {SIGTERM, SIGINT}, stop);
        sweep_cache();
        if (backend_.shared_cache) {
            backend_.caches.listen(control_);
        }
        worker_->start();
        scheduling_.start(until_stopped(keeper_.keep()));
        scheduling_.start(broker_.keep());
        announcing_.start(instances_->keep());
        scheduling_.start(until_stopped(tell_farewells(broker_, std::exchange(farewells_, {}))));
        if (spans_) {
            spans_->start();
        }
        if (settings_.worker_memory > 0) {
            weigh();
        }
        if (manager_.is_there()) {
            manager_.tell(notices_.ready(monotonic_now()));
            tell_manager();
        }
        control_.run();
        for (auto const end = monotonic_now() + leave_time;
             announcing_.running() > 0 && monotonic_now() < end;) {
            control_.turn(std::chrono::milliseconds(10));
        }
        announcing_.stop(runtime::StopReason::shutdown);
        while (scheduling_.running() + announcing_.running() > 0) {  // they were told to end
            control_.turn(std::chrono::milliseconds(10));
        }
        overdue_.cancel();
        if (spans_) {  // which takes turns of the loop, in which the admin server asks the worker
            spans_->finish();
        }
        last_words_.reset();
        worker_.reset();
        if (counts_) {
            counts_->tell();
        }
        return is_recycling_ && !is_draining_ ? status_of_recycled : 0;
    }

private:
    static Async<void> until_stopped(Async<void> what) {
        try {
            co_await std::move(what);
        } catch (const runtime::Cancelled&) {  // by a drain
        }
    }

    void judge_durability(bool is_required) {
        auto const found = runtime::run(control_, broker_watch_.judge());
        if (is_required && !found.is_durable) {
            throw std::runtime_error(concat({broker_.words(), " may lose tasks: ", found.words}));
        }
    }

    void expect_services(const tasks::TaskSet& set) const {
        for (auto const& definition : set.definitions) {
            for (auto const* service : definition.services) {
                expect(services_.has(service), "every service that a task takes was added to the program");
            }
        }
    }

    void open_admin(Program& program, std::uint16_t port) {
        admin_listener_ = runtime::listen_on({settings_.admin_host, port}, admin_backlog);
        admin_parts_.emplace(AdminParts{.program = program.name,
                                        .registry = registry_,
                                        .caches = backend_.caches,
                                        .database = backend_.database.get(),
                                        .has_tasks = true,
                                        .live = &*live_});
        add_admin_routes(admin_router_, *admin_parts_);
        add_instance_routes(admin_router_, *instances_);
        add_task_routes(admin_router_, tasks_, schedule_);
        add_slow_routes(admin_router_, black_box_);
        add_profile_routes(admin_router_, profiler_, registry_, program.name);
        admin_.emplace(admin_options(settings_), http::Server::Parts{.router = admin_router_,
                                                                     .services = services_,
                                                                     .registry = registry_,
                                                                     .limits = &limits_,
                                                                     .middlewares = admin_guards(settings_)});
    }

    void add_figures(watch::Announcement& self) {
        describe_process(self, instruments_.process(), backend_.database.get());
        self.work = watch::said_of(live_->recent().done(watch::Scope::task), registry_.edges());
        self.running = {.used = worker_->running().size(), .most = worker_->slots()};
        self.slots_most = settings_.worker_most;
    }

    // SIGTERM is said twice by those who mean it once: a supervisor that told all of the group, `timeout`.
    void asked_to_stop(int signal) {
        if (std::exchange(is_draining_, true)) {
            if (signal == SIGINT) {
                ::_exit(1);
            }
            return;
        }
        log_info("draining", {{"pid", ::getpid()}, {"running", worker_->running().size()}});
        manager_.tell(notices_.stopping(settings_.grace + after_grace + leave_time));
        scheduling_.stop(runtime::StopReason::shutdown);
        instances_->leave();
        worker_->drain(settings_.grace, [this] { control_.stop(); });
        overdue_.in(settings_.grace + after_grace);
    }

    // Fewer workers are wanted.
    void retire() {
        if (is_draining_ || is_recycling_) {
            return;
        }
        log_info("this worker is not needed any more: it ends what it has begun",
                 {{"pid", ::getpid()}, {"running", worker_->running().size()}});
        leave_after_what_was_begun();
    }

    void leave_after_what_was_begun() {
        scheduling_.stop(runtime::StopReason::shutdown);
        instances_->leave();
        worker_->drain(std::nullopt, [this] { control_.stop(); });
    }

    // What its supervisor decides by.
    std::function<void(const tasks::Autoscale::Look&, const tasks::Autoscale&)> reporter(
        WorkerBoard::Cell* cell) {
        if (cell == nullptr || settings_.workers_least == settings_.workers_most) {
            return {};
        }
        return [this, cell, last = metrics::read_processor_use(), last_at = monotonic_now()](
                   auto const& look, auto const& autoscale) mutable {
            auto const use = metrics::read_processor_use();
            auto const cores =
                std::min(instruments_.process().latest().usage.cores, static_cast<double>(loops_.size()));
            cell->tell({.pid = ::getpid(),
                        .at = look.now,
                        .wait = autoscale.wait(),
                        .ready = look.ready,
                        .taken = look.taken,
                        .kept = settings_.worker_kept,
                        .slots = autoscale.slots(),
                        .most = std::max(settings_.worker_least, settings_.worker_most),
                        .cores_used = look.processor_share * cores,
                        .cores = cores,
                        .free_cores = metrics::free_cores(last, use, look.now - last_at)});
            last = use;
            last_at = look.now;
        };
    }

    // The last resort, as when a task hears nothing or the broker is away. What it holds comes back to others
    // as from one that died.
    void leave() {
        log_error("this worker does not come to its end: it leaves without",
                  {{"pid", ::getpid()}, {"running", worker_->running().size()}});
        ::_exit(1);
    }

    void give_up(const tasks::Running::Task& task) {
        log_error("a task goes on after its hard deadline: its process ends",
                  {{"task", task.name}, {"id", task.id}});
        last_words_->say_of(task.id, "was ended: the task went on after its hard deadline");
        ::_exit(status_of_overdue_task);
    }

    // Looks at the memory when a task has ended since the last look: what one needs while it runs may go
    // again.
    void weigh() {
        auto const& running = worker_->running();
        auto const ended = running.begun() - running.size();
        if (std::exchange(ended_, ended) != ended && memory() > settings_.worker_memory) {
            ::malloc_trim(0);  // what is free in the process is not needed
            if (auto const bytes = memory(); bytes > settings_.worker_memory) {
                recycle(bytes, ended);
                return;
            }
        }
        weighed_.in(weigh_every);
    }

    static std::uint64_t memory() { return metrics::read_process_usage().memory_bytes; }

    void recycle(std::uint64_t bytes, std::uint64_t ended) {
        constexpr std::uint64_t mebibyte = 1 << 20;
        log_warning("this worker has too much memory: it ends what it has begun, and another takes its place",
                    {{"pid", ::getpid()},
                     {"memory_mib", bytes / mebibyte},
                     {"most_mib", settings_.worker_memory / mebibyte},
                     {"tasks_ended", ended},
                     {"running", worker_->running().size()}});
        is_recycling_ = true;
        recycled_.add(registry_.here());
        leave_after_what_was_begun();
    }

    void tell_manager() {
        std::chrono::nanoseconds stuck{0};
        for (auto const& loop : loops_) {
            stuck = std::max(stuck, loop.worst_turn());
        }
        auto const now = monotonic_now();
        notices_.heard(stuck, now);
        auto const words = concat({integer_text(worker_->running().size()), " of ",
                                   integer_text(worker_->slots()), " tasks at a time"});
        manager_.tell(notices_.tick(words, true, now));
        manager_told_.in(notices_.told_every());
    }

    void sweep_cache() {
        backend_.caches.sweep();
        swept_.in(sweep_every);
    }

    const Settings& settings_;
    const bool is_supervised_;
    ServiceManager manager_;
    ServiceNotices notices_;
    runtime::Loop control_;
    std::deque<runtime::Loop> loops_;  // outlive the database
    metrics::Registry registry_;
    runtime::Limits limits_;
    ledger::BlackBox black_box_;
    runtime::ProfileScopes scopes_{registry_};
    std::unique_ptr<runtime::Sampler> sampler_;  // of the threads that begin after it
    Backend backend_;
    http::Services& services_ = backend_.services;
    tasks::Tasks& tasks_ = *backend_.tasks;
    tasks::Broker& broker_ = tasks_.broker();
    BrokerWatch broker_watch_;
    const tasks::Schedule& schedule_;
    tasks::ScheduleKeeper keeper_;
    runtime::Scope scheduling_{control_};
    runtime::Scope announcing_{control_};
    std::unique_ptr<SpanExporter> spans_;  // none: nobody collects them
    Profiler profiler_{{.loop = control_,
                        .scope = scheduling_,
                        .offload = backend_.offload,
                        .registry = registry_,
                        .sampler = sampler_.get()}};
    ReviewDesk review_desk_;
    Instruments instruments_;
    metrics::Counter recycled_;
    std::optional<CountTeller> counts_;
    std::optional<tasks::Worker> worker_;
    std::vector<tasks::Farewell> farewells_;
    std::optional<tasks::LastWords> last_words_;
    runtime::File admin_listener_;
    http::Router admin_router_;
    std::optional<Live> live_;
    std::optional<InstanceKeeper> instances_;
    std::optional<AdminParts> admin_parts_;
    std::optional<http::Server> admin_;
    bool is_draining_ = false;
    bool is_recycling_ = false;
    std::uint64_t ended_ = 0;  // tasks, at the last look at the memory
    runtime::Later<WorkerProcess> manager_told_{control_, *this, &WorkerProcess::tell_manager};
    runtime::Later<WorkerProcess> weighed_{control_, *this, &WorkerProcess::weigh};
    runtime::Later<WorkerProcess> overdue_{control_, *this, &WorkerProcess::leave};
    runtime::Later<WorkerProcess> swept_{control_, *this, &WorkerProcess::sweep_cache};
};

}  // namespace

int run_worker(Program& program, const Settings& settings, const WorkerStart& start) {
    if (auto const missing = missing_migrations(program, settings); !missing.empty()) {
        throw std::runtime_error(missing);
    }
    return WorkerProcess(program, settings, start).run();
}

}  // namespace brio::app
