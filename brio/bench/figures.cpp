#include <brio/bench/figures.hpp>

#include <algorithm>
#include <numeric>

#include <brio/base/statistics.hpp>

namespace brio::bench {

Figures figures_of(std::span<const std::uint32_t> times_ns, std::chrono::nanoseconds goal) {
    constexpr double ns_a_ms = 1e6;
    std::vector<double> sorted(times_ns.begin(), times_ns.end());
    std::ranges::sort(sorted);
    auto const within = std::ranges::upper_bound(sorted, static_cast<double>(goal.count())) - sorted.begin();
    return {.requests = sorted.size(),
            .p50_ms = percentile_sorted(sorted, 0.5) / ns_a_ms,
            .p95_ms = percentile_sorted(sorted, 0.95) / ns_a_ms,
            .p99_ms = percentile_sorted(sorted, 0.99) / ns_a_ms,
            .max_ms = sorted.back() / ns_a_ms,
            .within = static_cast<double>(within) / static_cast<double>(sorted.size())};
}

Phases quiet_phases(std::vector<Phases> rounds) {
    auto const whole = [](const Phases& of) { return std::accumulate(of.begin(), of.end(), 0.0); };
    std::ranges::sort(rounds, {}, whole);
    rounds.resize((rounds.size() + 1) / 2);
    Phases average{};
    for (auto const& each : rounds) {
        for (std::size_t i = 0; i < average.size(); ++i) {
            average[i] += each[i] / static_cast<double>(rounds.size());
        }
    }
    return average;
}

}  // namespace brio::bench
