// Two runs of the same load compared: which figures differ by more than chance, and from which difference on
// that could be told. Pure.
//
// For each name and figure the logarithm of the ratio of the medians over blocks (blocks.hpp). Its 99 %
// interval is a moving-block bootstrap (Künsch 1989): stretches of neighbouring blocks are drawn, since
// seconds of one run resemble each other. What one run drifts within itself, and how far several earlier runs
// are apart, is noise that no number of blocks shows; the largest of the three is what cannot be told.
#pragma once
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/random.hpp>
#include <brio/load/blocks.hpp>

namespace brio::load {

enum class Change : std::uint8_t { same, better, worse };

struct Compared {
    std::string name;    // of the requests
    std::string figure;  // "rate", "mean", "p50", "p95", "p99"
    double before = 0;   // a second, or milliseconds: the median over blocks
    double now = 0;
    double ratio = 1;  // now / before
    double low = 1;    // the ratio's interval
    double high = 1;
    double noise = 0;  // a change by less cannot be told: 0.04 is 4 %
    Change change = Change::same;
};
struct Comparison {
    std::vector<Compared> figures;     // as the names stand in the later run
    std::vector<std::string> remarks;  // what could not be compared, and why

    std::size_t worse() const noexcept;
};

/// A run as it was kept.
struct EarlierRun {
    std::string file;
    std::string load;  // what was asked of it: compared only with the same
    std::vector<BlockFigures> blocks;
};
inline constexpr std::size_t least_blocks = 8;  // of each run, to tell anything

/// Requires earlier runs. The same Random gives the same comparison. Cost: 20 ms for 5 names of 60 blocks.
Comparison compare(std::span<const EarlierRun> earlier, const EarlierRun& now, Random random = Random(1));

/// A value of the figure for people: "12.3ms", "1,840/s".
std::string value_text(const Compared& compared, double value);

}  // namespace brio::load
