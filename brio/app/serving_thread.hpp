// A thread of the API: a loop, its shard of the metrics, its part of the server. Internal to app.
#pragma once
#include <atomic>
#include <functional>
#include <optional>
#include <thread>

#include <brio/http/server.hpp>
#include <brio/metrics/registry.hpp>
#include <brio/runtime/file.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::app {

class ServingThread {
public:
    /// The loop is there at once, so that what outlives the threads may refer to it.
    ServingThread();
    ServingThread(const ServingThread&) = delete;
    ServingThread& operator=(const ServingThread&) = delete;
    /// stop() first.
    ~ServingThread();

    struct Start {
        http::Server& server;
        metrics::Registry& registry;
        runtime::File listener;         // closed when a drain has taken what waited in it
        std::function<void()> serving;  // once, on the thread, when it accepts
        std::function<void()> drained;  // once, on the thread, when a drain has left no connection
    };
    void start(Start with);

    // From any thread, after start().
    /// Stops accepting and lets requests under way end; then `drained`, and the thread ends.
    void drain();
    /// Stops the requests under way.
    void stop_requests();
    /// Ends the thread whatever is open, and waits for it.
    void stop();

    runtime::Loop& loop() noexcept { return loop_; }

private:
    struct Serving;
    void run(Start& with);

    /// A call carried to the loop; asking twice before it ran is asking once.
    class Call : runtime::Posted {
    public:
        Call(ServingThread& thread, void (*call)(Serving&))
            : Posted([](Posted& posted) { static_cast<Call&>(posted).run(); }),
              thread_(thread),
              call_(call) {}
        void post() {
            if (!asked_.exchange(true)) {
                thread_.loop_.post(*this);
            }
        }

    private:
        void run() {
            asked_.store(false);
            if (thread_.serving_ != nullptr) {
                call_(*thread_.serving_);
            }
        }
        ServingThread& thread_;
        void (*call_)(Serving&);
        std::atomic<bool> asked_{false};
    };

    runtime::Loop loop_;
    Serving* serving_ = nullptr;  // of the thread
    Call drain_;
    Call stop_requests_;
    std::thread thread_;
};

}  // namespace brio::app
