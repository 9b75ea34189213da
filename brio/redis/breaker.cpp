#include <brio/redis/breaker.hpp>

namespace brio::redis {

void Breaker::failed(std::chrono::nanoseconds now, Random& random) noexcept {
    if (state_ == State::closed && ++failures_ >= options_.failures) {
        trip(now, random);
    }
}

void Breaker::trip(std::chrono::nanoseconds now, Random& random) noexcept {
    if (state_ != State::open) {
        state_ = State::open;
        probe_at_ = now + pauses_.next(random);
    }
}

bool Breaker::begin_probe(std::chrono::nanoseconds now) noexcept {
    if (state_ != State::open || now < probe_at_) {
        return false;
    }
    state_ = State::half_open;
    return true;
}

void Breaker::probe_succeeded() noexcept {
    state_ = State::closed;
    failures_ = 0;
    pauses_.reset();
}

void Breaker::probe_failed(std::chrono::nanoseconds now, Random& random) noexcept {
    if (state_ == State::half_open) {
        trip(now, random);
    }
}

}  // namespace brio::redis
