// Whether a read may share a pipelined connection with others, or is so long that they would wait for it.
//
// Pure. Two kinds of measurement: on a leased connection the time of one run includes what the server's other
// work takes from it, so under load a cheap statement looks as long as an expensive one does alone; the least
// of recent runs is what it costs. On a shared connection answers follow each other, so the time between two
// is the cost, and its average decides.
#pragma once
#include <algorithm>
#include <cstdint>

namespace brio::db {

class Sharing {
public:
    /// A statement that takes longer than that on average keeps to itself.
    static constexpr std::uint64_t most_ns = 2'000'000;
    /// So many runs by itself come between two tries on a shared connection.
    static constexpr std::uint32_t runs_between = 64;

    void measured_alone(std::uint64_t ns) noexcept {
        least_ns_ = std::min(least_ns_ == unknown ? unknown : least_ns_ + least_ns_ / 16, ns);
        average_ns_ = least_ns_;
        wait_ -= wait_ > 0 ? 1 : 0;
    }
    void measured_shared(std::uint64_t ns) noexcept {
        // One run makes at most four times the average of itself: a server that was put aside says nothing
        // about the statement.
        const std::uint64_t sample = std::min(ns, 4 * average_ns_ + most_ns / 10);
        average_ns_ = average_ns_ - average_ns_ / 4 + sample / 4;
        if (average_ns_ > most_ns) {
            least_ns_ = average_ns_;
            wait_ = runs_between;
        }
    }
    /// It reached the limit of a shared connection, and took those behind it along.
    void held_up() noexcept { wait_ = runs_between; }
    bool may_share() const noexcept { return least_ns_ <= most_ns && wait_ == 0; }

private:
    static constexpr std::uint64_t unknown = UINT64_MAX;
    std::uint64_t least_ns_ = unknown;
    std::uint64_t average_ns_ = 0;
    std::uint32_t wait_ = 0;
};

}  // namespace brio::db
