// The bucket edges that every histogram of a registry shares, and the bucket of a value in constant time.
//
// The base is 1, 2, 3, 5, 7 in each decade from 50 microseconds to 60 seconds (31 edges, so 0.1, 0.2 and 5 s
// are among them); goals are added exactly, so that "within the goal" is a count and not an interpolation.
#pragma once
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace brio::metrics {

class Edges {
public:
    static constexpr std::size_t most = 63;

    /// Throws std::invalid_argument when base and goals together are more than `most`, or a goal is not
    /// positive.
    explicit Edges(std::span<const std::chrono::nanoseconds> goals = {});

    /// The first bucket whose edge is not under `ns` (an edge is inside its bucket); size() when all are.
    /// Cost: a table look-up by the leading four bits, then a comparison (one more for each edge closer than
    /// an eighth octave).
    std::uint32_t bucket(std::uint64_t ns) const noexcept {
        std::uint32_t at = first_[key(ns)];
        while (ns > edges_[at]) {
            ++at;
        }
        return at;
    }

    /// Without the infinite one.
    std::size_t size() const noexcept { return size_; }
    /// Ascending, in nanoseconds.
    std::span<const std::uint64_t> nanoseconds() const noexcept { return {edges_.data(), size_}; }

private:
    // Values below 8 are their own key; above, the position of the leading bit and the three bits after it.
    static std::size_t key(std::uint64_t ns) noexcept {
        if (ns < 8) {
            return ns;
        }
        const auto shift = static_cast<unsigned>(std::bit_width(ns)) - 4;
        return (std::size_t{shift} << 3) + (ns >> shift);
    }

    std::size_t size_ = 0;
    std::array<std::uint64_t, most + 1> edges_{};  // the one after the last is the largest number
    std::array<std::uint8_t, 512>
        first_{};  // for each key the first bucket a value of that key can fall into
};

}  // namespace brio::metrics
