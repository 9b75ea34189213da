// The processes that a supervisor makes, and what it holds open for them: listening sockets, signals, the
// sockets on which they tell of themselves.
//
// A child has closed what is the supervisor's alone before its body runs. Nothing is decided here: when one
// is to be made, and what its end means, is for Supervision and WorkerSlots.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <optional>

#include <brio/app/handover.hpp>
#include <brio/app/listeners.hpp>
#include <brio/app/server_news.hpp>
#include <brio/app/supervisor.hpp>
#include <brio/app/worker_counts.hpp>
#include <brio/runtime/file.hpp>

namespace brio::app {

class SupervisedProcesses {
public:
    /// Blocks the signals of a supervisor until it is destroyed. `told_every`: how often a server process is
    /// to tell of itself; none: never. Throws std::system_error.
    SupervisedProcesses(SupervisorPlan& plan, std::optional<std::chrono::nanoseconds> told_every);
    ~SupervisedProcesses();
    SupervisedProcesses(const SupervisedProcesses&) = delete;
    SupervisedProcesses& operator=(const SupervisedProcesses&) = delete;

    // Each gives the pid; -1, with errno, when no process can be made.
    pid_t make_server();
    /// From the program's file, whatever that is by now.
    pid_t make_server_anew();
    pid_t make_worker(std::size_t place);
    /// This process becomes what that file is. Returns only when that cannot be done: the errno.
    int become_anew(KeptSupervision kept);

    /// The signals (signalfd(2)) and the news to wait for.
    int signals() const noexcept { return signals_.fd(); }
    int news() const noexcept { return news_.supervisor.fd(); }

    // Sockets that a new server process has opened are its own until it answers.
    void offered(pid_t pid, const HandedListeners& listeners);
    /// They take the place of those that are there, which nobody will serve any more.
    void take_offered(pid_t pid);
    void forget_offered(pid_t pid) noexcept;
    /// Nobody will serve what connects from now on.
    void close_listeners() noexcept;

private:
    int run_server(pid_t supervisor) noexcept;
    int run_worker(pid_t supervisor, std::size_t place) noexcept;
    void run_server_anew(pid_t supervisor, const Handover& given) noexcept;
    Handover handover() const;

    struct Offered {
        pid_t pid;
        Listeners listeners;
    };

    const SupervisorPlan& plan_;
    const std::optional<std::chrono::nanoseconds> told_every_;
    Listeners listeners_;
    sigset_t signals_before_{};
    runtime::File signals_;
    NewsSockets news_;
    CountSockets counts_;
    runtime::File next_recordings_;  // of the program that was started anew last
    std::optional<Offered> offered_;
    bool is_first_ = true;  // no server process was made yet
};

}  // namespace brio::app
