// Whether a goal is kept, by what was counted in its windows. Pure.
//
// Burn rate: how many times faster than allowed misses come; at 1 exactly the allowed share misses. Alarms by
// two windows each, after "The Site Reliability Workbook", chapter 5 (multiwindow, multi-burn-rate alerts).
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <brio/watch/window_counts.hpp>

namespace brio::watch {

enum class Standing : std::uint8_t {
    idle,     // nothing in any window
    too_few,  // less than what may hold one miss
    kept,
    missed,
};
/// "idle", "too few to judge", "kept", "missed".
std::string_view name_of(Standing standing) noexcept;

enum class Alarm : std::uint8_t {
    none,
    slow,  // at this rate misses exceed their share of three days
    fast,  // at this rate they do within hours: somebody should look now
};
std::string_view name_of(Alarm alarm) noexcept;

struct WindowVerdict {
    Window window = Window::five_minutes;
    Counted counted;
    Standing standing = Standing::idle;
    double holds = 1;  // the share within the goal
    double burn = 0;
};

struct Verdict {
    std::array<WindowVerdict, all_windows.size()> windows;
    /// The shortest window that has enough to judge, else the longest that has anything.
    std::size_t decisive = 0;
    Alarm alarm = Alarm::none;

    const WindowVerdict& now() const noexcept { return windows[decisive]; }
    Standing standing() const noexcept { return now().standing; }
};

/// At the share `share` (under 1) a window needs so much work that one miss is allowed in it: 100 at 99 %.
std::uint64_t least_to_judge(double share) noexcept;

Verdict judge(const WindowCounts& counts, double share, std::chrono::seconds now) noexcept;

}  // namespace brio::watch
