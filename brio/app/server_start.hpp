// How a process that the supervisor has made begins: what a server process is given, whether it was forked or
// started from the program's file.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <string>

#include <brio/app/handover.hpp>
#include <brio/app/listeners.hpp>
#include <brio/app/server_news.hpp>

namespace brio::app {

struct Recordings;

/// Tells a server process that another one has the sockets: it ends, and nobody is to be sent elsewhere.
inline constexpr int signal_of_retirement = SIGUSR1;

/// What a server process is given. Everything of the supervisor that it must not keep is already closed.
struct ServerStart {
    Listeners& listeners;
    int supervisor = 0;                // its pid
    bool is_first = true;              // false: started again
    int counts = -1;                   // of CountListener
    int news = -1;                     // where it tells of itself
    Recordings* recordings = nullptr;  // the server process' and the workers'; whoever serves sets it
    std::string instance = {};  // the id that the process has among others (instance_keeper.hpp); the same
    /// To be called once when it answers.
    std::function<void()> ready;
    /// How often it is to tell of itself by `figures`; none: nobody wants to know.
    std::optional<std::chrono::nanoseconds> told_every = {};
    std::function<void(const ServerFigures&)> figures = {};
};

/// The body of a server process that a supervisor has started from the program's file: `serve` in it. 0 when
/// that supervisor is gone already.
int serve_anew(const Handover& handover, Listeners& listeners,
               const std::function<int(const ServerStart&)>& serve);

/// For the supervisor: what a server process has of it. `news` is NewsSockets::servers.
ServerStart start_of_server(Listeners& listeners, int supervisor, int news, int counts);

/// The signals that the supervisor reads, and that all its processes begin with blocked.
sigset_t signals_of_supervisor() noexcept;
/// In a process that was just forked: it ends with the supervisor, by `end`, and is asked to end by SIGTERM
/// and signal_of_retirement alone, which stay blocked. False when the supervisor is gone already.
bool become_child(pid_t supervisor, int end = SIGTERM) noexcept;

}  // namespace brio::app
