#include <brio/load/scenario.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace brio::load {

std::size_t UserType::choose(Random& random) const {
    if (tasks.size() == 1) {
        return 0;
    }
    auto const whole = std::accumulate(tasks.begin(), tasks.end(), 0.0,
                                       [](double sum, auto const& each) { return sum + each.weight; });
    auto at = random.uniform() * whole;
    for (std::size_t i = 0; i + 1 < tasks.size(); ++i) {
        at -= tasks[i].weight;
        if (at < 0) {
            return i;
        }
    }
    return tasks.size() - 1;
}

std::vector<std::size_t> split(std::size_t total, const std::vector<UserType>& types) {
    auto const whole = std::accumulate(types.begin(), types.end(), 0.0,
                                       [](double sum, auto const& each) { return sum + each.share; });
    std::vector<std::size_t> counts;
    std::vector<std::pair<double, std::size_t>> remainders;
    for (auto const& type : types) {
        auto const exact = static_cast<double>(total) * type.share / whole;
        remainders.emplace_back(std::floor(exact) - exact, counts.size());
        counts.push_back(static_cast<std::size_t>(exact));
    }
    std::ranges::sort(remainders);
    auto left = total - std::accumulate(counts.begin(), counts.end(), std::size_t{0});
    for (std::size_t i = 0; left > 0; i = (i + 1) % remainders.size(), --left) {
        ++counts[remainders[i].second];
    }
    return counts;
}

}  // namespace brio::load
