// Counts what a batch of statements took, for a StatementWatch.
#pragma once
#include <chrono>
#include <cstdint>
#include <span>

#include <brio/base/clock.hpp>
#include <brio/db/statement_watch.hpp>

namespace brio::db {

/// One batch or job on its way through the engine: its statements are counted at its end, whatever the end.
class Watched {
public:
    Watched(StatementWatch& watch, runtime::Work& work, std::span<const Query> queries,
            std::chrono::nanoseconds goal) noexcept
        : watch_(watch),
          work_(work),
          queries_(queries),
          goal_(goal) {}
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    ~Watched() {
        if (!done_) {
            failed();
        }
    }

    /// From here on it may wait.
    void waits() noexcept { begun_ = ticks(); }
    void done(std::uint64_t commit_ns = 0);

private:
    std::uint64_t elapsed() const noexcept { return begun_ == 0 ? 0 : ticks_to_ns(ticks() - begun_); }
    void failed();

    StatementWatch& watch_;
    runtime::Work& work_;
    std::span<const Query> queries_;
    std::chrono::nanoseconds goal_;
    Ticks begun_ = 0;
    bool done_ = false;
};

}  // namespace brio::db
