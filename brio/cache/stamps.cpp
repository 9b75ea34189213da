#include <brio/cache/stamps.hpp>

#include <algorithm>

namespace brio::cache {

Stamp StampClock::settle(Stamp taken) noexcept {
    const Stamp highest = highest_.load(std::memory_order_relaxed);
    if (taken + disorder < highest) {
        return highest + 1;
    }
    saw(taken);
    return taken;
}

void StampClock::saw(Stamp stamp) noexcept {
    Stamp highest = highest_.load(std::memory_order_relaxed);
    while (highest < stamp && !highest_.compare_exchange_weak(highest, stamp, std::memory_order_relaxed)) {
    }
}

std::optional<Stamp> TableStamps::since(Slot slot, std::uint64_t number) const noexcept {
    const Entry& entry = entries_[slot];
    if (entry.number.load(std::memory_order_acquire) != number) {
        return std::nullopt;
    }
    // At least the one of this number: should a later number's have come in, it is the stricter one.
    const Stamp stamp = entry.stamp.load(std::memory_order_relaxed);
    return stamp == 0 ? std::nullopt : std::optional(stamp);
}

void TableStamps::note(Slot slot, std::uint64_t number, Stamp taken) noexcept {
    const std::scoped_lock lock(mutex_);
    Entry& entry = entries_[slot];
    const Stamp stamp = entry.stamp.load(std::memory_order_relaxed);
    const std::uint64_t known = entry.number.load(std::memory_order_relaxed);
    if (stamp != 0 && known >= number) {
        return;  // the earliest reading of a number is the one that lets most through
    }
    entry.stamp.store(std::max(stamp, taken), std::memory_order_relaxed);
    entry.number.store(number, std::memory_order_release);
}

std::optional<Stamp> TagStamps::cleared(std::string_view tag) const {
    const std::scoped_lock lock(mutex_);
    const auto found = known_.find(tag);
    return found == known_.end() ? std::nullopt : std::optional(found->second);
}

void TagStamps::note(std::string_view tag, Stamp cleared, std::uint64_t epoch) {
    const std::scoped_lock lock(mutex_);
    if (epoch != epoch_) {
        return;
    }
    const auto found = known_.find(tag);
    if (found != known_.end()) {
        found->second = std::max(found->second, cleared);
    } else if (known_.size() < most_) {
        known_.emplace(tag, cleared);
    }
}

std::uint64_t TagStamps::epoch() const {
    const std::scoped_lock lock(mutex_);
    return epoch_;
}

void TagStamps::begin_epoch() {
    const std::scoped_lock lock(mutex_);
    ++epoch_;
    known_.clear();
}

std::size_t TagStamps::size() const {
    const std::scoped_lock lock(mutex_);
    return known_.size();
}

bool DropStamps::ends(std::string_view key, Stamp stamp) const {
    if (stamp >= latest_.load(std::memory_order_acquire)) {
        return false;
    }
    const std::scoped_lock lock(mutex_);
    const auto found = dropped_.find(key);
    return stamp < all_ || (found != dropped_.end() && stamp < found->second);
}

void DropStamps::note(std::string_view key, Stamp dropped) {
    const std::scoped_lock lock(mutex_);
    const Stamp latest = std::max(latest_.load(std::memory_order_relaxed), dropped);
    if (const auto found = dropped_.find(key); found != dropped_.end()) {
        found->second = std::max(found->second, dropped);
    } else if (dropped_.size() < most_) {
        dropped_.emplace(key, dropped);
    } else {
        all_ = latest;
        dropped_.clear();
    }
    latest_.store(latest, std::memory_order_release);
}

}  // namespace brio::cache
