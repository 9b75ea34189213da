#include <brio/app/server_process.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <numeric>
#include <optional>
#include <tuple>

#include <brio/app/admin.hpp>
#include <brio/app/admin_guard.hpp>
#include <brio/app/admission_routes.hpp>
#include <brio/app/backend.hpp>
#include <brio/app/broker_watch.hpp>
#include <brio/app/certificate_keeper.hpp>
#include <brio/app/database_commands.hpp>
#include <brio/app/goal_keeper.hpp>
#include <brio/app/instance_keeper.hpp>
#include <brio/app/instruments.hpp>
#include <brio/app/listing.hpp>
#include <brio/app/live.hpp>
#include <brio/app/profile_routes.hpp>
#include <brio/app/recordings.hpp>
#include <brio/app/review_routes.hpp>
#include <brio/app/scale_advisor.hpp>
#include <brio/app/server_options.hpp>
#include <brio/app/serving_thread.hpp>
#include <brio/app/slow_routes.hpp>
#include <brio/app/span_exporter.hpp>
#include <brio/app/standard_routes.hpp>
#include <brio/app/task_routes.hpp>
#include <brio/app/worker_board.hpp>
#include <brio/app/worker_counts.hpp>
#include <brio/base/text.hpp>
#include <brio/http/https.hpp>
#include <brio/runtime/later.hpp>
#include <brio/runtime/profile.hpp>
#include <brio/runtime/scope.hpp>
#include <brio/runtime/signals.hpp>

