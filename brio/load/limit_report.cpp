#include <brio/load/limit_report.hpp>

#include <cmath>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>

namespace brio::load {
namespace {

/// With as many figures as its uncertainty leaves: 18,437 ± 612 is "18,400" and "600".
std::string rounded(double value, double to) {
    return value < 100 ? decimal_text(value, value < 10 ? 1 : 0)
                       : grouped(static_cast<std::uint64_t>(std::round(value / to) * to));
}
double last_figure(double plus_minus) noexcept {
    return std::pow(10, std::max(0.0, std::floor(std::log10(std::max(plus_minus, 1.0)))));
}

}  // namespace

std::string words_of(const LimitReport& report) {
    const LimitRange& range = report.range;
    std::string words;
    if (range.is_none) {
        words = "holds at no rate";
    } else if (range.is_at_least) {
        words = concat({"holds to ", rounded(range.rate, 1), "/s at least"});
    } else if (range.plus_minus() > range.rate / 3) {
        words = concat(
            {"holds to something between ", rounded(range.low, last_figure(range.low)), " and ",
             rounded(range.high, last_figure(range.high)),
             "/s: its trials contradict each other, as on a machine that is busy with something else"});
    } else {
        const double to = last_figure(range.plus_minus());
        words = concat({"holds to ", rounded(range.rate, to), " ± ", rounded(range.plus_minus(), to), "/s"});
    }
    if (report.cause) {
        words += concat({"; then ", report.cause->words});
    }
    if (!report.remark.empty()) {
        words += concat({"; ", report.remark});
    }
    return words;
}

}  // namespace brio::load
