#include <brio/http/adaptive_limit.hpp>

#include <algorithm>
#include <cmath>

namespace brio::http {
namespace {

using std::chrono::nanoseconds;

constexpr double nearly_all = 0.9;
constexpr int growing_windows = 2;
constexpr int most_late_windows = 7;
constexpr int most_vain_windows = 2;
constexpr std::uint64_t least_growth = 16;  // requests
constexpr double base_rises_by = 0.0008;    // of what is missing, a window: half a minute
constexpr double rate_moves_by = 0.3;       // a window
constexpr double limit_grows_by = 1.0;      // a second, where nobody is refused: it doubles in 0.7 s
constexpr std::chrono::milliseconds most_unmoved{500};  // longer than most stalls of a machine
constexpr std::chrono::minutes base_held{10};

double seconds(nanoseconds time) noexcept { return std::chrono::duration<double>(time).count(); }

double rate_of(const LimitWindow& window) noexcept {
    return static_cast<double>(window.ended) / std::max(seconds(window.length), 1e-3);
}

}  // namespace

std::uint64_t AdaptiveLimit::limit() const noexcept {
    return limit_ == 0 ? none : static_cast<std::uint64_t>(std::lround(limit_));
}

nanoseconds AdaptiveLimit::tolerated() const noexcept {
    return base_.count() == 0 ? rules_.late : std::min(base_ * 3 / 2 + rules_.wait, base_ + rules_.late);
}

void AdaptiveLimit::next(const LimitWindow& window) {
    silent_ = window.ended == 0 && window.judged == 0 && window.in_flight > 0 ? silent_ + window.length
                                                                              : nanoseconds(0);
    if (limit_ == 0) {
        watch(window);
    } else {
        steer(window);
    }
}

bool AdaptiveLimit::is_bad(const LimitWindow& window) const noexcept {
    return window.judged > 0 && static_cast<double>(window.judged - window.tolerated) >=
                                    nearly_all * static_cast<double>(window.judged);
}

// What those under way will have taken, by Little's law. Known only where all that ended have waited too:
// when more is asked, more begins at once, and ends later.
nanoseconds AdaptiveLimit::to_come(const LimitWindow& window) const noexcept {
    auto const have_waited =
        base_.count() > 0 && window.least > base_ * 3 / 2 && window.least != nanoseconds::max();
    return have_waited ? window.length * static_cast<std::int64_t>(window.in_flight) /
                             static_cast<std::int64_t>(window.ended)
                       : nanoseconds(0);
}

void AdaptiveLimit::watch(const LimitWindow& window) {
    if (silent_ >= rules_.late && static_cast<double>(window.in_flight) >= 4 * rules_.least) {
        rate_ = 0;
        close(window, static_cast<double>(window.in_flight));
        return;
    }
    if (window.judged == 0) {
        return;
    }
    auto const is_late = static_cast<double>(window.late) >= nearly_all * static_cast<double>(window.judged);
    late_windows_ = is_late ? late_windows_ + 1 : 0;
    auto const will_take = to_come(window);
    vain_windows_ = will_take > rules_.deadline ? vain_windows_ + 1 : 0;
    if (!is_bad(window) && will_take <= tolerated()) {
        bad_windows_ = 0;
        learn_base(window);
        return;
    }
    if (bad_windows_++ == 0) {
        queue_before_ = queue_last_ = window.in_flight_before;
    }
    auto const growth = std::max(least_growth, queue_before_ / 2);
    auto const grows = bad_windows_ >= growing_windows && window.in_flight >= queue_before_ + growth &&
                       window.in_flight >= queue_last_;
    auto const gives_way = bad_windows_ >= growing_windows && window.is_pressed;
    queue_last_ = window.in_flight;
    if (grows || gives_way || late_windows_ >= most_late_windows || vain_windows_ >= most_vain_windows) {
        rate_ = rate_of(window);
        close(window, rate_ * seconds(base_ + rules_.wait));
    }
}

// Falls at once and rises slowly, while nothing waits: a queue must not be taken for the time of the work.
void AdaptiveLimit::learn_base(const LimitWindow& window) {
    if (window.least == nanoseconds::max()) {
        return;
    }
    if (base_.count() == 0 || (window.least < base_ && window.begun >= base_held_until_)) {
        base_ = std::max(window.least, nanoseconds(1));
    } else if (window.least > base_) {
        auto const missing = static_cast<double>((window.least - base_).count());
        base_ += nanoseconds(static_cast<std::int64_t>(missing * base_rises_by));
    }
}

void AdaptiveLimit::close(const LimitWindow& window, double limit) {
    if (!rules_.limits) {
        return;
    }
    limit_ = std::clamp(limit, rules_.least, rules_.most);
    closed_at_ = static_cast<double>(window.in_flight);
    closed_mean_ = std::max(window.mean(), to_come(window));
    unmoved_ = nanoseconds(0);
}

void AdaptiveLimit::open() {
    limit_ = 0;
    rate_ = 0;
    bad_windows_ = late_windows_ = vain_windows_ = 0;
    unmoved_ = nanoseconds(0);
}

void AdaptiveLimit::steer(const LimitWindow& window) {
    bad_windows_ = is_bad(window) ? bad_windows_ + 1 : 0;
    if (window.least < base_ && window.begun >= base_held_until_) {
        base_ = std::max(window.least, nanoseconds(1));
    }
    if (window.refused == 0 && !is_reached_by(window.in_flight)) {
        grow(window.length);
        return;
    }
    if (window.judged == 0) {  // those from before the limit still go, or nothing ends
        return;
    }
    auto const rate = rate_of(window);
    rate_ = rate_ == 0 ? rate : rate_ + (rate - rate_) * rate_moves_by;
    auto const wanted = rate_ * seconds(base_ + rules_.wait);
    limit_ = std::clamp(std::clamp(wanted, limit_ / 2, limit_ * 1.5 + 1), rules_.least, rules_.most);
    if (is_not_from_waiting(window)) {
        base_ = window.least == nanoseconds::max() ? window.mean() : window.least;
        base_held_until_ = window.begun + base_held;
        open();
    }
}

void AdaptiveLimit::rest(nanoseconds time, std::uint64_t in_flight) {
    if (limit_ != 0 && !is_reached_by(in_flight)) {
        grow(time);
    }
}

bool AdaptiveLimit::is_reached_by(std::uint64_t in_flight) const noexcept {
    return static_cast<double>(in_flight) >= 0.9 * limit_;
}

void AdaptiveLimit::grow(nanoseconds time) {
    limit_ *= std::exp(limit_grows_by * seconds(time));
    if (limit_ > rules_.most) {
        open();
    }
}

// Half as many are under way as when the limit began, and they take as long.
bool AdaptiveLimit::is_not_from_waiting(const LimitWindow& window) {
    auto const is_unmoved = is_bad(window) && limit_ <= closed_at_ / 2 &&
                            window.ended_by_deadline * 2 < window.judged &&
                            window.mean() * 5 >= closed_mean_ * 4;
    unmoved_ = is_unmoved ? unmoved_ + window.length : nanoseconds(0);
    return unmoved_ >= most_unmoved;
}

}  // namespace brio::http
