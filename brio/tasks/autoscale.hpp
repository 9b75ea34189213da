// How many tasks at a time a worker takes, as a pure state machine: more when tasks wait longer than they are
// to while there is time of the processor left, fewer when it has had slots to spare for some time.
//
// It doubles at each look that finds too long a wait with every slot taken, and halves, but not below what
// was used, after `idle` without one: a burst is met within seconds, and slots that come and go cost nothing.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace brio::tasks {

struct AutoscaleOptions {
    std::size_t least = 1;
    std::size_t most = 1;
    std::size_t kept = 0;  // of these, for one queue alone: they may be free while others wait
    std::chrono::nanoseconds goal = std::chrono::seconds(5);   // of a task's wait
    std::chrono::nanoseconds idle = std::chrono::seconds(30);  // then slots that were not used go
    double busy = 0.9;  // of the processor: more tasks at a time would only share it
};

class Autoscale {
public:
    /// What a look has found. Of the queues that the worker serves, over all workers, where not said
    /// otherwise.
    struct Look {
        std::chrono::nanoseconds now{0};     // monotonic
        std::chrono::nanoseconds oldest{0};  // how long the task that waits longest has been due
        std::uint64_t ready = 0;             // due, and not taken
        std::uint64_t running = 0;
        std::size_t taken = 0;    // slots of this worker
        std::uint64_t begun = 0;  // by this worker, since it began
        double processor_share =
            0;  // 0 to 1, that this worker used since the last look, of what it could use
    };

    explicit Autoscale(AutoscaleOptions options) noexcept : options_(options), slots_(options.least) {}

    /// The slots from now on.
    std::size_t decide(const Look& look) noexcept;
    std::size_t slots() const noexcept { return slots_; }
    /// How long a task that is pushed now will wait, as far as the last look tells.
    std::chrono::nanoseconds wait() const noexcept { return wait_; }

private:
    void estimate(const Look& look) noexcept;

    AutoscaleOptions options_;
    std::size_t slots_;
    std::size_t peak_ = 0;  // taken, at a look of the last `idle`
    std::chrono::nanoseconds since_{0};
    std::chrono::nanoseconds wait_{0};
    double begun_per_second_ = 0;  // smoothed
    std::uint64_t begun_ = 0;
    std::chrono::nanoseconds last_{0};
    bool has_looked_ = false;
};

}  // namespace brio::tasks
