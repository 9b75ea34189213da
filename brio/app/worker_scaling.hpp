// Asks of a supervisor's worker processes, once a second, whether there are to be more or fewer, and says so
// in the log. What decides is worker_scale.hpp.
//
// Does nothing where the least is the most.
#pragma once
#include <chrono>
#include <optional>

#include <brio/app/worker_board.hpp>
#include <brio/app/worker_scale.hpp>
#include <brio/app/worker_slots.hpp>

namespace brio::app {

class WorkerScaling {
public:
    static constexpr std::chrono::seconds looks_every{1};

    /// `board` may be null where the least is the most; both outlive it.
    WorkerScaling(WorkerBounds bounds, std::chrono::nanoseconds goal, WorkerBoard* board, WorkerSlots& slots);

    void tick(std::chrono::nanoseconds now);
    /// When tick() is next needed.
    std::optional<std::chrono::nanoseconds> wake_at() const noexcept;

private:
    void say(std::size_t from, std::size_t to) const;
    void say_what_hinders(std::chrono::nanoseconds now);

    const WorkerBounds bounds_;
    WorkerBoard* const board_;
    WorkerSlots& slots_;
    WorkerScale scale_;
    bool has_begun_ = false;
    std::chrono::nanoseconds next_{0};
    std::string_view said_;  // what hinders, the last time
    std::chrono::nanoseconds said_at_{0};
};

}  // namespace brio::app
