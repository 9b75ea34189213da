// When a write-ahead log is checkpointed, and when somebody is told that it does not get shorter. Pure: sizes
// and times come in as arguments.
//
// A passive checkpoint disturbs nobody but leaves the log as long as it is when a reader is always there; one
// that waits makes the log start again but holds up writers meanwhile, so after it was in vain the next one
// is put off, twice as long each time. What no checkpoint can end is a reader that keeps its snapshot: the
// log grows behind it, whoever it is.
#pragma once
#include <chrono>
#include <cstdint>

namespace brio::db {

struct WalLimits {
    int checkpoint_pages = 1000;  // a log that grew by so much is moved into the database, passively
    int restart_pages = 16'384;   // a longer one (64 MiB) is made to start again: writers wait for it
    int warn_pages = 65'536;      // a longer one (256 MiB) is held up by somebody: a warning
    std::chrono::nanoseconds least_pause = std::chrono::seconds(1);  // after a restart that was in vain
    std::chrono::nanoseconds most_pause = std::chrono::seconds(30);
    std::chrono::nanoseconds warn_every = std::chrono::minutes(1);
};

class WalCare {
public:
    explicit WalCare(WalLimits limits) noexcept : limits_(limits) {}

    enum class Action : std::uint8_t { none, passive, restart };
    /// What to do about a log of that many pages.
    Action next(int pages, std::chrono::nanoseconds now) noexcept {
        if (pages < moved_to_) {  // it has started again
            moved_to_ = 0;
            pause_ = {};
        } else if (pages == moved_to_ && held_back_ == 0) {  // nothing was written since all of it was moved
            return Action::none;
        }
        if (pages >= limits_.restart_pages && now >= not_before_) {
            return Action::restart;
        }
        return pages - moved_to_ >= limits_.checkpoint_pages ? Action::passive : Action::none;
    }
    /// What came of it: how many of the log's pages are in the database now.
    void done(Action action, int pages, int moved, std::chrono::nanoseconds now) noexcept {
        moved_to_ = pages;
        if (action == Action::restart && moved < pages) {
            pause_ = pause_ == pause_.zero() ? limits_.least_pause : 2 * pause_;
            pause_ = pause_ < limits_.most_pause ? pause_ : limits_.most_pause;
            not_before_ = now + pause_;
        } else if (action == Action::restart) {
            pause_ = {};
        }
        held_back_ = pages - moved;
    }
    /// Whether to warn now, at most once in `warn_every`.
    bool should_warn(int pages, std::chrono::nanoseconds now) noexcept {
        if (pages < limits_.warn_pages || held_back_ == 0 || now < quiet_until_) {
            return false;
        }
        quiet_until_ = now + limits_.warn_every;
        return true;
    }

private:
    WalLimits limits_;
    int moved_to_ = 0;  // the log's length when a checkpoint last ran
    int held_back_ = 0;
    std::chrono::nanoseconds pause_{};
    std::chrono::nanoseconds not_before_{};
    std::chrono::nanoseconds quiet_until_{};
};

}  // namespace brio::db
