#include <brio/watch/window_counts.hpp>

#include <algorithm>

namespace brio::watch {

namespace {

constexpr auto ring_size = static_cast<std::int64_t>(WindowCounts::slots + 1);

std::int64_t slot_at(Window window, std::chrono::seconds now) noexcept {
    return now.count() / (length_of(window).count() / static_cast<std::int64_t>(WindowCounts::slots));
}
std::size_t place_of(std::int64_t slot) noexcept { return static_cast<std::size_t>(slot % ring_size); }

}  // namespace

std::chrono::seconds length_of(Window window) noexcept {
    static constexpr std::chrono::seconds lengths[] = {std::chrono::minutes(5), std::chrono::hours(1),
                                                       std::chrono::hours(6), std::chrono::hours(72)};
    return lengths[static_cast<std::size_t>(window)];
}

const char* name_of(Window window) noexcept {
    static constexpr const char* names[] = {"5m", "1h", "6h", "3d"};
    return names[static_cast<std::size_t>(window)];
}

void WindowCounts::add(std::chrono::seconds now, const Counted& counted) noexcept {
    for (const Window window : all_windows) {
        Ring& ring = rings_[static_cast<std::size_t>(window)];
        const auto slot = std::max(slot_at(window, now), ring.latest);
        const auto emptied = ring.latest < 0 ? ring_size : std::min(slot - ring.latest, ring_size);
        for (std::int64_t i = 0; i < emptied; ++i) {
            ring.counts[place_of(slot - i + ring_size)] = {};
        }
        ring.latest = slot;
        ring.counts[place_of(slot)] += counted;
    }
}

void WindowCounts::forget_later_than(std::chrono::seconds now) noexcept {
    for (const Window window : all_windows) {
        Ring& ring = rings_[static_cast<std::size_t>(window)];
        if (ring.latest < 0 || ring.latest > slot_at(window, now)) {
            ring = {};
        }
    }
}

Counted WindowCounts::within(Window window, std::chrono::seconds now) const noexcept {
    const Ring& ring = rings_[static_cast<std::size_t>(window)];
    Counted sum;
    if (ring.latest < 0) {
        return sum;
    }
    const auto slot = std::max(slot_at(window, now), ring.latest);
    for (std::int64_t i = 0; i < ring_size - 1; ++i) {
        if (slot - i <= ring.latest && ring.latest - (slot - i) < ring_size && slot - i >= 0) {
            sum += ring.counts[place_of(slot - i)];
        }
    }
    return sum;
}

}  // namespace brio::watch