namespace brio::app {

namespace {

// How long connections that were begun may take to reach the queue of a listener that turns new ones away.
constexpr std::chrono::milliseconds turn_away_time{50};
// How long requests that were stopped may take to say so to their clients.
constexpr std::chrono::milliseconds stop_time{1000};
// Between two looks for what has expired in the cache.
constexpr std::chrono::seconds sweep_every{1};

class ServerProcess {
public:
    ServerProcess(Program& program, const Settings& settings, const ServerStart& start)
        : settings_(settings),
          start_(start),
          threads_(start.listeners.api.size()),
          registry_(metrics::Edges(goal_rules(program, settings).edges())),
          request_metrics_(registry_, {.exemplars = true}),
          black_box_(start.recordings->slow, registry_),
          sampler_(sample_threads(*start.recordings, settings.profile_hz, registry_)),
          log_(STDOUT_FILENO, {.most = settings.log_bytes}),
          backend_(program, settings, registry_),
          readiness_(backend_.database
                         ? [database = backend_.database.get()] { return check_database(database); }
                         : Readiness::Check()),
          standard_(program.router,
                    {.title = program.name, .version = program.version, .description = program.description}),
          admin_parts_{.program = program.name,
                       .registry = registry_,
                       .caches = backend_.caches,
                       .database = backend_.database.get()},
          instruments_(registry_, program.version, 2 * GoalKeeper::looks_every),
          monitor_({.registry = registry_,
                    .process = instruments_.process(),
                    .limits = limits_,
                    .database = backend_.database.get()}) {
        services_.add(readiness_);
        if (settings.has_tls()) {
            certificates_.emplace(control_, registry_, settings.tls);
        }
        if (backend_.tasks) {
            broker_watch_.emplace(*backend_.tasks, program.schedule, registry_);
            if (start.counts >= 0) {
                counts_.emplace(control_, registry_, start.counts);
                worker_gauges_ = worker_gauges(registry_, start.recordings->workers);
            }
        }
        backend_.tell(limits_);
        spans_ = export_spans({.loop = control_, .registry = registry_, .offload = backend_.offload}, program,
                              settings);
        standard_.add();
        apply_deadline(program.router, settings);
        api_.emplace(api_options(settings),
                     http::Server::Parts{.router = program.router,
                                         .services = services_,
                                         .registry = registry_,
                                         .metrics = &request_metrics_,
                                         .limits = &limits_,
                                         .log = &log_,
                                         .middlewares = api_middlewares(program, settings),
                                         .black_box = &black_box_,
                                         .spans = spans_ ? &spans_->queue() : nullptr,
                                         .tls = certificates_ ? &certificates_->tls() : nullptr});
        goals_.emplace(GoalKeeper::Parts{.loop = control_,
                                         .scope = watching_,
                                         .registry = registry_,
                                         .monitor = monitor_,
                                         .offload = backend_.offload,
                                         .program = program.name,
                                         .file = settings.goals_file,
                                         .alert_url = settings.alert_url},
                       goal_rules(program, settings));
        admin_parts_.goals = &*goals_;
        live_.emplace(Live::Parts{
            .loop = control_,
            .router = admin_router_,
            .registry = registry_,
            .limits = limits_,
            .goals = &goals_->watch(),
            .rules = goal_rules(program, settings),
            .program = program_now(program, "server", url_of_api(settings, start.listeners.api_port))});
        admin_parts_.live = &*live_;
        admin_parts_.has_tasks = backend_.tasks.has_value();
        instances_.emplace(InstanceKeeper::Parts{
            .registry = registry_,
            .board =
                open_board(backend_.database.get(),
                           backend_.shared_cache ? &backend_.shared_cache->client() : nullptr, program.name),
            .self =
                introduce(live_->program(), start.instance, settings.admin_host, start.listeners.admin_port),
            .add_figures = [this](auto& self) { add_figures(self); },
            .needs = [this] { return advisor_->needs(); }});
        advisor_.emplace(ScaleAdvisor::Parts{.loop = control_,
                                             .registry = registry_,
                                             .api = *api_,
                                             .goals = settings.goals,
                                             .up = [this] { return instances_->up(); },
                                             .waiting = waiting_tasks()});
        add_instance_routes(admin_router_, *instances_);
        add_admission_routes(admin_router_, *api_);
        add_admin_routes(admin_router_, admin_parts_);
        add_slow_routes(admin_router_, black_box_);
        review_.emplace(
            ReviewSources{.program = program.name,
                          .version = program.version,
                          .began = Timestamp(wall_now()),
                          .rules = goal_rules(program, settings),
                          .judges_connections = backend_.database && db::is_postgresql(settings.database_url),
                          .keeper = *goals_,
                          .caches = backend_.caches,
                          .slow = black_box_,
                          .database = backend_.database.get(),
                          .tasks = backend_.tasks ? &*backend_.tasks : nullptr});
        add_review_routes(admin_router_, *review_);
        add_profile_routes(admin_router_, profiler_, registry_, program.name);
        if (backend_.tasks) {
            add_task_routes(admin_router_, *backend_.tasks, program.schedule);
        }
        admin_.emplace(admin_options(settings), http::Server::Parts{.router = admin_router_,
                                                                    .services = services_,
                                                                    .registry = registry_,
                                                                    .limits = &limits_,
                                                                    .middlewares = admin_guards(settings)});
        if (start.listeners.redirect && settings.has_tls()) {
            redirect_.emplace(
                redirect_options(settings),
                http::Server::Parts{.router = no_routes_,
                                    .services = services_,
                                    .registry = registry_,
                                    .limits = &limits_,
                                    .middlewares = {http::redirect_to_https(start.listeners.api_port)}});
        }
        instruments_.observe(limits_);
        instruments_.observe(log_);
        instruments_.observe(*api_);
    }

