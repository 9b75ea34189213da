#include <brio/app/supervised_processes.hpp>

#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include <brio/app/server_start.hpp>
#include <brio/base/log.hpp>

namespace brio::app {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

SupervisedProcesses::SupervisedProcesses(SupervisorPlan& plan,
                                         std::optional<std::chrono::nanoseconds> told_every)
    : plan_(plan),
      told_every_(told_every),
      listeners_(std::move(plan.listeners)),
      is_first_(!plan.before.has_value()) {
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

SupervisedProcesses::~SupervisedProcesses() { sigprocmask(SIG_SETMASK, &signals_before_, nullptr); }

pid_t SupervisedProcesses::make_server() {
    auto const supervisor = ::getpid();
    std::fflush(nullptr);  // what is buffered would be written twice
    auto const pid = ::fork();
    if (pid == 0) {
        ::_exit(run_server(supervisor));
    }
    is_first_ = false;
    return pid;
}

int SupervisedProcesses::run_server(pid_t supervisor) noexcept {
    if (!become_child(supervisor)) {
        return 0;
    }
    signals_.close();
    news_.supervisor.close();
    counts_.workers.close();
    auto start = start_of_server(listeners_, supervisor, news_.servers.fd(), counts_.server.fd());
    start.is_first = is_first_;
    start.told_every = told_every_;
    auto const status = plan_.serve(start);
    std::fflush(nullptr);
    return status;
}

pid_t SupervisedProcesses::make_server_anew() {
    auto const supervisor = ::getpid();
    offered_.reset();  // of one that never answered: its ports are free again
    next_recordings_ = runtime::File(::memfd_create("brio-recordings", MFD_CLOEXEC));  // or else none
    auto const given = handover();
    std::fflush(nullptr);
    auto const pid = ::fork();
    if (pid == 0) {
        run_server_anew(supervisor, given);
        std::fflush(nullptr);
        ::_exit(1);
    }
    return pid;
}

void SupervisedProcesses::run_server_anew(pid_t supervisor, const Handover& given) noexcept {
    if (!become_child(supervisor, SIGKILL)) {  // whatever the file is: it may never read a SIGTERM
        return;
    }
    signals_.close();
    auto const error = become(given, plan_.anew.arguments);
    log_error("the program cannot be started anew from its file",
              {{"program", given.program}, {"error", ::strerror(error)}});
}

pid_t SupervisedProcesses::make_worker(std::size_t place) {
    auto const supervisor = ::getpid();
    std::fflush(nullptr);
    auto const pid = ::fork();
    if (pid == 0) {
        ::_exit(run_worker(supervisor, place));
    }
    return pid;
}

int SupervisedProcesses::run_worker(pid_t supervisor, std::size_t place) noexcept {
    if (!become_child(supervisor)) {
        return 0;
    }
    signals_.close();
    news_ = {};
    listeners_.close();
    offered_.reset();
    counts_.server.close();
    auto const status = plan_.workers.work(counts_.workers.fd(), place);
    std::fflush(nullptr);
    return status;
}

Handover SupervisedProcesses::handover() const {
    using std::chrono::microseconds;
    return {.supervisor = ::getpid(),
            .program = plan_.anew.program,
            .instance = plan_.anew.instance,
            .file = plan_.anew.file,
            .recordings = plan_.anew.recordings,
            .next_recordings = next_recordings_.fd(),
            .news = news_.servers.fd(),
            .told_every_us = told_every_ ? std::chrono::duration_cast<microseconds>(*told_every_).count() : 0,
            .counts = counts_.server.fd(),
            .listeners = describe(listeners_),
            .kept = std::nullopt};
}

int SupervisedProcesses::become_anew(KeptSupervision kept) {
    auto given = handover();
    kept.news = news_.supervisor.fd();
    kept.worker_counts = counts_.workers.fd();
    given.kept = std::move(kept);
    std::fflush(nullptr);
    return become(given, plan_.anew.arguments);
}

void SupervisedProcesses::offered(pid_t pid, const HandedListeners& listeners) {
    offered_ = Offered{.pid = pid, .listeners = own(listeners)};
}

void SupervisedProcesses::take_offered(pid_t pid) {
    if (auto offered = std::exchange(offered_, std::nullopt); offered && offered->pid == pid) {
        listeners_.turn_away_unless_in(offered->listeners);
        listeners_ = std::move(offered->listeners);
    }
}

void SupervisedProcesses::forget_offered(pid_t pid) noexcept {
    if (offered_ && offered_->pid == pid) {
        offered_.reset();
    }
}

void SupervisedProcesses::close_listeners() noexcept {
    listeners_.turn_away();
    listeners_.close();
}

}  // namespace brio::app
