// Goals and their causes.
#include <brio/watch/review_findings.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>

namespace brio::watch {

namespace {

struct WorkScope {
    Scope scope;
    std::string_view of;  // in the history
};
constexpr WorkScope work_scopes[] = {
    {Scope::request, "requests"}, {Scope::query, "queries"}, {Scope::task, "tasks"}};

constexpr double readings_every = 5;  // seconds: of resources
constexpr double worse_by = 1.2;

std::uint64_t whole(double value) { return static_cast<std::uint64_t>(std::llround(std::max(value, 0.0))); }

std::optional<double> in_ms(std::optional<double> seconds) {
    return seconds ? std::optional(*seconds * 1000) : seconds;
}

std::string ms_text(double ms) {
    return duration_text(std::chrono::nanoseconds(static_cast<std::int64_t>(ms * 1e6)));
}

void judge(ReviewFigures& figures, double share) {
    figures.burn = (1 - figures.holds) / (1 - share);
    figures.missed = whole((1 - figures.holds) * static_cast<double>(figures.count));
}

ReviewFigures figures_of(const ReviewSteps& steps, std::string_view of, std::string_view name,
                         StepRange range, double share) {
    const HistoryLine* counts = steps.find(of, name, "count");
    const HistoryLine* watched = steps.find("resources", "", "watched");
    const auto quantile = [&](std::string_view figure) {
        return in_ms(ReviewSteps::mean(steps.find(of, name, figure), counts, range));
    };
    ReviewFigures figures{
        .count = whole(ReviewSteps::sum(counts, range)),
        .holds = ReviewSteps::mean(steps.find(of, name, "within"), counts, range).value_or(1),
        .p50_ms = quantile("p50"),
        .p95_ms = quantile("p95"),
        .p99_ms = quantile("p99")};
    judge(figures, share);
    const double seconds = ReviewSteps::sum(watched, range);
    figures.per_second = seconds > 0 ? static_cast<double>(figures.count) / seconds : 0;
    // A route is not known before it is first asked.
    const double failed = ReviewSteps::sum_of_products(steps.find(of, name, "failed"), watched, range);
    figures.failed = std::min(figures.missed, whole(failed)) +
                     whole(ReviewSteps::sum(steps.find(of, name, "failures"), range));
    return figures;
}

ReviewFigures readings_of(const ReviewSteps& steps, std::string_view name, StepRange range, double share) {
    const HistoryLine* within = steps.find("goals", name, "within");
    const HistoryLine* watched = steps.find("resources", "", "watched");
    ReviewFigures figures{.holds = ReviewSteps::mean(within, watched, range).value_or(1)};
    for (auto i = range.first; i < range.end && within != nullptr && watched != nullptr; ++i) {
        if (!std::isnan(within->values[i])) {
            figures.count += whole(watched->values[i] / readings_every);
        }
    }
    judge(figures, share);
    return figures;
}

std::string_view verdict_of(const ReviewFigures& figures, double share) noexcept {
    constexpr double rounding = 1e-6;  // the history has floats
    return name_of(figures.count == 0                      ? Standing::idle
                   : figures.count < least_to_judge(share) ? Standing::too_few
                   : figures.holds + rounding >= share     ? Standing::kept
                                                           : Standing::missed);
}

void add_worst(ReviewGoal& goal, const HistoryReport& history, const HistoryLine* p99, StepRange range) {
    for (auto i = range.first; p99 != nullptr && i < range.end; ++i) {
        const double ms = p99->values[i] * 1000.0;
        if (!std::isnan(ms) && ms > goal.worst_p99_ms.value_or(-1)) {
            goal.worst_p99_ms = ms;
            goal.worst_at = Timestamp(history.at[i] * 1'000'000);
        }
    }
}

void add_now(ReviewGoal& goal, const std::vector<GoalReport>& reports) {
    goal.alarm = name_of(Alarm::none);
    for (const GoalReport& each : reports) {
        if (each.scope == goal.scope && each.name == goal.name) {
            goal.now = each.standing;
            goal.alarm = each.alarm;
        }
    }
}

ReviewGoal work_goal(const ReviewFacts& facts, const ReviewSteps& steps, const ReviewRanges& ranges,
                     const WorkScope& its, const std::string& name) {
    ReviewGoal goal{.scope = std::string(name_of(its.scope)),
                    .name = name,
                    .limit_ms = static_cast<double>(facts.rules.limit_of(its.scope, name).count()) / 1e6,
                    .share = facts.rules.share_of(its.scope, name)};
    goal.figures = figures_of(steps, its.of, name, ranges.now, goal.share);
    if (ranges.before) {
        goal.before = figures_of(steps, its.of, name, *ranges.before, goal.share);
    }
    add_worst(goal, facts.history, steps.find(its.of, name, "p99"), ranges.now);
    if (const HistoryLine* p95 = steps.find(its.of, name, "p95")) {
        const auto first = ranges.before ? ranges.before->first : ranges.now.first;
        for (auto i = first; i < ranges.now.end; ++i) {
            const float ms = p95->values[i] * 1000;
            goal.p95_ms_by_step.push_back(std::isnan(ms) ? std::nullopt : std::optional(ms));
        }
    }
    return goal;
}

std::optional<ReviewGoal> resource_goal(const ReviewFacts& facts, const ReviewSteps& steps,
                                        const ReviewRanges& ranges, const std::string& name) {
    const std::pair<std::string_view, double> limits[] = {
        {"cpu", facts.rules.goals.cpu_percent},
        {"memory", facts.rules.goals.memory_percent},
        {"connections", facts.rules.goals.connections_percent}};
    const auto* limit =
        std::ranges::find(limits, std::string_view(name), &std::pair<std::string_view, double>::first);
    if (limit == std::end(limits)) {
        return std::nullopt;
    }
    ReviewGoal goal{.scope = std::string(name_of(Scope::resource)),
                    .name = name,
                    .limit_percent = limit->second,
                    .share = facts.rules.share_of(Scope::resource, name)};
    goal.figures = readings_of(steps, name, ranges.now, goal.share);
    if (ranges.before) {
        goal.before = readings_of(steps, name, *ranges.before, goal.share);
    }
    return goal;
}

int rank_of(const ReviewGoal& goal) noexcept {
    constexpr std::array ranks{Standing::missed, Standing::kept, Standing::too_few, Standing::idle};
    return static_cast<int>(
        std::ranges::find(ranks, goal.verdict, [](Standing standing) { return name_of(standing); }) -
        ranks.begin());
}

}  // namespace

void compare(ReviewGoal& goal) {
    if (!goal.before) {
        return;
    }
    const ReviewFigures& now = goal.figures;
    const ReviewFigures& before = *goal.before;
    const auto least = least_to_judge(goal.share);
    if (now.count < least || before.count < least) {
        return;
    }
    const auto n = static_cast<double>(now.count);
    const auto m = static_cast<double>(before.count);
    const double together = (static_cast<double>(now.missed + before.missed)) / (n + m);
    const double error = std::sqrt(together * (1 - together) * (1 / n + 1 / m));
    const double shift = error > 0 ? (before.holds - now.holds) / error : 0;  // above 0: worse
    const double ratio = now.p95_ms && before.p95_ms && *before.p95_ms > 0 ? *now.p95_ms / *before.p95_ms : 1;
    const bool is_worse = shift > 3 || ratio > worse_by;
    const bool is_better = shift < -3 || ratio < 1 / worse_by;
    goal.trend = is_worse == is_better ? "same" : is_worse ? "worse" : "better";
    goal.trend_words =
        concat({"within its goal ", percent_text(now.holds), ", before ", percent_text(before.holds)});
    if (now.p95_ms && before.p95_ms) {
        const auto change = std::llround((ratio - 1) * 100);
        goal.trend_words += concat({"; p95 ", ms_text(*now.p95_ms), ", before ", ms_text(*before.p95_ms),
                                    " (", change > 0 ? "+" : "", integer_text(change), " %)"});
    }
}

std::vector<ReviewGoal> goals_of(const ReviewFacts& facts, const ReviewRanges& ranges) {
    const ReviewSteps steps(facts.history);
    std::vector<ReviewGoal> goals;
    for (const WorkScope& its : work_scopes) {
        for (const HistoryLine* line : steps.all(its.of, "count")) {
            goals.push_back(work_goal(facts, steps, ranges, its, line->name));
        }
    }
    for (const HistoryLine* line : steps.all("goals", "within")) {
        if (auto goal = resource_goal(facts, steps, ranges, line->name)) {
            goals.push_back(std::move(*goal));
        }
    }
    std::erase_if(goals, [](const ReviewGoal& each) {
        return each.figures.count == 0 && (!each.before || each.before->count == 0);
    });
    for (ReviewGoal& each : goals) {
        each.verdict = verdict_of(each.figures, each.share);
        add_now(each, facts.goals);
        compare(each);
    }
    std::ranges::sort(goals, {}, [](const ReviewGoal& each) {
        return std::tuple(rank_of(each), each.scope == "resource" ? 1 : 0,
                          -static_cast<double>(each.figures.count), each.name);
    });
    return goals;
}

std::vector<ReviewCause> causes_of(const ReviewFacts& facts, StepRange now) {
    std::vector<ReviewCause> causes;
    for (const HistoryLine& line : facts.history.lines) {
        const double lost = line.of == "overrun" ? ReviewSteps::sum(&line, now) : 0;
        const auto phase = std::ranges::find(ledger::phase_names, line.figure);
        if (lost <= 0 || phase == ledger::phase_names.end()) {
            continue;
        }
        auto found = std::ranges::find(causes, line.name, &ReviewCause::name);
        if (found == causes.end()) {
            const bool is_route = line.name.starts_with('/');
            causes.push_back(
                {.scope = std::string(name_of(is_route ? Scope::request : Scope::task)), .name = line.name});
            found = causes.end() - 1;
        }
        found->lost_seconds += lost;
        const auto its = static_cast<ledger::Phase>(phase - ledger::phase_names.begin());
        found->phases.push_back(
            {.phase = line.figure, .words = std::string(ledger::in_words(its)), .seconds = lost});
    }
    for (ReviewCause& each : causes) {
        for (ReviewPhase& phase : each.phases) {
            phase.share = phase.seconds / each.lost_seconds;
        }
        std::ranges::sort(each.phases, std::greater(), &ReviewPhase::seconds);
        const auto slow = std::ranges::find(facts.slow, each.name, &SlowExample::name);
        each.example = slow == facts.slow.end() ? "" : slow->words;
    }
    std::ranges::sort(causes, std::greater(), &ReviewCause::lost_seconds);
    causes.resize(std::min(causes.size(), most_told));
    return causes;
}

}  // namespace brio::watch
