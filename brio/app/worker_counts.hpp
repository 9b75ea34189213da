// What the worker processes of `serve` count, on its way to the server process: `/metrics` there is of the
// whole program, whoever did the work, and no counter falls when a worker ends.
//
// One pair of sockets for all, made by the supervisor, so that it outlives any of them. What a worker has
// counted since its last message is lost when it is killed: at most that of `told_every`.
#pragma once
#include <chrono>

#include <brio/metrics/counts.hpp>
#include <brio/runtime/file.hpp>
#include <brio/runtime/later.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::app {

struct CountSockets {
    /// Throws std::system_error.
    static CountSockets open();
    runtime::File workers;  // to send
    runtime::File server;   // to receive
};

/// Of a worker process. For its control loop's thread.
class CountTeller {
public:
    static constexpr std::chrono::milliseconds told_every{500};

    CountTeller(runtime::Loop& loop, metrics::Registry& registry, int socket);
    /// What was counted since the last time, as far as there is room.
    void tell();

private:
    void tell_again();
    metrics::CountSender sender_;
    const int socket_;
    runtime::Later<CountTeller> again_;
};

/// Of a server process, from its making until stop(): another server process may go on. For its control
/// loop's thread.
class CountListener : private runtime::Watch {
public:
    CountListener(runtime::Loop& loop, metrics::Registry& registry, int socket);
    ~CountListener() { stop(); }
    void stop() noexcept;

private:
    void take();
    runtime::Loop& loop_;
    metrics::Registry& registry_;
    metrics::CountReceiver receiver_;
    metrics::Counter refused_;
    const int socket_;
};

}  // namespace brio::app
