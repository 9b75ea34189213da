// Threads for work that would block a loop: a bounded queue in front of a fixed number of threads.
//
// `co_await offload(pool, [] { return slow(); })` runs the function on a pool thread and goes on on the loop.
// A stopped unit of work leaves the queue at once; once its function runs, the wait lasts until it returns.
// The function may refer to the awaiting coroutine's variables: the coroutine stays suspended until the
// function has ended.
#pragma once
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <brio/ledger/ledger.hpp>
#include <brio/runtime/async.hpp>
#include <brio/runtime/errors.hpp>
#include <brio/runtime/limit.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::runtime {

/// One piece of blocking work. `run` is called on a pool thread and must not throw; then `completed` on the
/// loop that it was submitted for.
class OffloadJob : private Posted {
public:
    using Run = void (*)(OffloadJob&) noexcept;
    using Completed = void (*)(OffloadJob&);

    OffloadJob(Run run, Completed completed) noexcept
        : Posted([](Posted& posted) { static_cast<OffloadJob&>(posted).complete(); }),
          run_(run),
          completed_(completed) {}
    OffloadJob(const OffloadJob&) = delete;
    OffloadJob& operator=(const OffloadJob&) = delete;

private:
    friend class OffloadPool;
    void complete() { completed_(*this); }
    Run run_;
    Completed completed_;
    Loop* loop_ = nullptr;
};

class OffloadPool {
public:
    struct Options {
        std::size_t threads = 4;
        std::size_t queue = 1024;
        const char* name = "offload";  // of the threads, at most 15 characters
    };
    explicit OffloadPool(Options options);
    OffloadPool(const OffloadPool&) = delete;
    OffloadPool& operator=(const OffloadPool&) = delete;
    /// Runs what is queued, then ends the threads.
    ~OffloadPool();

    /// False when the queue is full. `job` must live until it has completed on `loop`.
    bool submit(OffloadJob& job, Loop& loop);
    /// The same for nobody's loop: `completed` is called on the pool's thread, as the last that is done with
    /// the job. No withdraw().
    bool submit(OffloadJob& job);
    /// Takes a job that has not begun out of the queue; false when it runs or has run.
    bool withdraw(OffloadJob& job);
    Limit& queue_limit() noexcept { return queued_; }

private:
    bool put(OffloadJob& job, Loop* loop);
    void serve();

    Limit queued_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<OffloadJob*> jobs_;  // guarded by mutex_
    bool ending_ = false;           // guarded by mutex_
    std::vector<std::thread> threads_;
};

template <class Callable>
class OffloadAwaiter : OffloadJob, StopCallback {
public:
    using Result = std::invoke_result_t<Callable&>;

    OffloadAwaiter(OffloadPool& pool, Callable function, ledger::Phase phase)
        : OffloadJob([](OffloadJob& job) noexcept { static_cast<OffloadAwaiter&>(job).run(); },
                     [](OffloadJob& job) { static_cast<OffloadAwaiter&>(job).resume(); }),
          StopCallback([](StopCallback& stop, StopReason) { static_cast<OffloadAwaiter&>(stop).give_up(); }),
          pool_(pool),
          function_(std::move(function)),
          phase_(phase) {}
    ~OffloadAwaiter() { expect(!waiting_, "a coroutine that waits for a pool thread is not destroyed"); }

    bool await_ready() const noexcept { return false; }
    template <std::derived_from<PromiseBase> P>
    bool await_suspend(std::coroutine_handle<P> handle) {
        work_ = handle.promise().work;
        work_->check();
        waiting_ = handle;
        if (!pool_.submit(*this, *work_->loop)) {
            waiting_ = {};
            throw Overloaded(pool_.queue_limit().name());
        }
        work_->on_stop(*this);
        before_ = ledger::enter(work_->ledger, phase_);
        return true;
    }
    Result await_resume() {
        if (withdrawn_) {
            throw Cancelled(work_->stopped);
        }
        if (error_) {
            std::rethrow_exception(error_);
        }
        if constexpr (!std::is_void_v<Result>) {
            return std::move(*result_);
        }
    }

private:
    void run() noexcept {
        const Running running(*work_, phase_);
        try {
            if constexpr (std::is_void_v<Result>) {
                function_();
            } else {
                result_.emplace(function_());
            }
        } catch (...) {
            error_ = std::current_exception();
        }
    }
    void resume() {
        leave();
        ledger::enter(work_->ledger, before_);
        std::exchange(waiting_, {}).resume();
    }
    void give_up() {
        if (pool_.withdraw(*this)) {
            withdrawn_ = true;
            resume();
        }
    }

    struct Nothing {};
    OffloadPool& pool_;
    Callable function_;
    Work* work_ = nullptr;
    Waiting waiting_;
    const ledger::Phase phase_;
    ledger::Phase before_{};
    bool withdrawn_ = false;
    std::exception_ptr error_;
    std::optional<std::conditional_t<std::is_void_v<Result>, Nothing, Result>> result_;
};

/// Throws Overloaded when the pool's queue is full, and whatever the function throws. The wait is charged to
/// `phase`.
template <class Callable>
OffloadAwaiter<Callable> offload(OffloadPool& pool, Callable function,
                                 ledger::Phase phase = ledger::Phase::offload) {
    return OffloadAwaiter<Callable>(pool, std::move(function), phase);
}

}  // namespace brio::runtime
