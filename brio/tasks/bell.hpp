// Wakes coroutines of any loops: a broker rings it when there may be something to claim.
//
//     bell.look();                       // before one looks for something
//     … nothing there …
//     co_await bell.wait(most);          // ends at once when it has rung since
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <brio/runtime/async.hpp>
#include <brio/runtime/seats.hpp>

namespace brio::tasks {

/// Destroyed while none of the loops runs, and nobody waits.
class Bell {
public:
    Bell();
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;
    ~Bell();

    /// Any thread. Cost while nobody waits: an addition.
    void ring() noexcept;
    /// What has rung before is known to whoever waits next on this loop.
    void look(runtime::Loop& loop);
    /// Until it rings or has rung since the loop's last look(), at most `most`. Throws Cancelled.
    Async<void> wait(std::chrono::milliseconds most);
    std::uint64_t waiting() const noexcept { return waiting_.load(std::memory_order_relaxed); }

private:
    struct Ear;
    struct Seat {
        std::shared_ptr<Ear> ear;
    };
    Ear& ear_of(runtime::Loop& loop);

    std::atomic<std::uint64_t> rung_{0};
    std::atomic<std::uint64_t> waiting_{0};
    std::mutex mutex_;
    std::vector<std::shared_ptr<Ear>> ears_;  // guarded by mutex_
    runtime::Seats<Seat> seats_;
};

}  // namespace brio::tasks
