// How long a user of the closed model rests between two tasks. Pure: time and randomness come in.
#pragma once
#include <algorithm>
#include <chrono>

#include <brio/base/random.hpp>

namespace brio::load {

class Wait {
public:
    using Time = std::chrono::nanoseconds;

    constexpr Wait(Time least, Time most, bool is_pace = false)
        : least_(least),
          most_(most),
          is_pace_(is_pace) {}

    /// When the next task is meant to begin, after one that was meant to begin at `began` and ended at `now`.
    Time next(Time began, Time now, Random& random) const {
        auto const time = draw(random);
        return is_pace_ ? began + time : now + time;
    }
    /// The wait before a user's first task: a part of a whole one, so that users that begin together do not
    /// stay together.
    Time first(Random& random) const {
        return std::chrono::duration_cast<Time>(draw(random) * random.uniform());
    }
    /// A pace: what is late is made up for, and its latency counts from when it was meant to begin.
    constexpr bool is_pace() const noexcept { return is_pace_; }
    constexpr Time least() const noexcept { return least_; }
    constexpr Time longest() const noexcept { return most_; }

private:
    Time draw(Random& random) const {
        return least_ + std::chrono::duration_cast<Time>((most_ - least_) * random.uniform());
    }

    Time least_;
    Time most_;
    bool is_pace_;
};

/// Evenly distributed.
constexpr Wait between(Wait::Time least, Wait::Time most) { return {least, std::max(least, most)}; }
constexpr Wait always(Wait::Time time) { return {time, time}; }
/// None: the next task begins as soon as the last has ended.
constexpr Wait none() { return {Wait::Time(0), Wait::Time(0)}; }
/// One task every so long, however long it takes: a user who falls behind makes up for it.
constexpr Wait pacing(Wait::Time time) { return {time, time, true}; }

}  // namespace brio::load
