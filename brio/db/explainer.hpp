// A thread with a loop of its own for what is asked of the database about the program's statements: plans,
// indexes. Internal.
//
// Started with the first piece of work. Bounded: what does not fit is refused and counted. Work that fails,
// as while the database has too much to do, is done again, 1/4, 1/2, 1 and 2 s later.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <brio/runtime/async.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::db {

class Explainer {
public:
    /// Called on the thread; the coroutine it gives runs there to its end. What it throws last is logged.
    using Work = std::function<Async<void>()>;
    static constexpr int most_tries = 5;

    explicit Explainer(std::size_t queue,
                       std::chrono::milliseconds first_pause = std::chrono::milliseconds(250))
        : queued_("db_explain_queue", queue),
          first_pause_(first_pause) {}
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
    using Clock = std::chrono::steady_clock;
    struct Job {
        Work work;
        int tries = 0;
    };
    std::optional<Job> next();
    void carry_out(Job job);
    bool waits_again(Job& job);
    void serve();

    runtime::Loop loop_;
    runtime::Limit queued_;
    const std::chrono::milliseconds first_pause_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::multimap<Clock::time_point, Job> waiting_;  // guarded by mutex_; not before these times
    bool ending_ = false;                            // guarded by mutex_
    std::thread thread_;                             // guarded by mutex_
};

}  // namespace brio::db
