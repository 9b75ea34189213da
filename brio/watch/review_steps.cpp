#include <brio/watch/review_steps.hpp>

#include <algorithm>
#include <cmath>

namespace brio::watch {

namespace {

Timestamp at_seconds(std::int64_t seconds) { return Timestamp(seconds * 1'000'000); }

}  // namespace

ReviewRanges ranges_of(const HistoryReport& history, std::chrono::seconds since) {
    const auto all = history.at.size();
    const auto wanted = static_cast<std::size_t>((since.count() + history.step_seconds - 1) /
                                                 std::max<std::int64_t>(history.step_seconds, 1));
    const auto length = std::min(wanted, all);
    ReviewRanges ranges{.now = {.first = all - length, .end = all}};
    const StepRange before{.first = ranges.now.first - std::min(length, ranges.now.first),
                           .end = ranges.now.first};
    const ReviewSteps steps(history);
    if (before.end - before.first == length &&
        ReviewSteps::sum(steps.find("resources", "", "watched"), before) > 0) {
        ranges.before = before;
    }
    return ranges;
}

ReviewSteps::ReviewSteps(const HistoryReport& history) : history_(history) {
    for (const HistoryLine& line : history.lines) {
        lines_.emplace(Name{line.of, line.figure, line.name}, &line);
    }
}

const HistoryLine* ReviewSteps::find(std::string_view of, std::string_view name,
                                     std::string_view figure) const {
    const auto found = lines_.find({of, figure, name});
    return found == lines_.end() ? nullptr : found->second;
}

std::vector<const HistoryLine*> ReviewSteps::all(std::string_view of, std::string_view figure) const {
    std::vector<const HistoryLine*> found;
    for (auto at = lines_.lower_bound({of, figure, ""}); at != lines_.end(); ++at) {
        if (at->first[0] != of || at->first[1] != figure) {
            break;
        }
        found.push_back(at->second);
    }
    return found;
}

double ReviewSteps::sum(const HistoryLine* line, StepRange range) {
    double sum = 0;
    for (auto i = range.first; line != nullptr && i < range.end; ++i) {
        sum += std::isnan(line->values[i]) ? 0 : line->values[i];
    }
    return sum;
}

double ReviewSteps::sum_of_products(const HistoryLine* line, const HistoryLine* factors, StepRange range) {
    double sum = 0;
    for (auto i = range.first; line != nullptr && factors != nullptr && i < range.end; ++i) {
        const double product = line->values[i] * factors->values[i];
        sum += std::isnan(product) ? 0 : product;
    }
    return sum;
}

std::optional<double> ReviewSteps::most(const HistoryLine* line, StepRange range) {
    std::optional<double> most;
    for (auto i = range.first; line != nullptr && i < range.end; ++i) {
        if (!std::isnan(line->values[i])) {
            most = std::max(most.value_or(line->values[i]), static_cast<double>(line->values[i]));
        }
    }
    return most;
}

std::optional<double> ReviewSteps::last(const HistoryLine* line, StepRange range) {
    for (auto i = range.end; line != nullptr && i > range.first; --i) {
        if (!std::isnan(line->values[i - 1])) {
            return line->values[i - 1];
        }
    }
    return std::nullopt;
}

std::optional<double> ReviewSteps::mean(const HistoryLine* line, const HistoryLine* weights,
                                        StepRange range) {
    double sum = 0;
    double weight = 0;
    for (auto i = range.first; line != nullptr && weights != nullptr && i < range.end; ++i) {
        const double its = weights->values[i];
        if (!std::isnan(line->values[i]) && its > 0) {
            sum += line->values[i] * its;
            weight += its;
        }
    }
    return weight > 0 ? std::optional(sum / weight) : std::nullopt;
}

ReviewPeriod ReviewSteps::period(StepRange range, std::chrono::seconds until) const {
    if (range.first == range.end) {
        return {};
    }
    const auto end = range.end < history_.at.size() ? history_.at[range.end] : until.count();
    return {.from = at_seconds(history_.at[range.first]),
            .until = at_seconds(end),
            .watched_seconds = sum(find("resources", "", "watched"), range)};
}

}  // namespace brio::watch
