#include <brio/app/supervisor.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <system_error>

#include <brio/app/worker_counts.hpp>
#include <brio/app/worker_slots.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/log.hpp>
#include <brio/runtime/file.hpp>

namespace brio::app {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

sigset_t signals_of_supervisor() {
    sigset_t signals;
    sigemptyset(&signals);
    for (int const each : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
        sigaddset(&signals, each);
    }
    return signals;
}

class Supervisor {
public:
    Supervisor(Listeners listeners, const std::function<int(const ServerStart&)>& serve,
               const WorkerPlan& workers)
        : listeners_(std::move(listeners)),
          serve_(serve),
          work_(workers.work),
          workers_(workers.count) {
        auto const signals = signals_of_supervisor();
        if (sigprocmask(SIG_BLOCK, &signals, &signals_before_) != 0) {
            fail("sigprocmask");
        }
        signals_ = runtime::File(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
        int ends[2];
        if (!signals_ || ::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) {
            fail("the supervisor has no descriptors left");
        }
        readiness_ = runtime::File(ends[0]);
        announce_ = runtime::File(ends[1]);
        if (workers.count > 0) {
            counts_ = CountSockets::open();
        }
    }
    ~Supervisor() { sigprocmask(SIG_SETMASK, &signals_before_, nullptr); }
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    int run() {
        supervision_.begin();
        for (;;) {
            for (auto const& action : supervision_.take_actions()) {
                if (auto const status = carry_out(action)) {
                    end_with(*status);
                }
            }
            for (auto const& action : workers_.take_actions()) {
                carry_out_of_worker(action);
            }
            if (status_ && workers_.are_gone()) {
                return *status_;
            }
            wait();
        }
    }

private:
    // The exit status when it was an exit: of the program here, of the server in a child.
    std::optional<int> carry_out(const Action& action) {
        switch (action.kind) {
            case Action::Kind::start: start(); break;
            case Action::Kind::drain: ::kill(action.pid, SIGTERM); break;
            case Action::Kind::kill: ::kill(action.pid, SIGKILL); break;
            case Action::Kind::close_listeners:
                listeners_.turn_away();
                listeners_.close();
                break;
            case Action::Kind::exit: return action.status;
        }
        return std::nullopt;
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
            ::kill(action.pid, action.kind == Action::Kind::kill ? SIGKILL : SIGTERM);
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
        readiness_.close();
        announce_.close();
        listeners_.close();
        counts_.server.close();
        return work_(counts_.workers.fd(), place);
    }

    void start() {
        auto const supervisor = ::getpid();
        std::fflush(nullptr);  // what is buffered would be written twice
        auto const pid = ::fork();
        if (pid < 0) {
            fail("the server process cannot be made (fork)");
        }
        if (pid == 0) {
            ::_exit(run_child(supervisor));
        }
        is_first_ = false;
        supervision_.started(pid);
    }

    // False when the supervisor is gone already.
    bool become_child(pid_t supervisor) noexcept {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != supervisor) {
            return false;
        }
        // A Ctrl-C reaches all processes of the terminal: only the supervisor decides what it means.
        std::signal(SIGINT, SIG_IGN);
        std::signal(SIGHUP, SIG_IGN);
        sigset_t others = signals_of_supervisor();
        sigdelset(&others, SIGTERM);
        sigprocmask(SIG_UNBLOCK, &others, nullptr);
        signals_.close();
        return true;
    }

    int run_child(pid_t supervisor) noexcept {
        if (!become_child(supervisor)) {
            return 0;
        }
        readiness_.close();
        counts_.workers.close();
        auto const status =
            serve_({.listeners = listeners_,
                    .supervisor = supervisor,
                    .is_first = is_first_,
                    .counts = counts_.server.fd(),
                    .ready = [this] {
                        int const pid = ::getpid();
                        while (::write(announce_.fd(), &pid, sizeof pid) < 0 && errno == EINTR) {
                        }
                        announce_.close();
                    }});
        std::fflush(nullptr);
        return status;
    }

    void wait() {
        pollfd events[] = {{.fd = signals_.fd(), .events = POLLIN, .revents = 0},
                           {.fd = readiness_.fd(), .events = POLLIN, .revents = 0}};
        ::poll(events, 2, milliseconds_to_wait());
        read_readiness();
        read_signals();
        reap();
        supervision_.tick(monotonic_now());
        workers_.tick(monotonic_now());
    }

    int milliseconds_to_wait() const {
        auto at = supervision_.wake_at();
        if (auto const of_workers = workers_.wake_at(); of_workers && (!at || *of_workers < *at)) {
            at = of_workers;
        }
        if (!at) {
            return -1;
        }
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(*at - monotonic_now());
        return static_cast<int>(std::max<std::int64_t>(0, left.count()));
    }

    void read_readiness() {
        int pid = 0;
        while (::read(readiness_.fd(), &pid, sizeof pid) == sizeof pid) {
            supervision_.ready(pid, monotonic_now());
            if (!std::exchange(has_workers_, true)) {
                workers_.begin(monotonic_now());
            }
            if (std::exchange(restarts_workers_, false)) {
                workers_.asked_to_restart();
            }
        }
    }

    void read_signals() {
        signalfd_siginfo received{};
        while (::read(signals_.fd(), &received, sizeof received) == sizeof received) {
            switch (received.ssi_signo) {
                case SIGTERM:
                case SIGINT:
                    supervision_.asked_to_stop();
                    workers_.asked_to_stop();
                    break;
                case SIGHUP:
                    supervision_.asked_to_restart();
                    restarts_workers_ = true;
                    break;
                default: break;  // SIGCHLD: reap() looks
            }
        }
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
            auto const is_worker = workers_.ended(pid, how, monotonic_now());
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
            if (!is_worker) {
                supervision_.ended(pid, how, monotonic_now());
            }
        }
    }

    Listeners listeners_;
    const std::function<int(const ServerStart&)>& serve_;
    const std::function<int(int, std::size_t)>& work_;
    Supervision supervision_;
    WorkerSlots workers_;
    bool has_workers_ = false;       // from the first time that the server process answers
    bool restarts_workers_ = false;  // once a server process answers: the settings are good
    std::optional<int> status_;      // to end with
    sigset_t signals_before_{};
    runtime::File signals_;
    runtime::File readiness_;  // the pids of server processes that answer
    runtime::File announce_;
    CountSockets counts_;
    bool is_first_ = true;
};

}  // namespace

int supervise(Listeners listeners, const std::function<int(const ServerStart&)>& serve,
              const WorkerPlan& workers) {
    return Supervisor(std::move(listeners), serve, workers).run();
}

}  // namespace brio::app
