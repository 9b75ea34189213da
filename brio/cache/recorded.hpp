// `co_await recorded(read, call)`: the result of `call`, while what it reads is noted in `read`.
//
// The call runs under a unit of work of its own, since two that are made at the same time within one must not
// note each other's reads; it ends with the caller's, and all else is the caller's.
#pragma once
#include <coroutine>
#include <utility>

#include <brio/ledger/dependencies.hpp>
#include <brio/runtime/async.hpp>

namespace brio::cache {

template <class T>
class Recorded {
public:
    Recorded(ledger::Dependencies& read, Async<T> call) noexcept : read_(read), call_(std::move(call)) {}

    class Awaiter : runtime::StopCallback {
    public:
        Awaiter(ledger::Dependencies& read, Async<T> call) noexcept
            : StopCallback([](StopCallback& callback, runtime::StopReason reason) {
                  static_cast<Awaiter&>(callback).work_.stop(reason);  // may destroy this
              }),
              frame_(call.release()) {
            work_.dependencies = &read;
        }
        Awaiter(const Awaiter&) = delete;
        Awaiter& operator=(const Awaiter&) = delete;
        ~Awaiter() { frame_.destroy(); }

        bool await_ready() const noexcept { return false; }
        template <std::derived_from<runtime::PromiseBase> P>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<P> caller) {
            runtime::Work& outer = *caller.promise().work;
            outer.check();
            work_.loop = outer.loop;
            work_.ledger = outer.ledger;
            work_.tally = outer.tally;
            work_.deadline = outer.deadline;
            work_.name = outer.name;
            outer.on_stop(*this);
            work_.unit = outer.unit;
            work_.scopes = outer.scopes;
            frame_.promise().continuation = caller;
            frame_.promise().begin(work_, &caller.promise());
            return frame_;
        }
        T await_resume() {
            leave();
            return frame_.promise().take();
        }

    private:
        runtime::Work work_;
        std::coroutine_handle<typename Async<T>::promise_type> frame_;
    };
    Awaiter operator co_await() && noexcept { return Awaiter(read_, std::move(call_)); }

private:
    ledger::Dependencies& read_;
    Async<T> call_;
};

template <class T>
Recorded<T> recorded(ledger::Dependencies& read, Async<T> call) {
    return Recorded<T>(read, std::move(call));
}

}  // namespace brio::cache
