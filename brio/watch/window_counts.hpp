// How much of some work was within its goal, over the last five minutes, hour, six hours and three days.
//
// Each window is a ring of slots, a thirtieth of its length each, so that a window ends a thirtieth early at
// most. Time is the watch's own (watch_time.hpp): it only goes on.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace brio::watch {

struct Counted {
    std::uint64_t good = 0;
    std::uint64_t total = 0;

    std::uint64_t missed() const noexcept { return total - good; }
    Counted& operator+=(const Counted& other) noexcept {
        good += other.good;
        total += other.total;
        return *this;
    }
    bool operator==(const Counted&) const = default;
};

enum class Window : std::uint8_t { five_minutes, hour, six_hours, three_days };
inline constexpr std::array all_windows{Window::five_minutes, Window::hour, Window::six_hours,
                                        Window::three_days};
std::chrono::seconds length_of(Window window) noexcept;
/// "5m", "1h", "6h", "3d".
const char* name_of(Window window) noexcept;

class WindowCounts {
public:
    static constexpr std::size_t slots = 30;  // of a window; one more is being filled

    /// What was before the last time is taken for that time.
    void add(std::chrono::seconds now, const Counted& counted) noexcept;
    Counted within(Window window, std::chrono::seconds now) const noexcept;

    /// Forgets windows that were filled later than now: by a clock that was wrong then.
    void forget_later_than(std::chrono::seconds now) noexcept;

    /// As it stands in a file of history: plain numbers.
    struct Ring {
        std::int64_t latest = -1;  // the number of the slot that is being filled; -1: nothing yet
        std::array<Counted, slots + 1> counts{};
    };
    const std::array<Ring, all_windows.size()>& rings() const noexcept { return rings_; }
    std::array<Ring, all_windows.size()>& rings() noexcept { return rings_; }

private:
    std::array<Ring, all_windows.size()> rings_{};
};

}  // namespace brio::watch
