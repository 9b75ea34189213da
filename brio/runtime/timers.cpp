#include <brio/runtime/timers.hpp>

namespace brio::runtime {

void Timer::cancel() noexcept {
    if (queue_ != nullptr) {
        queue_->cancel(*this);
    }
}

TimerQueue::~TimerQueue() {
    for (auto* timer : heap_) {
        timer->queue_ = nullptr;
    }
}

void TimerQueue::place(std::size_t position, Timer* timer) noexcept {
    heap_[position] = timer;
    timer->position_ = position;
}

void TimerQueue::sift_up(std::size_t position) noexcept {
    auto* timer = heap_[position];
    while (position > 0) {
        auto const parent = (position - 1) / 2;
        if (heap_[parent]->due_ <= timer->due_) {
            break;
        }
        place(position, heap_[parent]);
        position = parent;
    }
    place(position, timer);
}

void TimerQueue::sift_down(std::size_t position) noexcept {
    auto* timer = heap_[position];
    for (;;) {
        auto child = 2 * position + 1;
        if (child >= heap_.size()) {
            break;
        }
        if (child + 1 < heap_.size() && heap_[child + 1]->due_ < heap_[child]->due_) {
            ++child;
        }
        if (timer->due_ <= heap_[child]->due_) {
            break;
        }
        place(position, heap_[child]);
        position = child;
    }
    place(position, timer);
}

void TimerQueue::arm(Timer& timer, Nanoseconds due) {
    if (timer.queue_ == this) {
        auto const earlier = due < timer.due_;
        timer.due_ = due;
        earlier ? sift_up(timer.position_) : sift_down(timer.position_);
        return;
    }
    timer.cancel();
    heap_.push_back(&timer);
    timer.queue_ = this;
    timer.due_ = due;
    sift_up(heap_.size() - 1);
}

void TimerQueue::cancel(Timer& timer) noexcept {
    auto const position = timer.position_;
    timer.queue_ = nullptr;
    auto* last = heap_.back();
    heap_.pop_back();
    if (last == &timer) {
        return;
    }
    place(position, last);
    sift_up(position);
    sift_down(last->position_);
}

std::optional<Nanoseconds> TimerQueue::next_due() const noexcept {
    if (heap_.empty()) {
        return std::nullopt;
    }
    return heap_.front()->due_;
}

std::size_t TimerQueue::fire(Nanoseconds now) {
    // Only as many as are armed now, so that a timer that re-arms itself for the past cannot hold the loop.
    std::size_t fired = 0;
    for (auto most = heap_.size(); most > 0 && !heap_.empty() && heap_.front()->due_ <= now; --most) {
        auto& timer = *heap_.front();
        cancel(timer);
        ++fired;
        timer.fired_(timer);
    }
    return fired;
}

}  // namespace brio::runtime
