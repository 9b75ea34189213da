#include <brio/bench/words.hpp>

#include <cmath>

#include <brio/base/figures.hpp>

namespace brio::bench {

std::string signed_text(double value, int decimals) {
    return (value >= 0 ? "+" : "") + decimal_text(value, decimals);
}

std::string difference_text(double ns) {
    auto const size = std::abs(ns);
    return size < 1e3   ? signed_text(ns, 0) + " ns"
           : size < 1e6 ? signed_text(ns / 1e3, 2) + " us"
                        : signed_text(ns / 1e6, 2) + " ms";
}

std::string count_text(double count) {
    return count == std::floor(count) ? grouped(static_cast<std::uint64_t>(count)) : decimal_text(count, 1);
}

}  // namespace brio::bench
