#include <brio/app/supervisor.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include <brio/app/worker_counts.hpp>
#include <brio/app/worker_scaling.hpp>
#include <brio/app/worker_slots.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/runtime/file.hpp>

namespace brio::app {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void keep(KeptSupervision& into, const Supervision::Kept& servers,
          const std::vector<WorkerSlots::Kept>& places) {
    into.deaths = servers.deaths;
    into.restarts_again = servers.restarts_again;
    for (auto const& each : servers.servers) {
        into.servers.push_back(
            {.pid = each.pid, .is_serving = each.is_serving, .since_ns = each.since.count()});
    }
    for (auto const& each : places) {
        into.workers.push_back({.pid = each.pid,
                                .is_wanted = each.is_wanted,
                                .is_draining = each.is_draining,
                                .is_retiring = each.is_retiring,
                                .deaths = each.deaths,
                                .since_ns = each.since.count()});
    }
}

Supervision::Kept servers_of(const KeptSupervision& kept) {
    Supervision::Kept servers{.servers = {}, .deaths = kept.deaths, .restarts_again = kept.restarts_again};
    for (auto const& each : kept.servers) {
        servers.servers.push_back({.pid = each.pid,
                                   .is_serving = each.is_serving,
                                   .since = std::chrono::nanoseconds(each.since_ns)});
    }
    return servers;
}

std::vector<WorkerSlots::Kept> places_of(const KeptSupervision& kept) {
    std::vector<WorkerSlots::Kept> places;
    places.reserve(kept.workers.size());
    for (auto const& each : kept.workers) {
        places.push_back({.pid = each.pid,
                          .is_wanted = each.is_wanted,
                          .is_draining = each.is_draining,
                          .is_retiring = each.is_retiring,
                          .deaths = each.deaths,
                          .since = std::chrono::nanoseconds(each.since_ns)});
    }
    return places;
}

class Supervisor {
public:
    explicit Supervisor(SupervisorPlan& plan)
        : plan_(plan),
          listeners_(std::move(plan.listeners)),
          supervision_(plan.limits),
          workers_(plan.workers.count),
          scaling_(plan.workers.count, plan.workers.goal, plan.workers.board, workers_),
          manager_(plan.manager),
          notices_(plan.manager.watchdog) {
        auto const signals = signals_of_supervisor();
        if (sigprocmask(SIG_BLOCK, &signals, &signals_before_) != 0) {
            fail("sigprocmask");
        }
        signals_ = runtime::File(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
        if (!signals_) {
            fail("the supervisor has no descriptors left");
        }
        if (plan.before) {
            news_ = {.supervisor = runtime::File(plan.before->kept->news),
                     .servers = runtime::File(plan.before->news)};
            counts_ = {.workers = runtime::File(plan.before->kept->worker_counts),
                       .server = runtime::File(plan.before->counts)};
        } else {
            news_ = NewsSockets::open();
            counts_ = CountSockets::open();
        }
    }
    ~Supervisor() { sigprocmask(SIG_SETMASK, &signals_before_, nullptr); }
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    int run() {
        if (plan_.before) {
            go_on(*plan_.before->kept);
        } else {
            supervision_.begin();
        }
        for (;;) {
            while (carry_out_what_is_asked()) {  // a process that cannot be made may be asked for again
            }
            if (std::exchange(becomes_anew_, false) && !supervision_.is_stopping()) {
                become_anew();
                continue;
            }
            if (status_ && workers_.are_gone()) {
                return *status_;
            }
            wait();
        }
    }

private:
    // False when nothing was.
    bool carry_out_what_is_asked() {
        auto const of_servers = supervision_.take_actions();
        for (auto const& action : of_servers) {
            if (auto const status = carry_out(action)) {
                end_with(*status);
            }
        }
        auto const of_workers = workers_.take_actions();
        for (auto const& action : of_workers) {
            carry_out_of_worker(action);
        }
        return !of_servers.empty() || !of_workers.empty();
    }

    // The exit status when it was an exit: of the program here, of the server in a child.
    std::optional<int> carry_out(const Action& action) {
        switch (action.kind) {
            case Action::Kind::start: start(); break;
            case Action::Kind::start_anew: start_anew(); break;
            case Action::Kind::become_anew: becomes_anew_ = true; break;
            case Action::Kind::restart_failed: say_failed(); break;
            case Action::Kind::retire: ::kill(action.pid, signal_of_retirement); break;
            case Action::Kind::drain: ::kill(action.pid, SIGTERM); break;
            case Action::Kind::kill: kill(action.pid); break;
            case Action::Kind::close_listeners:
                listeners_.turn_away();
                listeners_.close();
                break;
            case Action::Kind::exit: return action.status;
        }
        return std::nullopt;
    }

    void kill(pid_t pid) const {
        if (!supervision_.is_stopping()) {
            log_error("the new server process does not come to answer in time: it is ended", {{"pid", pid}});
        }
        ::kill(pid, SIGKILL);
    }

    void say_failed() {
        auto const* words = supervision_.is_serving()
                                ? "the restart failed: the server process before it goes on"
                                : "the restart failed: the program that runs is started again";
        log_error(words);
        manager_.tell(notices_.reloaded(words, monotonic_now()));
    }

    // The server process is over: so are the workers, soon. Those of a stop know that.
    void end_with(int status) {
        if (!status_) {
            status_ = status;
            if (!supervision_.is_stopping()) {
                workers_.asked_to_stop();
            }
        }
    }

    void carry_out_of_worker(const Action& action) {
        if (action.kind == Action::Kind::start) {
            start_worker();
        } else {
            ::kill(action.pid, action.kind == Action::Kind::kill     ? SIGKILL
                               : action.kind == Action::Kind::retire ? signal_of_retirement
                                                                     : SIGTERM);
        }
    }

    void start_worker() {
        auto const supervisor = ::getpid();
        auto const place = workers_.starting();
        std::fflush(nullptr);
        auto const pid = ::fork();
        if (pid < 0) {
            log_error("a worker process cannot be made: it is tried again", {{"error", ::strerror(errno)}});
            workers_.could_not_start(monotonic_now());
            return;
        }
        if (pid == 0) {
            auto const status = become_child(supervisor) ? run_work(place) : 0;
            std::fflush(nullptr);
            ::_exit(status);
        }
        workers_.started(pid, monotonic_now());
    }

    int run_work(std::size_t place) noexcept {
        signals_.close();
        news_ = {};
        listeners_.close();
        offered_.reset();
        counts_.server.close();
        return plan_.workers.work(counts_.workers.fd(), place);
    }

    void start() {
        auto const supervisor = ::getpid();
        std::fflush(nullptr);  // what is buffered would be written twice
        auto const pid = ::fork();
        if (pid == 0) {
            ::_exit(run_child(supervisor));
        }
        is_first_ = false;
        started(pid);
    }

    // A process that cannot be made counts as one that ended.
    void started(pid_t pid) {
        auto const error = errno;
        supervision_.started(pid);
        if (pid < 0) {
            log_error("a server process cannot be made", {{"error", ::strerror(error)}});
            supervision_.ended(pid, {.code = 1}, monotonic_now());
        }
    }

    int run_child(pid_t supervisor) noexcept {
        if (!become_child(supervisor)) {
            return 0;
        }
        signals_.close();
        news_.supervisor.close();
        counts_.workers.close();
        auto start = start_of_server(listeners_, supervisor, news_.servers.fd(), counts_.server.fd());
        start.is_first = is_first_;
        start.told_every = told_every();
        auto const status = plan_.serve(start);
        std::fflush(nullptr);
        return status;
    }

    std::optional<std::chrono::nanoseconds> told_every() const {
        return manager_.is_there() ? std::optional(notices_.told_every()) : std::nullopt;
    }

    Handover handover() const {
        return {.supervisor = ::getpid(),
                .program = plan_.anew.program,
                .instance = plan_.anew.instance,
                .file = plan_.anew.file,
                .recordings = plan_.anew.recordings,
                .next_recordings = next_recordings_.fd(),
                .news = news_.servers.fd(),
                .told_every_us =
                    manager_.is_there()
                        ? std::chrono::duration_cast<std::chrono::microseconds>(notices_.told_every()).count()
                        : 0,
                .counts = counts_.server.fd(),
                .listeners = describe(listeners_),
                .kept = std::nullopt};
    }

    void start_anew() {
        log_info("restarting", {{"program", plan_.anew.program}});
        manager_.tell(notices_.reloading(monotonic_now()));
        auto const supervisor = ::getpid();
        offered_.reset();  // of one that never answered: its ports are free again
        next_recordings_ = runtime::File(::memfd_create("brio-recordings", MFD_CLOEXEC));  // or else none
        auto const given = handover();
        std::fflush(nullptr);
        auto const pid = ::fork();
        if (pid == 0) {
            if (become_child(supervisor, SIGKILL)) {  // whatever the file is: it may never read a SIGTERM
                signals_.close();
                auto const error = become(given, plan_.anew.arguments);
                log_error("the program cannot be started anew from its file",
                          {{"program", given.program}, {"error", ::strerror(error)}});
            }
            std::fflush(nullptr);
            ::_exit(1);
        }
        started(pid);
    }

    // Returns when it stays what it is.
    void become_anew() {
        auto given = handover();
        given.kept.emplace();
        given.kept->news = news_.supervisor.fd();
        given.kept->worker_counts = counts_.workers.fd();
        given.kept->notify_socket = manager_.address().socket;
        given.kept->watchdog_us = manager_.address().watchdog.count();
        keep(*given.kept, supervision_.kept(), workers_.kept());
        std::fflush(nullptr);
        auto const error = become(given, plan_.anew.arguments);
        auto const* words = "the server process is the new program, its supervisor still the one before";
        log_error(words, {{"program", given.program}, {"error", ::strerror(error)}});
        manager_.tell(notices_.reloaded(words, monotonic_now()));
        workers_.asked_to_restart();
        supervision_.stayed(monotonic_now());
    }

    // What the program before has begun.
    void go_on(const KeptSupervision& kept) {
        auto const now = monotonic_now();
        is_first_ = false;
        supervision_.go_on(servers_of(kept), now);
        has_workers_ = true;
        workers_.go_on(places_of(kept), now);
        workers_.asked_to_restart();
        notices_.ready(now);
        manager_.tell(notices_.reloaded({}, now));
        log_info("restarted", {{"supervisor", ::getpid()}});
    }

    void wait() {
        pollfd events[] = {{.fd = signals_.fd(), .events = POLLIN, .revents = 0},
                           {.fd = news_.supervisor.fd(), .events = POLLIN, .revents = 0}};
        ::poll(events, 2, milliseconds_to_wait());
        read_news();
        read_signals();
        reap();
        auto const now = monotonic_now();
        supervision_.tick(now);
        workers_.tick(now);
        scaling_.tick(now);
        tell_manager(now);
    }

    void tell_manager(std::chrono::nanoseconds now) {
        if (!manager_.is_there()) {
            return;
        }
        auto const before = notices_.complaint();
        auto const serves = supervision_.is_serving();
        auto const processes = supervision_.kept().servers.size() + workers_.there();
        auto const words =
            serves ? words_of(processes, figures_) : std::string("the server process is being started");
        manager_.tell(notices_.tick(words, serves, now));
        if (auto const complaint = notices_.complaint(); !complaint.empty() && complaint != before) {
            log_error("the watchdog of the service manager is not told that all is well",
                      {{"why", complaint}});
        }
    }

    int milliseconds_to_wait() const {
        auto at = supervision_.wake_at();
        auto const of_notices = manager_.is_there() ? notices_.wake_at() : std::nullopt;
        for (auto const& other : {workers_.wake_at(), scaling_.wake_at(), of_notices}) {
            at = other && (!at || *other < *at) ? other : at;
        }
        if (!at) {
            return -1;
        }
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(*at - monotonic_now());
        return static_cast<int>(std::max<std::int64_t>(0, left.count()));
    }

    void read_news() {
        while (auto news = hear(news_.supervisor.fd())) {
            if (news->listeners) {
                offered_ = Offered{.pid = news->pid, .listeners = own(*news->listeners)};
            }
            if (news->figures && supervision_.is_serving(news->pid)) {
                figures_ = *news->figures;
                notices_.heard(std::chrono::milliseconds(figures_.stuck_ms), monotonic_now());
            }
            if (news->is_ready) {
                ready(news->pid);
            }
        }
    }

    void ready(pid_t pid) {
        auto offered = std::exchange(offered_, std::nullopt);
        if (offered && offered->pid == pid && !supervision_.is_stopping()) {
            listeners_.turn_away_unless_in(offered->listeners);  // nobody will serve there
            listeners_ = std::move(offered->listeners);
        }
        supervision_.ready(pid, monotonic_now());
        if (!std::exchange(has_workers_, true)) {
            workers_.begin(monotonic_now());
            manager_.tell(notices_.ready(monotonic_now()));
        }
    }

    void read_signals() {
        signalfd_siginfo received{};
        while (::read(signals_.fd(), &received, sizeof received) == sizeof received) {
            switch (received.ssi_signo) {
                case SIGTERM:
                case SIGINT: stop(static_cast<int>(received.ssi_signo)); break;
                case SIGHUP: supervision_.asked_to_restart(monotonic_now()); break;
                default: break;  // SIGCHLD: reap() looks
            }
        }
    }

    // Who is in a hurry types Ctrl-C again. SIGTERM is sent twice by those who mean it once, as `timeout`.
    void stop(int signal) {
        if (supervision_.is_stopping() && signal != SIGINT) {
            return;
        }
        manager_.tell(notices_.stopping(plan_.stop_time));
        supervision_.asked_to_stop(monotonic_now());
        workers_.asked_to_stop();
    }

    void reap() {
        int status = 0;
        for (;;) {
            auto const pid = ::waitpid(-1, &status, WNOHANG);
            if (pid <= 0) {
                return;
            }
            Ended const how{.by_signal = WIFSIGNALED(status),
                            .code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)};
            read_news();  // all that it has said
            auto const is_worker = workers_.ended(pid, how, monotonic_now());
            auto const is_server = !is_worker && supervision_.ended(pid, how, monotonic_now());
            if (!is_worker && !is_server) {
                continue;  // an orphan, as the first process of a container gets
            }
            if (is_worker && !how.by_signal && how.code == status_of_recycled) {
                log_info("a worker process has ended to be followed by another", {{"pid", pid}});
            } else if (how.by_signal) {
                log_error(is_worker ? "a worker process was ended by a signal"
                                    : "the server process was ended by a signal",
                          {{"pid", pid}, {"signal", ::strsignal(how.code)}});
            } else if (how.code != 0) {
                log_error(is_worker ? "a worker process ended badly" : "the server process ended badly",
                          {{"pid", pid}, {"status", how.code}});
            }
            if (offered_ && offered_->pid == pid) {
                offered_.reset();
            }
        }
    }

    // Sockets that a new server process has opened, until it answers.
    struct Offered {
        pid_t pid;
        Listeners listeners;
    };

    SupervisorPlan& plan_;
    Listeners listeners_;
    Supervision supervision_;
    WorkerSlots workers_;
    WorkerScaling scaling_;
    ServiceManager manager_;
    ServiceNotices notices_;
    ServerFigures figures_;     // of the server process, as it told last
    bool has_workers_ = false;  // from the first time that the server process answers
    bool becomes_anew_ = false;
    std::optional<int> status_;  // to end with
    sigset_t signals_before_{};
    runtime::File signals_;
    NewsSockets news_;
    CountSockets counts_;
    runtime::File next_recordings_;  // of the program that was started anew last
    std::optional<Offered> offered_;
    bool is_first_ = true;
};

}  // namespace

int supervise(SupervisorPlan plan) { return Supervisor(plan).run(); }

}  // namespace brio::app
