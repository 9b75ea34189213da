// Timers of one loop: a binary heap of intrusive nodes, earliest first. Pure: time comes in as an argument.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace brio::runtime {

using Nanoseconds = std::chrono::nanoseconds;

/// Owned by whoever waits; leaves its queue when destroyed. Does not move.
class Timer {
public:
    using Function = void (*)(Timer&);

    explicit Timer(Function fired) noexcept : fired_(fired) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { cancel(); }

    bool is_armed() const noexcept { return queue_ != nullptr; }
    Nanoseconds due() const noexcept { return due_; }
    void cancel() noexcept;

private:
    friend class TimerQueue;
    Function fired_;
    class TimerQueue* queue_ = nullptr;
    std::size_t position_ = 0;
    Nanoseconds due_{};
};

class TimerQueue {
public:
    TimerQueue() = default;
    TimerQueue(const TimerQueue&) = delete;
    TimerQueue& operator=(const TimerQueue&) = delete;
    ~TimerQueue();

    /// Arms or re-arms. O(log n).
    void arm(Timer& timer, Nanoseconds due);
    void cancel(Timer& timer) noexcept;
    std::optional<Nanoseconds> next_due() const noexcept;
    /// Calls what is due at `now`, earliest first, at most as many as were armed when the call began (a timer
    /// that re-arms itself for the past cannot hold the loop); returns how many.
    std::size_t fire(Nanoseconds now);
    std::size_t size() const noexcept { return heap_.size(); }

private:
    void place(std::size_t position, Timer* timer) noexcept;
    void sift_up(std::size_t position) noexcept;
    void sift_down(std::size_t position) noexcept;

    std::vector<Timer*> heap_;
};

}  // namespace brio::runtime
