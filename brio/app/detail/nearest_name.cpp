#include <brio/app/detail/setting_table.hpp>

#include <algorithm>
#include <numeric>

namespace brio::app::detail {
namespace {

// Letters to insert, remove, change or swap with their neighbour to make one of the other (optimal string
// alignment).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last.back();
}

}  // namespace

std::string nearest_name(std::string_view name, std::span<const std::string> names) {
    std::string nearest;
    // One slip in a short name, more in a long one; a common prefix says nothing.
    constexpr std::string_view prefix = "BRIO_";
    auto const letters = name.size() - (name.starts_with(prefix) ? prefix.size() : 0);
    auto least = std::max<std::size_t>(1, letters / 4) + 1;
    for (auto const& each : names) {
        auto const apart = distance(name, each);
        if (apart < least) {
            least = apart;
            nearest = each;
        }
    }
    return nearest;
}

}  // namespace brio::app::detail
