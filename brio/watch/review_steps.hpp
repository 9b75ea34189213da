// Figures of a period out of the lines of a history. Pure; internal to the review.
#pragma once
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <brio/watch/history.hpp>
#include <brio/watch/review.hpp>

namespace brio::watch {

/// Steps of a history: [first, end).
struct StepRange {
    std::size_t first = 0;
    std::size_t end = 0;
};
struct ReviewRanges {
    StepRange now;
    std::optional<StepRange> before;  // none: the history is shorter, or nothing is known of it
};
/// The last steps that cover the length, and as many before them.
ReviewRanges ranges_of(const HistoryReport& history, std::chrono::seconds since);

class ReviewSteps {
public:
    /// Outlives this. Cost: a look at each line.
    explicit ReviewSteps(const HistoryReport& history);

    /// Null: there is none.
    const HistoryLine* find(std::string_view of, std::string_view name, std::string_view figure) const;
    /// By name, those with the figure.
    std::vector<const HistoryLine*> all(std::string_view of, std::string_view figure) const;

    /// Of what is known; 0 where nothing is, or there is no such line.
    static double sum(const HistoryLine* line, StepRange range);
    static std::optional<double> most(const HistoryLine* line, StepRange range);
    static std::optional<double> last(const HistoryLine* line, StepRange range);
    /// Of each value times that of another: of a rate, how many in the seconds of its step.
    static double sum_of_products(const HistoryLine* line, const HistoryLine* factors, StepRange range);
    /// Weighted by the values of another; none: no step has both.
    static std::optional<double> mean(const HistoryLine* line, const HistoryLine* weights, StepRange range);

    ReviewPeriod period(StepRange range, std::chrono::seconds until) const;

private:
    using Name = std::array<std::string_view, 3>;  // of, figure, name

    const HistoryReport& history_;
    std::map<Name, const HistoryLine*> lines_;
};

}  // namespace brio::watch
