#include <brio/watch/verdict.hpp>

#include <cmath>

namespace brio::watch {

namespace {

// Burn rates of the workbook: 2 % of a month's misses in an hour, 5 % in six hours, 10 % in three days.
constexpr double fast_burn = 14.4;
constexpr double steady_burn = 6;
constexpr double slow_burn = 1;

WindowVerdict judge_window(Window window, const Counted& counted, double share) noexcept {
    WindowVerdict verdict{.window = window, .counted = counted};
    if (counted.total == 0) {
        return verdict;
    }
    verdict.holds = static_cast<double>(counted.good) / static_cast<double>(counted.total);
    verdict.burn = (1 - verdict.holds) / (1 - share);
    verdict.standing = counted.total < least_to_judge(share) ? Standing::too_few
                       : verdict.holds >= share              ? Standing::kept
                                                             : Standing::missed;
    return verdict;
}

}  // namespace

std::string_view name_of(Standing standing) noexcept {
    static constexpr std::string_view names[] = {"idle", "too few to judge", "kept", "missed"};
    return names[static_cast<std::size_t>(standing)];
}

std::string_view name_of(Alarm alarm) noexcept {
    static constexpr std::string_view names[] = {"none", "slow", "fast"};
    return names[static_cast<std::size_t>(alarm)];
}

std::uint64_t least_to_judge(double share) noexcept {
    return static_cast<std::uint64_t>(std::ceil(1 / (1 - share) - 1e-6));
}

Verdict judge(const WindowCounts& counts, double share, std::chrono::seconds now) noexcept {
    Verdict verdict;
    bool is_decided = false;
    for (const Window window : all_windows) {
        const auto at = static_cast<std::size_t>(window);
        verdict.windows[at] = judge_window(window, counts.within(window, now), share);
        const auto standing = verdict.windows[at].standing;
        if (!is_decided && standing != Standing::idle) {
            verdict.decisive = at;
            is_decided = standing != Standing::too_few;
        }
    }
    const auto burns = [&](Window window, double rate) {
        const WindowVerdict& its = verdict.windows[static_cast<std::size_t>(window)];
        return its.standing == Standing::missed && its.burn >= rate;
    };
    if ((burns(Window::hour, fast_burn) && burns(Window::five_minutes, fast_burn)) ||
        (burns(Window::six_hours, steady_burn) && burns(Window::hour, steady_burn))) {
        verdict.alarm = Alarm::fast;
    } else if (burns(Window::three_days, slow_burn) && burns(Window::six_hours, slow_burn)) {
        verdict.alarm = Alarm::slow;
    }
    return verdict;
}

}  // namespace brio::watch
