// A thread with a loop of its own for what is asked of the database about the program's statements: plans,
// indexes. Internal.
//
// Started with the first piece of work. Bounded: what does not fit is refused and counted.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <brio/runtime/async.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::db {

class Explainer {
public:
    /// Called on the thread; the coroutine it gives runs there to its end. What it throws is logged.
    using Work = std::function<Async<void>()>;

    explicit Explainer(std::size_t queue) : queued_("db_explain_queue", queue) {}
    Explainer(const Explainer&) = delete;
    Explainer& operator=(const Explainer&) = delete;
    ~Explainer() { stop(); }

    /// Any thread. False when the queue is full or stop() was called.
    bool submit(Work work);
    /// Ends the work under way, drops what waits, ends the thread. Before the engine ends; the loop lives as
    /// long as this.
    void stop();
    runtime::Limit& queue_limit() noexcept { return queued_; }

private:
    void serve();

    runtime::Loop loop_;
    runtime::Limit queued_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Work> waiting_;  // guarded by mutex_
    bool ending_ = false;       // guarded by mutex_
    std::thread thread_;        // guarded by mutex_
};

}  // namespace brio::db
