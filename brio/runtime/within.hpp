// `co_await within(time, call)`: the result of `call`, or nothing when `time` passed first.
//
// The call runs under a unit of work of its own that ends with the caller's: a stop of the caller stops the
// call and the Cancelled goes on to the caller. When the time passes, the call is stopped with
// StopReason::deadline and waited for, so whatever it holds has been given back when nothing is returned.
// Other exceptions of the call go through. The ledger, the tally and the notes of what is read are the
// caller's. Cost: a timer, and no allocation of its own.
#pragma once
#include <algorithm>
#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include <brio/runtime/async.hpp>
#include <brio/runtime/loop.hpp>

namespace brio::runtime {

template <class T>
class Within {
public:
    static_assert(!std::is_void_v<T>, "within() tells a result from none: let the call return something");
    Within(Nanoseconds time, Async<T> call) noexcept : time_(time), call_(std::move(call)) {}

    class Awaiter : Timer, StopCallback {
    public:
        Awaiter(Nanoseconds time, Async<T> call) noexcept
            : Timer([](Timer& timer) {
                  auto& self = static_cast<Awaiter&>(timer);
                  self.late_ = true;
                  self.stop(StopReason::deadline);
              }),
              StopCallback([](StopCallback& callback, StopReason reason) {
                  static_cast<Awaiter&>(callback).stop(reason);
              }),
              time_(time),
              frame_(call.release()) {}
        Awaiter(const Awaiter&) = delete;
        Awaiter& operator=(const Awaiter&) = delete;
        ~Awaiter() { frame_.destroy(); }

        bool await_ready() const noexcept { return false; }
        template <std::derived_from<PromiseBase> P>
        bool await_suspend(std::coroutine_handle<P> handle) {
            auto& parent = *handle.promise().work;
            parent.check();
            work_.loop = parent.loop;
            work_.ledger = parent.ledger;
            work_.tally = parent.tally;
            work_.dependencies = parent.dependencies;
            work_.name = parent.name;
            work_.unit = parent.unit;
            work_.scopes = parent.scopes;
            work_.deadline = std::min(parent.deadline, time_ < Nanoseconds::max() - parent.loop->now()
                                                           ? parent.loop->now() + time_
                                                           : Nanoseconds::max());
            if (work_.deadline < parent.deadline) {
                parent.loop->arm_at(*this, work_.deadline);
            }
            parent.on_stop(*this);
            waiting_ = handle;
            held_ = true;
            auto& promise = frame_.promise();
            promise.done = [](void* context) { static_cast<Awaiter*>(context)->end(); };
            promise.done_context = this;
            promise.begin(work_, nullptr);
            Waiting(frame_).resume();
            held_ = false;
            return !ended_;
        }
        std::optional<T> await_resume() {
            if (late_ && frame_.promise().error) {
                return std::nullopt;
            }
            return std::optional<T>(frame_.promise().take());
        }

    private:
        // The call may end, and the caller with it, while a stop is still being told: the caller goes on
        // after that.
        void stop(StopReason reason) {
            held_ = true;
            work_.stop(reason);
            held_ = false;
            if (ended_) {
                waiting_.resume();
            }
        }
        void end() {
            ended_ = true;
            cancel();
            leave();
            if (!held_) {
                waiting_.resume();
            }
        }

        Nanoseconds time_;
        Work work_;
        std::coroutine_handle<typename Async<T>::promise_type> frame_;
        Waiting waiting_;
        bool held_ = false;
        bool ended_ = false;
        bool late_ = false;
    };
    Awaiter operator co_await() && noexcept { return Awaiter(time_, std::move(call_)); }

private:
    Nanoseconds time_;
    Async<T> call_;
};

template <class T>
Within<T> within(Nanoseconds time, Async<T> call) {
    return Within<T>(time, std::move(call));
}

}  // namespace brio::runtime
