#include <brio/metrics/edges.hpp>

#include <brio/base/text.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <vector>

namespace brio::metrics {

namespace {

std::vector<std::uint64_t> base_edges() {
    constexpr std::uint64_t first = 50'000;
    constexpr std::uint64_t last = 60'000'000'000;
    std::vector<std::uint64_t> edges{first};
    for (std::uint64_t decade = 100'000; decade <= last; decade *= 10) {
        for (const std::uint64_t step : {1, 2, 3, 5, 7}) {
            if (decade * step < last) {
                edges.push_back(decade * step);
            }
        }
    }
    edges.push_back(last);
    return edges;
}

}  // namespace

Edges::Edges(std::span<const std::chrono::nanoseconds> goals) {
    std::vector<std::uint64_t> all = base_edges();
    for (const std::chrono::nanoseconds goal : goals) {
        if (goal.count() <= 0) {
            throw std::invalid_argument(
                concat({"a goal must be longer than nothing, and one is ", duration_text(goal)}));
        }
        all.push_back(static_cast<std::uint64_t>(goal.count()));
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    if (all.size() > most) {
        throw std::invalid_argument(
            concat({"the goals need ", integer_text(all.size()), " histogram edges, at most ",
                    integer_text(most), " are possible: let some goals be equal"}));
    }
    size_ = all.size();
    std::copy(all.begin(), all.end(), edges_.begin());
    edges_[size_] = std::numeric_limits<std::uint64_t>::max();
    for (std::size_t k = 0; k < first_.size(); ++k) {
        // The least value of key k: keys 8..15 have shift 0, and so on.
        const std::size_t shift = k < 16 ? 0 : (k >> 3) - 1;
        const std::uint64_t least = k < 16 ? k : (8 + (k & 7)) << shift;
        const bool reachable = shift <= 60;
        const auto at =
            std::lower_bound(edges_.begin(), edges_.begin() + static_cast<std::ptrdiff_t>(size_), least);
        first_[k] =
            static_cast<std::uint8_t>(reachable ? at - edges_.begin() : static_cast<std::ptrdiff_t>(size_));
    }
}

}  // namespace brio::metrics
