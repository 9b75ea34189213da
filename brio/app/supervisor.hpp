// The supervisor of `serve`: a small process that owns the listening sockets and runs the server in a child.
//
// A server process that dies (a crash, a SIGKILL) is started again within a second while connections wait in
// the open listeners. SIGTERM and SIGINT drain and end it, a second one ends all at once; SIGHUP starts a new
// server process and drains the old one when the new one is ready. A server process ends by itself, draining,
// when its supervisor is gone.
//
// The supervisor has one thread and opens nothing but the sockets, so that a child can be forked at any time.
#pragma once
#include <functional>
#include <string>

#include <brio/app/listeners.hpp>
#include <brio/app/supervision.hpp>

namespace brio::app {

struct Recordings;

/// What a server process is given. Everything of the supervisor that it must not keep is already closed.
struct ServerStart {
    Listeners& listeners;
    int supervisor = 0;                // its pid
    bool is_first = true;              // false: started again
    int counts = -1;                   // of CountListener; -1: there are no workers
    Recordings* recordings = nullptr;  // the server process' and the workers'; whoever serves sets it
    std::string instance = {};  // the id that the process has among others (instance_keeper.hpp); the same
    /// To be called once when it answers.
    std::function<void()> ready;
};

/// Worker processes beside the server process: a task that crashes takes no request with it.
struct WorkerPlan {
    std::size_t count = 0;
    /// In each child, with SIGTERM blocked; the socket is CountTeller's. Places count from 0; the next
    /// process in one has its number too.
    std::function<int(int counts, std::size_t place)> work;
};

/// Runs until it is asked to stop; gives the exit status. `serve` runs in each child, with SIGTERM blocked:
/// it reads it as a request to drain. The listeners are closed when this returns. Throws std::system_error
/// when no process can be made.
int supervise(Listeners listeners, const std::function<int(const ServerStart&)>& serve,
              const WorkerPlan& workers = {});

}  // namespace brio::app
