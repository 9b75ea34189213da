// A run cut into blocks of equal length, for comparing it with another: how much a figure moves from block to
// block is how much of a difference between two runs is chance.
//
// Bounded: `most_blocks` blocks of at most Record::most_names names. For one thread.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <brio/load/record.hpp>

namespace brio::load {

/// Of one name, a value for each block, in order.
struct BlockFigures {
    std::string name;          // "GET /api/resources"; "Aggregated" for all
    std::vector<double> rate;  // answers a second
    std::vector<double> mean_ms;
    std::vector<double> p50_ms;
    std::vector<double> p95_ms;
    std::vector<double> p99_ms;

    bool operator==(const BlockFigures&) const = default;
};

class Blocks {
public:
    static constexpr std::size_t most_blocks = 120;
    using Time = std::chrono::nanoseconds;

    /// For a run that is to last `duration`: blocks of a second, or of whole seconds so that there are 60.
    explicit Blocks(Time duration);

    /// What was counted since the last call, which ends `at` since counting began; before that is not taken.
    void add(Time at, const Record& since_last);
    /// The blocks that are whole. Names that had no answer in some block are left out.
    const std::vector<BlockFigures>& figures() const noexcept { return figures_; }
    std::size_t count() const noexcept { return count_; }
    Time length() const noexcept { return length_; }

private:
    void close(double seconds);

    Time length_;
    Time begun_{};
    Record open_;
    std::vector<BlockFigures> figures_;
    std::size_t count_ = 0;
};

}  // namespace brio::load
