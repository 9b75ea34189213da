// How many requests of one route may be under way, decided from how long they take: none while the route is
// well, else as many as keep the wait before what is slow at a wanted length.
//
// A limit comes from Little's law: rate × (time without a wait + wanted wait). It needs to know neither what
// is slow nor how many that serves at a time. Nothing is limited before one of these is seen:
//  * a growing queue: in two windows of time in a row nine of ten requests took longer than tolerated, or
//    those that have come since will at the rate of what ends, and ever more were under way. A stall of the
//    machine, or a fixed number of clients that ask again and again, does not look like that;
//  * a queue in vain: in two windows in a row those that have come since will not end before their deadline;
//  * lateness: in seven windows in a row nine of ten took longer than a quarter of their deadline;
//  * silence: for that time nothing has ended at all. Then no more begin until something does.
//
// A limit that refuses nobody doubles in less than a second, until it is none: after an overload, or when a
// dependency is well again. Where a limit has been in force and requests take as long as before, they do not
// wait for each other: what they take now is taken for their time without a wait, and the limit goes.
//
// Pure: windows come in, a limit comes out. Sources: Little, "A proof for the queuing formula L = λW";
// CoDel (RFC 8289) for a queue that stands; Netflix concurrency-limits for a limit by gradient; why not those
// as they are: docs/decisions/overload.md.
#pragma once
#include <chrono>
#include <cstdint>
#include <limits>

namespace brio::http {

struct LimitRules {
    std::chrono::nanoseconds wait = std::chrono::milliseconds(50);  // that a limit aims at
    std::chrono::nanoseconds late = std::chrono::milliseconds(500);
    std::chrono::nanoseconds deadline = std::chrono::seconds(2);
    double least = 4;     // a limit is never smaller, so that better times are noticed
    double most = 16384;  // a limit that has grown larger is none
    bool limits = true;   // no: only what waits is noticed
};

/// What happened in one window of time. "Judged" are requests that ended by themselves and, under a limit,
/// began since it has been kept.
struct LimitWindow {
    std::chrono::nanoseconds begun{};
    std::chrono::nanoseconds length{};
    std::uint64_t in_flight_before = 0;
    std::uint64_t in_flight = 0;  // at its end
    std::uint64_t refused = 0;
    std::uint64_t ended = 0;      // within their deadline
    std::uint64_t judged = 0;     // those that their deadline ended too
    std::uint64_t tolerated = 0;  // of them: within AdaptiveLimit::tolerated()
    std::uint64_t late = 0;       // of them: longer than LimitRules::late, or ended by the deadline
    std::uint64_t ended_by_deadline = 0;
    std::chrono::nanoseconds least = std::chrono::nanoseconds::max();  // of those that succeeded
    std::chrono::nanoseconds sum{};                                    // of those judged
    bool is_pressed = false;  // what is more important waits at the same place

    std::chrono::nanoseconds mean() const noexcept {
        return judged == 0 ? std::chrono::nanoseconds(0) : sum / static_cast<std::int64_t>(judged);
    }
};

class AdaptiveLimit {
public:
    static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

    explicit AdaptiveLimit(LimitRules rules) : rules_(rules) {}

    /// Takes account of a window that has passed.
    void next(const LimitWindow& window);
    /// And of the time after it in which nothing began or ended, with so many under way.
    void rest(std::chrono::nanoseconds time, std::uint64_t in_flight);

    /// Requests under way at a time; `none`: any number.
    std::uint64_t limit() const noexcept;
    /// What a request may take before it counts as one that waited.
    std::chrono::nanoseconds tolerated() const noexcept;
    /// What one takes when nothing makes it wait, as far as was seen; zero before the first.
    std::chrono::nanoseconds base() const noexcept { return base_; }
    /// Whether the last window was one in which nearly all waited.
    bool is_waiting() const noexcept { return bad_windows_ > 0; }
    const LimitRules& rules() const noexcept { return rules_; }

private:
    bool is_bad(const LimitWindow& window) const noexcept;
    std::chrono::nanoseconds to_come(const LimitWindow& window) const noexcept;
    void watch(const LimitWindow& window);
    void steer(const LimitWindow& window);
    void learn_base(const LimitWindow& window);
    bool is_reached_by(std::uint64_t in_flight) const noexcept;
    void grow(std::chrono::nanoseconds time);
    bool is_not_from_waiting(const LimitWindow& window);
    void close(const LimitWindow& window, double limit);
    void open();

    LimitRules rules_;
    double limit_ = 0;  // 0: none
    double rate_ = 0;   // ended a second, while the limit was reached
    std::chrono::nanoseconds base_{0};
    std::chrono::nanoseconds base_held_until_{0};
    std::chrono::nanoseconds silent_{0};
    std::chrono::nanoseconds unmoved_{0};
    int bad_windows_ = 0;
    int late_windows_ = 0;
    int vain_windows_ = 0;
    std::uint64_t queue_before_ = 0;  // in flight before the first bad window
    std::uint64_t queue_last_ = 0;    // and after the last
    double closed_at_ = 0;            // in flight
    std::chrono::nanoseconds closed_mean_{0};
};

}  // namespace brio::http
