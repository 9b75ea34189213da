// Ever longer pauses between tries, with jitter so that many who lost the same server do not come back at
// once.
#pragma once
#include <algorithm>
#include <chrono>

#include <brio/base/random.hpp>

namespace brio::redis {

struct BackoffOptions {
    std::chrono::nanoseconds first = std::chrono::milliseconds(50);
    std::chrono::nanoseconds longest = std::chrono::milliseconds(500);
};

class Backoff {
public:
    using Options = BackoffOptions;
    explicit Backoff(Options options = {}) noexcept : options_(options), pause_(options.first) {}

    /// Twice as long as the one before, between half of that and all of it.
    std::chrono::nanoseconds next(Random& random) noexcept {
        const auto whole = pause_;
        pause_ = std::min(pause_ * 2, options_.longest);
        return whole / 2 + std::chrono::nanoseconds(static_cast<std::int64_t>(
                               random.uniform() * static_cast<double>(whole.count()) / 2));
    }
    void reset() noexcept { pause_ = options_.first; }

private:
    Options options_;
    std::chrono::nanoseconds pause_;
};

}  // namespace brio::redis
