// Which unit of work the calling thread runs: for profile scopes, and for the sampler, which looks from a
// signal handler.
//
// Whoever lets a coroutine go on stands on the thread's list while it runs (Waiting does it); works nest when
// one wakes another. Cost: 2 ns each time.
#pragma once
#include <atomic>
#include <coroutine>
#include <type_traits>

#include <brio/base/clock.hpp>
#include <brio/ledger/phase.hpp>
#include <brio/runtime/work.hpp>

namespace brio::runtime {

class Running;
namespace detail {
[[gnu::tls_model(
    "initial-exec")]] extern constinit thread_local std::atomic<const Running*> innermost_running;
}

class Running {
public:
    /// Lets the scopes of this unit of work go on, and those of the one that ran so far rest.
    explicit Running(Work& work) noexcept : name_(work.name), unit_(work.unit), work_(&work) {
        enter(work.scopes);
    }
    /// On another thread, for a unit of work that waits there for it in `phase`.
    Running(const Work& waiting, ledger::Phase phase) noexcept
        : name_(waiting.name),
          unit_(waiting.unit),
          phase_(phase),
          is_elsewhere_(true) {
        enter(nullptr);
    }
    ~Running() {
        std::atomic_signal_fence(std::memory_order_release);
        detail::innermost_running.store(outer_, std::memory_order_relaxed);
        OpenScopes* const before = outer_ != nullptr ? outer_->scopes_ : nullptr;
        if (before != scopes_) {
            rest(scopes_);
            go_on(before);
        }
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    /// The innermost of the calling thread; null: none. Safe in a signal handler.
    static const Running* here() noexcept {
        return detail::innermost_running.load(std::memory_order_relaxed);
    }
    std::string_view name() const noexcept { return name_; }
    /// Of all works that belong together, and of nobody else while they live.
    const void* unit() const noexcept { return unit_; }
    /// Null: it waits on another thread, or has ended meanwhile.
    const Work* work() const noexcept { return work_; }
    OpenScopes* scopes() const noexcept { return scopes_; }
    bool is_elsewhere() const noexcept { return is_elsewhere_; }
    ledger::Phase phase() const noexcept { return phase_; }  // of one elsewhere

private:
    friend struct Work;
    void enter(OpenScopes* scopes) noexcept {
        scopes_ = scopes;
        outer_ = here();
        OpenScopes* const before = outer_ != nullptr ? outer_->scopes_ : nullptr;
        if (before != scopes_) {
            rest(before);
            go_on(scopes_);
        }
        std::atomic_signal_fence(std::memory_order_release);
        detail::innermost_running.store(this, std::memory_order_relaxed);
    }
    static void rest(OpenScopes* scopes) noexcept {
        if (scopes != nullptr && scopes->innermost != nullptr) [[unlikely]] {
            scopes->resting_since = ticks();
        }
    }
    static void go_on(OpenScopes* scopes) noexcept {
        if (scopes != nullptr && scopes->resting_since != 0) [[unlikely]] {
            scopes->rested += ticks() - scopes->resting_since;
            scopes->resting_since = 0;
        }
    }

    std::string_view name_;
    const void* unit_;
    mutable const Work* work_ = nullptr;
    mutable OpenScopes* scopes_ = nullptr;
    ledger::Phase phase_{};
    bool is_elsewhere_ = false;
    const Running* outer_ = nullptr;
};

/// A coroutine that waits, for whoever lets it go on.
class Waiting {
public:
    Waiting() noexcept = default;
    template <class Promise>
        requires(!std::is_void_v<Promise>)
    Waiting(std::coroutine_handle<Promise> frame) noexcept : frame_(frame),
                                                             work_(frame.promise().work) {}

    explicit operator bool() const noexcept { return static_cast<bool>(frame_); }
    /// Runs until the next suspension. Whatever holds this object may end meanwhile.
    void resume() const {
        const Running running(*work_);
        const auto frame = frame_;
        frame.resume();
    }

private:
    std::coroutine_handle<> frame_;
    Work* work_ = nullptr;
};

}  // namespace brio::runtime
