#include <brio/load/compare.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

#include <brio/base/figures.hpp>
#include <brio/base/statistics.hpp>
#include <brio/base/text.hpp>

namespace brio::load {
namespace {

constexpr int rounds = 1000;
constexpr double tail = 0.005;        // of each side: 99 % between them
constexpr std::size_t stretch = 3;    // neighbouring blocks that are drawn together
constexpr double least_noise = 0.01;  // histograms are no more precise

struct FigureKind {
    std::string_view name;
    std::vector<double> BlockFigures::* values;
};
constexpr FigureKind kinds[] = {{"rate", &BlockFigures::rate},
                                {"mean", &BlockFigures::mean_ms},
                                {"p50", &BlockFigures::p50_ms},
                                {"p95", &BlockFigures::p95_ms},
                                {"p99", &BlockFigures::p99_ms}};

using Values = std::span<const double>;

std::vector<double> draw(Values values, Random& random) {
    std::vector<double> drawn;
    drawn.reserve(values.size() + stretch);
    while (drawn.size() < values.size()) {
        const auto from = random.below(values.size());
        for (std::size_t i = 0; i < stretch; ++i) {
            drawn.push_back(values[(from + i) % values.size()]);
        }
    }
    drawn.resize(values.size());
    return drawn;
}

double log_ratio(double now, double before) noexcept {
    constexpr double least = 1e-9;
    return std::log(std::max(now, least) / std::max(before, least));
}

/// Between the halves of one run.
double drift(Values values) {
    const auto half = values.size() / 2;
    return std::abs(log_ratio(median(values.subspan(half)), median(values.first(half))));
}

/// Of several earlier runs.
double spread(const std::vector<Values>& runs) {
    double low = 0;
    double high = 0;
    for (const Values run : runs) {
        const double each = log_ratio(median(run), median(runs.front()));
        low = std::min(low, each);
        high = std::max(high, each);
    }
    return high - low;
}

Compared compare_values(const std::vector<Values>& before, Values now, Random& random) {
    std::vector<double> joined;
    for (const Values run : before) {
        joined.insert(joined.end(), run.begin(), run.end());
    }
    std::vector<double> ratios(rounds);
    for (double& each : ratios) {
        each = log_ratio(median(draw(now, random)), median(draw(joined, random)));
    }
    std::ranges::sort(ratios);
    Compared compared{.before = median(joined), .now = median(now)};
    const double middle = log_ratio(compared.now, compared.before);
    const double low = percentile_sorted(ratios, tail);
    const double high = percentile_sorted(ratios, 1 - tail);
    double noise = std::max({least_noise, (high - low) / 2, drift(now), spread(before)});
    for (const Values run : before) {
        noise = std::max(noise, drift(run));
    }
    compared.ratio = std::exp(middle);
    compared.low = std::exp(low);
    compared.high = std::exp(high);
    compared.noise = std::exp(noise) - 1;
    if (std::abs(middle) > noise && (low > 0 || high < 0)) {
        compared.change = middle > 0 ? Change::worse : Change::better;
    }
    return compared;
}

const BlockFigures* find(const std::vector<BlockFigures>& blocks, std::string_view name) {
    const auto found = std::ranges::find(blocks, name, &BlockFigures::name);
    return found == blocks.end() || found->rate.size() < least_blocks ? nullptr : &*found;
}

std::string too_short(const std::vector<BlockFigures>& blocks) {
    const auto all = std::ranges::find(blocks, std::string_view("Aggregated"), &BlockFigures::name);
    return concat({"it is too short, with ", integer_text(all == blocks.end() ? 0 : all->rate.size()),
                   " blocks (a second each, or a sixtieth of the plan) where ", integer_text(least_blocks),
                   " are needed"});
}

Change turned(Change change) noexcept {
    return change == Change::same ? change : change == Change::worse ? Change::better : Change::worse;
}

}  // namespace

std::size_t Comparison::worse() const noexcept {
    return static_cast<std::size_t>(std::ranges::count(figures, Change::worse, &Compared::change));
}

Comparison compare(std::span<const EarlierRun> earlier, const EarlierRun& now, Random random) {
    Comparison comparison;
    std::vector<const EarlierRun*> usable;
    for (const EarlierRun& run : earlier) {
        if (run.load != now.load) {
            comparison.remarks.push_back(
                concat({run.file, " is left out: its load was ", run.load, ", this one's is ", now.load}));
        } else if (find(run.blocks, "Aggregated") == nullptr) {
            comparison.remarks.push_back(concat({run.file, " is left out: ", too_short(run.blocks)}));
        } else {
            usable.push_back(&run);
        }
    }
    if (find(now.blocks, "Aggregated") == nullptr) {
        comparison.remarks.push_back(concat({"this run cannot be compared: ", too_short(now.blocks)}));
        return comparison;
    }
    if (usable.size() == 1) {
        comparison.remarks.emplace_back(
            "how far runs are apart by chance is not known from one: give --compare several earlier ones");
    }
    // of which all together says nothing more
    const bool has_one_name = now.blocks.size() == 2 && now.blocks[0].rate == now.blocks[1].rate;
    for (const BlockFigures& mine : now.blocks) {
        if (usable.empty() || (has_one_name && mine.name == "Aggregated") ||
            find(now.blocks, mine.name) == nullptr) {
            continue;
        }
        for (const FigureKind& kind : kinds) {
            std::vector<Values> before;
            for (const EarlierRun* run : usable) {
                if (const BlockFigures* theirs = find(run->blocks, mine.name)) {
                    before.emplace_back(theirs->*kind.values);
                }
            }
            if (before.empty()) {
                comparison.remarks.push_back(
                    concat({mine.name, " was not in an earlier run, or too seldom"}));
                break;
            }
            Compared compared = compare_values(before, mine.*kind.values, random);
            compared.name = mine.name;
            compared.figure = kind.name;
            compared.change = kind.name == "rate" ? turned(compared.change) : compared.change;
            comparison.figures.push_back(std::move(compared));
        }
    }
    return comparison;
}

std::string value_text(const Compared& compared, double value) {
    if (compared.figure == "rate") {
        return concat({rate_text(value), "/s"});
    }
    return duration_text(std::chrono::nanoseconds(static_cast<std::int64_t>(value * 1e6)));
}

}  // namespace brio::load
