// What a coroutine can wait for on its loop: time, and events that somebody else announces.
//
// Every wait ends early with Cancelled when its unit of work is stopped.
#pragma once
#include <coroutine>

#include <brio/runtime/async.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::runtime {

/// `co_await sleep_for(20ms)`: at least that long.
class Sleep {
public:
    explicit Sleep(Nanoseconds time) noexcept : time_(time) {}

    struct Awaiter : Timer, StopCallback {
        explicit Awaiter(Nanoseconds sleep_time) noexcept
            : Timer([](Timer& timer) { static_cast<Awaiter&>(timer).end(); }),
              StopCallback([](StopCallback& stop, StopReason) { static_cast<Awaiter&>(stop).end(); }),
              time(sleep_time) {}
        bool await_ready() const noexcept { return false; }
        template <std::derived_from<PromiseBase> P>
        bool await_suspend(std::coroutine_handle<P> handle) {
            work = handle.promise().work;
            waiting = handle;
            if (work->stopped != StopReason::none) {
                return false;
            }
            work->loop->arm(*this, time);
            work->on_stop(*this);
            return true;
        }
        void await_resume() const { work->check(); }
        void end() {
            cancel();
            leave();
            waiting.resume();
        }

        Nanoseconds time;
        Work* work = nullptr;
        Waiting waiting;
    };
    Awaiter operator co_await() const noexcept { return Awaiter(time_); }

private:
    Nanoseconds time_;
};
inline Sleep sleep_for(Nanoseconds time) { return Sleep(time); }

/// Coroutines that wait for notify_one() or notify_all(), first come, first served. For one loop. Must
/// outlive its waiters.
class WaitList {
public:
    struct Awaiter : StopCallback {
        explicit Awaiter(WaitList& wait_list) noexcept
            : StopCallback([](StopCallback& stop, StopReason) { static_cast<Awaiter&>(stop).wake(); }),
              list(wait_list) {}
        Awaiter(const Awaiter&) = delete;
        ~Awaiter() { list.take_out(*this); }
        bool await_ready() const noexcept { return false; }
        template <std::derived_from<PromiseBase> P>
        bool await_suspend(std::coroutine_handle<P> handle) {
            work = handle.promise().work;
            waiting = handle;
            if (work->stopped != StopReason::none) {
                return false;
            }
            list.append(*this);
            work->on_stop(*this);
            return true;
        }
        void await_resume() const { work->check(); }
        void wake() {
            list.take_out(*this);
            leave();
            waiting.resume();
        }

        WaitList& list;
        Work* work = nullptr;
        Waiting waiting;
        Awaiter* next = nullptr;
        Awaiter* previous = nullptr;
        bool listed = false;
    };

    WaitList() = default;
    WaitList(const WaitList&) = delete;
    WaitList& operator=(const WaitList&) = delete;

    Awaiter wait() noexcept { return Awaiter(*this); }
    /// Resumes the one that waits longest, before it returns; false when none waits.
    bool notify_one();
    void notify_all();
    std::size_t size() const noexcept { return size_; }

private:
    void append(Awaiter& awaiter) noexcept;
    void take_out(Awaiter& awaiter) noexcept;

    Awaiter* first_ = nullptr;
    Awaiter* last_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace brio::runtime