    // The calling thread serves the admin pages and carries out the drain.
    int run() {
        FatalFlush const flush(log_);
        metrics::Seat const seat(registry_);
        runtime::SampledThread const sampled("control");
        http::ServerLoop admin(*admin_, control_, seat.shard(), start_.listeners.admin.fd());
        admin_loop_ = &admin;
        std::optional<http::ServerLoop> redirect;
        if (redirect_) {
            redirect.emplace(*redirect_, control_, seat.shard(), start_.listeners.redirect.fd());
            redirect_loop_ = &*redirect;
        }
        runtime::Signals const signals(control_, {SIGTERM, signal_of_retirement},
                                       [this](int signal) { begin_drain(signal == SIGTERM); });
        for (std::size_t i = 0; i < threads_.size(); ++i) {
            monitor_.observe(threads_[i].loop(), concat({"api-", integer_text(i)}));
            threads_[i].start({.server = *api_,
                               .registry = registry_,
                               .listener = std::move(start_.listeners.api[i]),
                               .serving = [this] { a_thread_serves_.post(); },
                               .drained = [this] { a_thread_drained_.post(); }});
        }
        sweep_cache();
        if (backend_.shared_cache) {
            backend_.caches.listen(control_);
        }
        if (broker_watch_) {
            watching_.start(broker_watch_->keep());
            watching_.start(backend_.tasks->broker().keep());
        }
        monitor_.observe(control_, "control");
        if (certificates_) {
            certificates_->start();
        }
        goals_->start();
        live_->start();
        watching_.start(instances_->keep());
        advisor_->start();
        if (spans_) {
            spans_->start();
        }
        if (start_.told_every) {
            tell_figures();
        }
        control_.run();
        watching_.stop(runtime::StopReason::shutdown);
        while (watching_.running() > 0) {
            control_.turn(std::chrono::milliseconds(10));
        }
        for (auto& thread : threads_) {
            thread.stop();
        }
        if (spans_) {
            spans_->finish();
        }
        return 0;
    }

private:
    // How many threads have come to a point, told to the control loop.
    class Arrivals : runtime::Posted {
    public:
        Arrivals(ServerProcess& process, void (ServerProcess::*all_there)())
            : Posted([](Posted& posted) { static_cast<Arrivals&>(posted).look(); }),
              process_(process),
              all_there_(all_there) {}
        void post() {
            if (arrived_.fetch_add(1) + 1 == process_.threads_.size()) {
                process_.control_.post(*this);
            }
        }

    private:
        void look() { (process_.*all_there_)(); }
        ServerProcess& process_;
        void (ServerProcess::*all_there_)();
        std::atomic<std::size_t> arrived_{0};
    };

    void all_serve() { start_.ready(); }

    // `is_end`: of the service, so that clients had better go elsewhere.
    void begin_drain(bool is_end) {
        if (draining_) {
            return;
        }
        draining_ = true;
        if (is_end) {
            readiness_.set_draining();
            api_->set_ready(false);
        } else {
            admin_loop_->drain();  // whoever asks for metrics asks the one that goes on
        }
        if (counts_) {
            counts_->stop();
        }
        goals_->stop();
        live_->stop();
        advisor_->stop();
        instances_->leave();
        figures_told_.cancel();
        log_info("draining", {{"pid", ::getpid()}});
        turn_away_.in(is_end ? settings_.drain_wait : std::chrono::milliseconds::zero());
    }

    void turn_away() {
        if (::getppid() !=
            start_.supervisor) {  // else it does that when the program ends: another server process may go on
            start_.listeners.turn_away();
        }
        turned_away_.in(turn_away_time);
    }

    std::function<watch::Waiting()> waiting_tasks() const {
        return broker_watch_ ? [this] { return broker_watch_->waiting(); }
                             : std::function<watch::Waiting()>();
    }

    // For the supervisor, until this process drains.
    void tell_figures() {
        auto const done = live_->recent().done(watch::Scope::request);
        ServerFigures figures;
        if (done.watched.count() > 0) {
            auto const& buckets = done.counts.buckets;
            figures.requests_per_second =
                static_cast<double>(std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0})) /
                done.watched.count();
        }
        std::tie(figures.goals_kept, figures.goals_missed) = goals_now();
        for (auto& thread : threads_) {
            auto const turn =
                std::chrono::duration_cast<std::chrono::milliseconds>(thread.loop().worst_turn());
            figures.stuck_ms = std::max(figures.stuck_ms, static_cast<std::uint64_t>(turn.count()));
        }
        start_.figures(figures);
        figures_told_.in(*start_.told_every);
    }

