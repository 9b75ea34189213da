#include <brio/app/server_start.hpp>

#include <sys/prctl.h>
#include <unistd.h>

namespace brio::app {
namespace {

// False when the supervisor is gone already. Again after an execve, which may have cleared it.
bool ends_with(pid_t supervisor, int end) noexcept {
    ::prctl(PR_SET_PDEATHSIG, end);
    return ::getppid() == supervisor;
}

}  // namespace

ServerStart start_of_server(Listeners& listeners, int supervisor, int news, int counts) {
    return {
        .listeners = listeners,
        .supervisor = supervisor,
        .counts = counts,
        .news = news,
        .ready = [news] { tell(news, {.pid = ::getpid(), .is_ready = true}); },
        .figures =
            [news](const ServerFigures& figures) { tell(news, {.pid = ::getpid(), .figures = figures}); }};
}

int serve_anew(const Handover& handover, Listeners& listeners,
               const std::function<int(const ServerStart&)>& serve) {
    if (!ends_with(handover.supervisor, SIGTERM)) {
        return 0;
    }
    auto start = start_of_server(listeners, handover.supervisor, handover.news, handover.counts);
    start.is_first = false;
    if (handover.told_every_us > 0) {
        start.told_every = std::chrono::microseconds(handover.told_every_us);
    }
    return serve(start);
}

sigset_t signals_of_supervisor() noexcept {
    sigset_t signals;
    sigemptyset(&signals);
    for (int const each : {SIGTERM, SIGINT, SIGHUP, SIGCHLD, signal_of_retirement}) {
        sigaddset(&signals, each);
    }
    return signals;
}

bool become_child(pid_t supervisor, int end) noexcept {
    if (!ends_with(supervisor, end)) {
        return false;
    }
    // A Ctrl-C reaches all processes of the terminal: only the supervisor decides what it means.
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGHUP, SIG_IGN);
    sigset_t others = signals_of_supervisor();
    sigdelset(&others, SIGTERM);
    sigdelset(&others, signal_of_retirement);
    sigprocmask(SIG_UNBLOCK, &others, nullptr);
    return true;
}

}  // namespace brio::app
