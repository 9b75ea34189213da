#include <brio/runtime/awaitables.hpp>

namespace brio::runtime {

void WaitList::append(Awaiter& awaiter) noexcept {
    awaiter.previous = last_;
    awaiter.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &awaiter;
    last_ = &awaiter;
    awaiter.listed = true;
    ++size_;
}

void WaitList::take_out(Awaiter& awaiter) noexcept {
    if (!awaiter.listed) {
        return;
    }
    (awaiter.previous != nullptr ? awaiter.previous->next : first_) = awaiter.next;
    (awaiter.next != nullptr ? awaiter.next->previous : last_) = awaiter.previous;
    awaiter.listed = false;
    --size_;
}

bool WaitList::notify_one() {
    if (first_ == nullptr) {
        return false;
    }
    first_->wake();
    return true;
}

void WaitList::notify_all() {
    for (auto most = size_; most > 0 && notify_one(); --most) {
    }
}

}  // namespace brio::runtime
