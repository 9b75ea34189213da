// A circuit breaker: whether a server that fails is asked at all. Pure: time and randomness come in.
//
// Closed, it lets everything through. After some failures in a row, or at once when there is no connection,
// it is open: nothing is let through until a probe, made after a pause, was answered. Pauses grow and are
// jittered.
#pragma once
#include <chrono>
#include <cstdint>

#include <brio/base/random.hpp>
#include <brio/redis/backoff.hpp>

namespace brio::redis {

struct BreakerOptions {
    std::uint32_t failures = 5;  // in a row
    BackoffOptions pauses;       // before a probe
};

class Breaker {
public:
    using Options = BreakerOptions;
    enum class State : std::uint8_t { closed, open, half_open };

    explicit Breaker(Options options = {}) noexcept : options_(options), pauses_(options.pauses) {}

    State state() const noexcept { return state_; }
    bool lets_through() const noexcept { return state_ == State::closed; }

    /// What became of a command. What comes while it is not closed was sent before, and says nothing new.
    void succeeded() noexcept { failures_ = 0; }
    void failed(std::chrono::nanoseconds now, Random& random) noexcept;
    /// Opens at once.
    void trip(std::chrono::nanoseconds now, Random& random) noexcept;

    /// When to probe; only while it is open.
    std::chrono::nanoseconds probe_at() const noexcept { return probe_at_; }
    /// Half open from here to the outcome; false when it is not time for a probe.
    bool begin_probe(std::chrono::nanoseconds now) noexcept;
    void probe_succeeded() noexcept;
    void probe_failed(std::chrono::nanoseconds now, Random& random) noexcept;

private:
    Options options_;
    Backoff pauses_;
    State state_ = State::closed;
    std::uint32_t failures_ = 0;
    std::chrono::nanoseconds probe_at_{};
};

}  // namespace brio::redis