    std::pair<std::uint64_t, std::uint64_t> goals_now() const {
        auto const report = goals_->watch().report();
        auto const count = [&report](std::string_view standing) {
            return static_cast<std::uint64_t>(
                std::ranges::count(report, standing, &watch::GoalReport::standing));
        };
        return {count("kept"), count("missed")};
    }

    void add_figures(watch::Announcement& self) {
        describe_process(self, instruments_.process(), backend_.database.get());
        self.work = watch::said_of(live_->recent().done(watch::Scope::request), registry_.edges());
        if (advisor_) {
            advisor_->add_load(self);
        }
        self.clients = {.used = api_->connections().used(), .most = api_->connections().most()};
        std::tie(self.goals_kept, self.goals_missed) = goals_now();
    }

    void stop_accepting() {
        if (redirect_loop_ != nullptr) {
            redirect_loop_->drain();
        }
        for (auto& thread : threads_) {
            thread.drain();
        }
        grace_over_.in(settings_.grace);
    }

    void stop_requests() {
        for (auto& thread : threads_) {
            thread.stop_requests();
        }
        stopped_.in(stop_time);
    }

    void finish() { control_.stop(); }

    void sweep_cache() {
        backend_.caches.sweep();
        swept_.in(sweep_every);
    }

    const Settings& settings_;
    const ServerStart& start_;
    runtime::Loop control_;
    std::deque<ServingThread> threads_;  // their loops outlive the database
    metrics::Registry registry_;
    ledger::RequestMetrics request_metrics_;
    ledger::BlackBox black_box_;
    runtime::ProfileScopes scopes_{registry_};
    std::unique_ptr<runtime::Sampler> sampler_;  // of the threads that begin after it
    runtime::Limits limits_;
    LineWriter log_;
    Backend backend_;
    http::Services& services_ = backend_.services;
    std::optional<BrokerWatch> broker_watch_;
    std::optional<CountListener> counts_;
    std::vector<metrics::Callback> worker_gauges_;
    runtime::Scope watching_{control_};
    Profiler profiler_{{.loop = control_,
                        .scope = watching_,
                        .offload = backend_.offload,
                        .registry = registry_,
                        .sampler = sampler_.get()}};
    std::unique_ptr<SpanExporter> spans_;  // none: nobody collects them
    std::optional<GoalKeeper> goals_;
    std::optional<Live> live_;
    std::optional<ReviewSources> review_;
    std::optional<InstanceKeeper> instances_;
    std::optional<ScaleAdvisor> advisor_;
    Readiness readiness_;
    StandardRoutes standard_;
    std::optional<CertificateKeeper> certificates_;  // none: the API speaks plain HTTP
    std::optional<http::Server> api_;
    http::Router admin_router_;
    AdminParts admin_parts_;
    std::optional<http::Server> admin_;
    http::ServerLoop* admin_loop_ = nullptr;  // of run()
    http::Router no_routes_;
    std::optional<http::Server> redirect_;       // none: nothing leads to https
    http::ServerLoop* redirect_loop_ = nullptr;  // of run()
    Instruments instruments_;
    ResourceMonitor monitor_;
    bool draining_ = false;
    Arrivals a_thread_serves_{*this, &ServerProcess::all_serve};
    Arrivals a_thread_drained_{*this, &ServerProcess::finish};
    using Later = runtime::Later<ServerProcess>;
    Later turn_away_{control_, *this, &ServerProcess::turn_away};
    Later figures_told_{control_, *this, &ServerProcess::tell_figures};
    Later turned_away_{control_, *this, &ServerProcess::stop_accepting};
    Later grace_over_{control_, *this, &ServerProcess::stop_requests};
    Later stopped_{control_, *this, &ServerProcess::finish};
    Later swept_{control_, *this, &ServerProcess::sweep_cache};
};

}  // namespace

int run_server(Program& program, const Settings& settings, const ServerStart& start) {
    if (program.has_database) {
        if (auto const missing = missing_migrations(program, settings); !missing.empty()) {
            throw std::runtime_error(missing);
        }
    }
    return ServerProcess(program, settings, start).run();
}

}  // namespace brio::app
