#include <brio/base/expect.hpp>
#include <brio/runtime/work.hpp>

#include <utility>

namespace brio::runtime {

std::string_view words_of(StopReason reason) noexcept {
    switch (reason) {
        case StopReason::none: return "not stopped";
        case StopReason::deadline: return "deadline reached";
        case StopReason::disconnected: return "client disconnected";
        case StopReason::shutdown: return "shutting down";
        case StopReason::sibling_failed: return "a sibling failed";
        case StopReason::overloaded: return "overloaded";
    }
    return "unknown";
}

const char* Cancelled::what() const noexcept { return words_of(reason_).data(); }

void StopCallback::leave() noexcept {
    if (at_ == nullptr) {
        return;
    }
    *at_ = next_;
    if (next_ != nullptr) {
        next_->at_ = at_;
    }
    at_ = nullptr;
    next_ = nullptr;
}

Work::~Work() {
    reset();
    forget_running();
}

void Work::stop(StopReason reason) {
    if (stopped != StopReason::none) {
        return;
    }
    expect(reason != StopReason::none, "a stop has a reason");
    stopped = reason;
    // A list of this function's own: a callback may end the work and destroy this object.
    auto* list = std::exchange(callbacks_, nullptr);
    if (list != nullptr) {
        list->at_ = &list;
    }
    while (list != nullptr) {
        auto& callback = *list;
        callback.leave();
        callback.function_(callback, reason);
    }
}

void Work::on_stop(StopCallback& callback) noexcept {
    callback.leave();
    callback.next_ = callbacks_;
    callback.at_ = &callbacks_;
    if (callbacks_ != nullptr) {
        callbacks_->at_ = &callback.next_;
    }
    callbacks_ = &callback;
}

void Work::reset() noexcept {
    while (callbacks_ != nullptr) {
        callbacks_->leave();
    }
    deadline = std::chrono::nanoseconds::max();
    stopped = StopReason::none;
    dependencies = nullptr;
    name = {};
    innermost.store(nullptr, std::memory_order_relaxed);
}

}  // namespace brio::runtime
