// One unit of work (a request, a task): what travels with it through every co_await.
//
// A Work belongs to one loop and is used on that loop's thread only. Its deadline and its cancellation reach
// whatever the work waits for: an awaitable that waits registers a StopCallback and ends its wait with
// Cancelled.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <string_view>

#include <brio/base/clock.hpp>

namespace brio::ledger {
class Dependencies;
class Ledger;
class StatementTally;
}  // namespace brio::ledger

namespace brio::runtime {

class Loop;
class ProfileScope;
struct PromiseBase;

enum class StopReason : std::uint8_t { none, deadline, disconnected, shutdown, sibling_failed, overloaded };
std::string_view words_of(StopReason reason) noexcept;

/// Thrown out of a co_await whose work was stopped. Not for business code to catch.
class Cancelled : public std::exception {
public:
    explicit Cancelled(StopReason reason) noexcept : reason_(reason) {}
    StopReason reason() const noexcept { return reason_; }
    const char* what() const noexcept override;

private:
    StopReason reason_;
};

/// Called once when the work is stopped, on the loop's thread; leaves its list when destroyed.
class StopCallback {
public:
    using Function = void (*)(StopCallback&, StopReason);

    explicit StopCallback(Function function) noexcept : function_(function) {}
    StopCallback(const StopCallback&) = delete;
    StopCallback& operator=(const StopCallback&) = delete;
    ~StopCallback() { leave(); }

    void leave() noexcept;

private:
    friend struct Work;
    Function function_;
    StopCallback* next_ = nullptr;
    StopCallback** at_ = nullptr;  // the pointer that points here
};

/// The profile scopes that are open in one unit of work, and when it did not run meanwhile.
struct OpenScopes {
    ProfileScope* innermost = nullptr;
    Ticks rested = 0;
    Ticks resting_since = 0;  // 0: it runs
};

struct Work {
    Loop* loop = nullptr;
    ledger::Ledger* ledger = nullptr;
    ledger::StatementTally* tally = nullptr;
    /// Where what is read is noted, while somebody wants to keep the result; else null.
    ledger::Dependencies* dependencies = nullptr;
    /// In the loop's time; max() means none. Whoever starts the work arms the timer that calls stop().
    std::chrono::nanoseconds deadline = std::chrono::nanoseconds::max();
    /// What the work is called where it is reported: the route's pattern or the task's name.
    std::string_view name;
    StopReason stopped = StopReason::none;
    /// The same for all works that belong to one request or task.
    const void* unit = this;
    /// Where profile() opens its scopes.
    OpenScopes* scopes = &own_scopes_;
    /// Of its coroutines the one that runs, or ran last; read by the sampler.
    std::atomic<PromiseBase*> innermost{nullptr};

    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    ~Work();

    /// Runs the callbacks; a second call does nothing.
    void stop(StopReason reason);
    void on_stop(StopCallback& callback) noexcept;
    /// Throws Cancelled when the work was stopped.
    void check() const {
        if (stopped != StopReason::none) [[unlikely]] {
            throw Cancelled(stopped);
        }
    }
    /// Ready for the next unit of work.
    void reset() noexcept;

private:
    void forget_running() const noexcept;

    StopCallback* callbacks_ = nullptr;
    OpenScopes own_scopes_;
};

}  // namespace brio::runtime
