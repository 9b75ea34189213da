// The supervisor of `serve`: a small process that owns the listening sockets and runs the server in a child.
//
// A server process that dies (a crash, a SIGKILL) is started again within a second while connections wait in
// the open listeners. SIGTERM and SIGINT drain and end it; a SIGINT meanwhile ends all at once. SIGHUP starts
// a new server process from the program's file, whatever that is by now, and drains the old one when the new
// one is ready; then the supervisor becomes that program too, in its place, and the workers follow
// (handover.hpp). A file that is no good changes nothing. A server process ends by itself, draining, when its
// supervisor is gone.
//
// The supervisor has one thread and opens nothing but sockets, so that a child can be forked at any time.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <brio/app/handover.hpp>
#include <brio/app/listeners.hpp>
#include <brio/app/server_start.hpp>
#include <brio/app/service_manager.hpp>
#include <brio/app/supervision.hpp>
#include <brio/app/worker_slots.hpp>

namespace brio::app {

struct WorkerBoard;

/// Worker processes beside the server process: a task that crashes takes no request with it.
struct WorkerPlan {
    WorkerBounds count = {};           // the least at first; up to the most while tasks wait too long
    std::chrono::nanoseconds goal{0};  // of a task's wait
    WorkerBoard* board = nullptr;      // where they say what they do; not null where the bounds differ
    /// In each child, with SIGTERM blocked; the socket is CountTeller's. Places count from 0; the next
    /// process in one has its number too.
    std::function<int(int counts, std::size_t place)> work;
};

struct SupervisorPlan {
    Listeners listeners;  // closed when it ends
    /// In each server process, with SIGTERM and signal_of_retirement blocked: it reads them as requests to
    /// end.
    std::function<int(const ServerStart&)> serve;
    WorkerPlan workers = {};
    /// How the program is started anew.
    struct Anew {
        std::string program;  // the path
        std::vector<std::string> arguments;
        std::string instance;
        FileIdentity file;
        int recordings = -1;  // the file in memory
    } anew;
    SupervisionLimits limits = {};
    std::chrono::nanoseconds stop_time{0};  // the most that a stop takes, for the service manager
    ServiceManagerAddress manager = {};
    std::optional<Handover> before = {};  // what it was before it became this program
};

/// Runs until it is asked to stop; gives the exit status. Throws std::system_error when it cannot begin.
int supervise(SupervisorPlan plan);

}  // namespace brio::app
