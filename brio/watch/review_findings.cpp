#include <brio/watch/review_findings.hpp>

#include <algorithm>
#include <cmath>
#include <map>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>
#include <brio/watch/review_actions.hpp>

namespace brio::watch {

namespace {

constexpr double mostly = 0.9;  // of a period that was watched: less is said

std::uint64_t whole(double value) { return static_cast<std::uint64_t>(std::llround(std::max(value, 0.0))); }

std::string length_text(std::chrono::seconds length) {
    const auto seconds = length.count();
    const auto of = [&](std::int64_t unit, std::string_view name) {
        return concat({integer_text(seconds / unit), name});
    };
    return seconds % 86'400 == 0 && seconds > 86'400 ? of(86'400, "d")
           : seconds % 3600 == 0                     ? of(3600, "h")
                                                     : of(60, "m");
}

template <class Value>
std::vector<Value> first_of(std::vector<Value> all) {
    all.resize(std::min(all.size(), most_told));
    return all;
}

std::string percent_of(double part, double whole_part) {
    const double share = whole_part > 0 ? std::min(part / whole_part, 1.0) : 0;
    return share > 0 && share < 0.01 ? "under 1 %" : percent_text(share, 0);
}

void add_notes(Review& review, const ReviewFacts& facts) {
    const double length = static_cast<double>(facts.since.count());
    if (!facts.is_running) {
        review.notes.emplace_back(
            "The program does not run: this is what its file of history kept. Statements, cache, queues and "
            "what "
            "was slow are known only of one that runs.");
    }
    if (review.period.watched_seconds < mostly * length) {
        review.notes.push_back(concat({"It ran for ",
                                       duration_text(std::chrono::nanoseconds(
                                           static_cast<std::int64_t>(review.period.watched_seconds * 1e9))),
                                       " of this time (", percent_of(review.period.watched_seconds, length),
                                       "): the figures are of that."}));
    }
    if (!review.before) {
        review.notes.emplace_back("Nothing is kept of the time before: there are no trends.");
    } else if (review.before->watched_seconds < mostly * length) {
        review.notes.push_back(
            concat({"Of the time before ", percent_of(review.before->watched_seconds, length),
                    " was watched: trends compare with that."}));
    }
    if (facts.is_running && facts.began && *facts.began > review.period.from) {
        review.notes.push_back(
            concat({"Statements and what was slow are those of the process that began at ",
                    facts.began->text().substr(0, 19), "Z; what earlier ones ran is not among them."}));
    }
    for (const std::string& problem : facts.problems) {
        review.notes.push_back(problem);
    }
}

std::string headline_of(const Review& review) {
    std::size_t missed = 0;
    std::size_t kept = 0;
    std::size_t worse = 0;
    for (const ReviewGoal& each : review.goals) {
        missed += each.verdict == name_of(Standing::missed) ? 1 : 0;
        kept += each.verdict == name_of(Standing::kept) ? 1 : 0;
        worse += each.trend == "worse" ? 1 : 0;
    }
    if (missed + kept == 0) {
        return "Too little was done to judge any goal.";
    }
    const auto of = [](std::size_t count) { return grouped(count); };
    auto words =
        missed == 0
            ? concat({"All ", of(kept),
                      kept == 1 ? " goal that can be judged is kept" : " goals that can be judged are kept"})
            : concat({of(missed), " of ", of(missed + kept), " goals missed"});
    if (worse > 0) {
        words += concat({", ", of(worse), " worse than before"});
    }
    return words + ".";
}

}  // namespace

std::vector<ReviewCached> cached_of(const ReviewFacts& facts, const ReviewRanges& ranges) {
    std::map<std::string, ReviewCached> by_name;
    for (const HistoryLine& line : facts.history.lines) {
        if (line.of != "cached") {
            continue;
        }
        ReviewCached& its = by_name[line.name];
        its.name = line.name;
        const double sum = ReviewSteps::sum(&line, ranges.now);
        if (line.figure == "saved") {
            its.saved_seconds = sum;
            its.saved_before =
                ranges.before ? std::optional(ReviewSteps::sum(&line, *ranges.before)) : std::nullopt;
        } else {
            (line.figure == "misses" ? its.misses : its.hits) += whole(sum);  // stale answers are hits
        }
    }
    std::vector<ReviewCached> cached;
    for (auto& [name, each] : by_name) {
        const auto asked = each.hits + each.misses;
        if (asked == 0) {
            continue;
        }
        each.hit_ratio = static_cast<double>(each.hits) / static_cast<double>(asked);
        const auto subject = std::ranges::find(facts.cached, name, &cache::SubjectReport::name);
        each.rebuild_ms = subject == facts.cached.end() ? 0 : subject->rebuild_seconds * 1000;
        cached.push_back(std::move(each));
    }
    std::ranges::sort(cached, std::greater(),
                      [](const ReviewCached& each) { return std::pair(each.saved_seconds, each.hits); });
    return first_of(std::move(cached));
}

std::vector<ReviewQueue> queues_of(const ReviewFacts& facts, StepRange now) {
    std::map<std::string, ReviewQueue> by_name;
    for (const tasks::QueueStatus& each : facts.queues) {
        by_name[each.name] = {.name = each.name,
                              .ready = each.ready,
                              .scheduled = each.scheduled,
                              .running = each.running,
                              .dead = each.dead,
                              .is_paused = each.is_paused};
    }
    for (const HistoryLine& line : facts.history.lines) {
        if (line.of == "queues") {
            ReviewQueue& its = by_name[line.name];
            its.name = line.name;
            (line.figure == "oldest" ? its.oldest_seconds : its.most_waiting) =
                ReviewSteps::most(&line, now).value_or(0);
        }
    }
    std::vector<ReviewQueue> queues;
    for (auto& [name, each] : by_name) {
        queues.push_back(std::move(each));
    }
    std::ranges::sort(queues, std::greater(), [](const ReviewQueue& each) {
        return std::tuple(each.dead, each.oldest_seconds, each.ready);
    });
    return first_of(std::move(queues));
}

std::vector<ReviewDead> dead_of(const ReviewFacts& facts) {
    std::map<std::string, ReviewDead> by_name;
    for (const tasks::Status& each : facts.dead) {  // the newest first
        ReviewDead& its = by_name[each.name];
        if (its.count++ == 0) {
            its.task = each.name;
            its.error = concat({each.error_type, each.error_type.empty() ? "" : ": ", each.error});
        }
    }
    std::vector<ReviewDead> dead;
    for (auto& [name, each] : by_name) {
        dead.push_back(std::move(each));
    }
    std::ranges::sort(dead, std::greater(), &ReviewDead::count);
    return first_of(std::move(dead));
}

Review review_of(const ReviewFacts& facts) {
    const ReviewRanges ranges = ranges_of(facts.history, facts.since);
    const ReviewSteps steps(facts.history);
    Review review{.program = facts.program,
                  .version = facts.version,
                  .at = Timestamp(facts.at.count() * 1'000'000),
                  .since = length_text(facts.since),
                  .period = steps.period(ranges.now, facts.at),
                  .is_running = facts.is_running,
                  .began = facts.began};
    if (ranges.before) {
        review.before = steps.period(*ranges.before, facts.at);
    }
    review.goals = goals_of(facts, ranges);
    review.causes = causes_of(facts, ranges.now);
    review.slow = first_of(facts.queries.slow);
    review.repeated = first_of(facts.queries.repeated);
    review.over_budget = first_of(facts.queries.over_budget);
    review.missing_indexes = first_of(facts.indexes.missing);
    review.unused_indexes = first_of(facts.indexes.unused);
    review.cached = cached_of(facts, ranges);
    review.queues = queues_of(facts, ranges.now);
    review.dead = dead_of(facts);
    review.headroom = headrooms_of(facts);
    review.headline = headline_of(review);
    add_notes(review, facts);
    review.first = actions_of(review, facts.queries.statements);
    return review;
}

}  // namespace brio::watch
