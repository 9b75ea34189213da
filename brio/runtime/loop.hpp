// The event loop of one thread: file descriptors by epoll, timers, and work handed over from other threads.
//
// Everything but post(), wake() and stop() is for the loop's own thread. One turn: wait for events, run their
// callbacks, run what was posted, fire timers, run the end-of-turn hooks (where batched writes leave). Time
// is read once a turn.
//
// Interest in a descriptor is set when it is added and changed only when what is waited for changes, so a
// request on a kept-alive connection costs no epoll_ctl (docs/decisions/event-loop.md has the measurement).
#pragma once
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include <brio/runtime/file.hpp>
#include <brio/runtime/timers.hpp>

struct epoll_event;

namespace brio::runtime {

class Loop;

/// A descriptor that the loop watches. Owned by whoever uses the descriptor; must be removed before it is
/// destroyed.
class Watch {
public:
    /// `events` are EPOLL* bits.
    using Function = void (*)(Watch&, std::uint32_t events);

    explicit Watch(Function ready) noexcept : ready_(ready) {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

    bool is_watching() const noexcept { return loop_ != nullptr; }
    std::uint32_t events() const noexcept { return events_; }

private:
    friend class Loop;
    Function ready_;
    Loop* loop_ = nullptr;
    int fd_ = -1;
    std::uint32_t events_ = 0;
};

/// Work handed to a loop from any thread. Lives until its function has been called.
class Posted {
public:
    using Function = void (*)(Posted&);
    explicit Posted(Function run) noexcept : run_(run) {}

private:
    friend class Loop;
    Function run_;
    Posted* next_ = nullptr;
};

/// Called at the end of each turn for which it was requested; not any more once it is destroyed.
class TurnHook {
public:
    using Function = void (*)(TurnHook&);
    explicit TurnHook(Function run) noexcept : run_(run) {}
    TurnHook(const TurnHook&) = delete;
    TurnHook& operator=(const TurnHook&) = delete;
    ~TurnHook();

private:
    friend class Loop;
    Function run_;
    Loop* requested_of_ = nullptr;
};

/// Called when its loop ends, before anything of the loop has gone. Leaves the loop when destroyed, which is
/// done on the loop's thread or while the loop does not run.
class LoopEnd {
public:
    using Function = void (*)(LoopEnd&);
    explicit LoopEnd(Function ended) noexcept : ended_(ended) {}
    LoopEnd(const LoopEnd&) = delete;
    LoopEnd& operator=(const LoopEnd&) = delete;
    ~LoopEnd() { leave(); }

private:
    friend class Loop;
    void leave() noexcept;
    Function ended_;
    LoopEnd* next_ = nullptr;
    LoopEnd** at_ = nullptr;  // the pointer that points here
};

/// The share of time that work takes, averaged over the last tenth of a second: after `worked` of `elapsed`
/// more, when it was `before`.
double next_busy(double before, Nanoseconds worked, Nanoseconds elapsed) noexcept;

class Loop {
public:
    /// exact: timers fire to the microsecond where the kernel can (Linux 5.11), not to the millisecond.
    enum class Time : std::uint8_t { real, exact, manual };

    /// Throws std::system_error when the process has no descriptors left.
    explicit Loop(Time time = Time::real);
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    /// Runs turns until stop(). What was posted before stop() still runs.
    void run();
    /// One turn; waits at most `most` for something to happen.
    void turn(Nanoseconds most);
    void stop() noexcept;

    /// Monotonic, read once a turn; the manual clock moves only by advance().
    Nanoseconds now() const noexcept { return now_; }
    /// Reads the clock again, for callbacks that took long.
    void refresh_now() noexcept;
    /// Manual clock only: moves time on and fires what is due, in order, at its time.
    void advance(Nanoseconds by);

    void arm(Timer& timer, Nanoseconds after) { timers_.arm(timer, now_ + after); }
    void arm_at(Timer& timer, Nanoseconds due) { timers_.arm(timer, due); }

    void add(Watch& watch, int fd, std::uint32_t events);
    void change(Watch& watch, std::uint32_t events);
    void remove(Watch& watch) noexcept;

    /// Thread-safe; keeps no copy: `posted` must live until it has run.
    void post(Posted& posted) noexcept;
    /// Runs `hook` at the end of this turn, once however often it is asked for. One that asks for itself
    /// again and again goes on in the next turn, which then does not wait.
    void at_turn_end(TurnHook& hook);
    /// Calls `end` when the loop ends.
    void at_end(LoopEnd& end) noexcept;

    /// How long the last turn's callbacks took: the lag that others waited.
    Nanoseconds last_turn_time() const noexcept {
        return Nanoseconds(last_turn_.load(std::memory_order_relaxed));
    }
    /// The longest of them since take_worst_turn(), or of the turn under way. Any thread.
    Nanoseconds worst_turn() const noexcept;
    /// The same, and begins anew. Of threads one asks.
    Nanoseconds take_worst_turn() noexcept;
    /// The shortest of the last three turns' callbacks: longer than a moment only while there is always too
    /// much to do.
    Nanoseconds standing_turn() const noexcept { return std::min({turns_[0], turns_[1], turns_[2]}); }
    /// How long this turn's callbacks have taken by now. Reads the clock.
    Nanoseconds turn_so_far() noexcept {
        refresh_now();
        return now_ - Nanoseconds(turn_began_.load(std::memory_order_relaxed));
    }
    /// The share of the last tenth of a second that callbacks took, 0 to 1.
    double busy() const noexcept { return busy_; }
    std::size_t timer_count() const noexcept { return timers_.size(); }

private:
    friend class TurnHook;
    void run_posted();
    void run_hooks();
    void dispatch(int count);
    int wait(Nanoseconds most) noexcept;
    static Nanoseconds read_clock() noexcept;

    static constexpr int most_events = 256;

    File epoll_;
    File wakeup_;
    std::unique_ptr<epoll_event[]> events_;
    int event_at_ = 0;
    int event_count_ = 0;
    TimerQueue timers_;
    std::atomic<Posted*> posted_{nullptr};
    std::vector<TurnHook*> hooks_;
    std::vector<TurnHook*> hooks_running_;
    LoopEnd* ends_ = nullptr;
    std::atomic<bool> stopping_{false};
    std::atomic<std::int64_t> last_turn_{0};
    std::atomic<std::int64_t> worst_turn_{0};
    std::atomic<std::int64_t> turn_began_{0};  // 0: it waits
    std::array<Nanoseconds, 3> turns_{};
    std::size_t turn_at_ = 0;
    double busy_ = 0;
    Time time_;
    Nanoseconds now_{};
};

}  // namespace brio::runtime
