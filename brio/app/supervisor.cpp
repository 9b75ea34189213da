#include <brio/app/supervisor.hpp>

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <brio/app/supervised_processes.hpp>
#include <brio/app/worker_scaling.hpp>
#include <brio/app/worker_slots.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>

namespace brio::app {
namespace {

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
          supervision_(plan.limits),
          workers_(plan.workers.count),
          scaling_(plan.workers.count, plan.workers.goal, plan.workers.board, workers_),
          manager_(plan.manager),
          notices_(plan.manager.watchdog),
          processes_(plan, manager_.is_there() ? std::optional(notices_.told_every()) : std::nullopt) {}

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

    // The exit status when it was an exit.
    std::optional<int> carry_out(const Action& action) {
        switch (action.kind) {
            case Action::Kind::start: started(processes_.make_server()); break;
            case Action::Kind::start_anew: start_anew(); break;
            case Action::Kind::become_anew: becomes_anew_ = true; break;
            case Action::Kind::restart_failed: say_failed(); break;
            case Action::Kind::retire: ::kill(action.pid, signal_of_retirement); break;
            case Action::Kind::drain: ::kill(action.pid, SIGTERM); break;
            case Action::Kind::kill: kill(action.pid); break;
            case Action::Kind::close_listeners: processes_.close_listeners(); break;
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
        auto const pid = processes_.make_worker(workers_.starting());
        if (pid < 0) {
            log_error("a worker process cannot be made: it is tried again", {{"error", ::strerror(errno)}});
            workers_.could_not_start(monotonic_now());
            return;
        }
        workers_.started(pid, monotonic_now());
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

    void start_anew() {
        log_info("restarting", {{"program", plan_.anew.program}});
        manager_.tell(notices_.reloading(monotonic_now()));
        started(processes_.make_server_anew());
    }

    // Returns when it stays what it is.
    void become_anew() {
        KeptSupervision kept;
        kept.notify_socket = manager_.address().socket;
        kept.watchdog_us = manager_.address().watchdog.count();
        keep(kept, supervision_.kept(), workers_.kept());
        auto const error = processes_.become_anew(std::move(kept));
        auto const* words = "the server process is the new program, its supervisor still the one before";
        log_error(words, {{"program", plan_.anew.program}, {"error", ::strerror(error)}});
        manager_.tell(notices_.reloaded(words, monotonic_now()));
        workers_.asked_to_restart();
        supervision_.stayed(monotonic_now());
    }

    // What the program before has begun.
    void go_on(const KeptSupervision& kept) {
        auto const now = monotonic_now();
        supervision_.go_on(servers_of(kept), now);
        has_workers_ = true;
        workers_.go_on(places_of(kept), now);
        workers_.asked_to_restart();
        notices_.ready(now);
        manager_.tell(notices_.reloaded({}, now));
        log_info("restarted", {{"supervisor", ::getpid()}});
    }

    void wait() {
        pollfd events[] = {{.fd = processes_.signals(), .events = POLLIN, .revents = 0},
                           {.fd = processes_.news(), .events = POLLIN, .revents = 0}};
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
        while (auto news = hear(processes_.news())) {
            if (news->listeners) {
                processes_.offered(news->pid, *news->listeners);
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
        if (!supervision_.is_stopping()) {
            processes_.take_offered(pid);
        }
        supervision_.ready(pid, monotonic_now());
        if (!std::exchange(has_workers_, true)) {
            workers_.begin(monotonic_now());
            manager_.tell(notices_.ready(monotonic_now()));
        }
    }

    void read_signals() {
        signalfd_siginfo received{};
        while (::read(processes_.signals(), &received, sizeof received) == sizeof received) {
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
            processes_.forget_offered(pid);
        }
    }

    const SupervisorPlan& plan_;
    Supervision supervision_;
    WorkerSlots workers_;
    WorkerScaling scaling_;
    ServiceManager manager_;
    ServiceNotices notices_;
    ServerFigures figures_;     // of the server process, as it told last
    bool has_workers_ = false;  // from the first time that the server process answers
    bool becomes_anew_ = false;
    std::optional<int> status_;  // to end with
    SupervisedProcesses processes_;
};

}  // namespace

int supervise(SupervisorPlan plan) { return Supervisor(plan).run(); }

}  // namespace brio::app
