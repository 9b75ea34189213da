#include <brio/watch/review_sections.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>

namespace brio::watch {

namespace {

using Kind = ReviewCell::Kind;
using Row = std::vector<ReviewCell>;

std::string ms_text(double ms) {
    return ms <= 0 ? "0" : duration_text(std::chrono::nanoseconds(static_cast<std::int64_t>(ms * 1e6)));
}
std::string seconds_text(double seconds) { return ms_text(seconds * 1000); }
std::string decimal(double value) { return decimal_text(value, value < 10 ? 1 : 0); }

ReviewCell words(std::string text) { return {.text = std::move(text)}; }
ReviewCell code(std::string text) { return {.kind = Kind::code, .text = std::move(text)}; }
ReviewCell number(std::string text) { return {.kind = Kind::number, .text = std::move(text)}; }
ReviewCell count(std::uint64_t value) { return number(grouped(value)); }
ReviewCell milliseconds(std::optional<double> ms) { return number(ms ? ms_text(*ms) : ""); }
ReviewCell verdict(std::string text) { return {.kind = Kind::verdict, .text = std::move(text)}; }

std::string plan_of(const db::SlowStatement& slow) {
    std::string text = slow.plan;
    for (const db::IndexAdvice& each : slow.advice) {
        text += concat({text.empty() ? "" : "\n", each.migration,
                        each.after.empty() ? "" : concat({"\nwith it: ", each.after})});
    }
    return text;
}

ReviewCell course_of(const Review& review, const ReviewGoal& goal) {
    std::vector<float> values;
    for (const auto& each : goal.p95_ms_by_step) {
        values.push_back(each.value_or(std::numeric_limits<float>::quiet_NaN()));
    }
    const auto halves = review.before ? values.size() / 2 : 0;
    std::string text = "p95 by time";
    if (goal.figures.p95_ms) {
        text = concat({"p95 ", ms_text(*goal.figures.p95_ms), " on average, goal ", ms_text(goal.limit_ms)});
    }
    return {.kind = Kind::course,
            .text = text,
            .values = std::move(values),
            .limit = goal.limit_ms,
            .begins = halves};
}

ReviewSection goals_section(const Review& review) {
    ReviewSection section{
        .title = "Goals",
        .words = review.goals.empty()
                     ? "Nothing was done that has a goal."
                     : "Burn: misses, of those that the goal allows. Times are of what did not fail.",
        .columns = {{"verdict"},
                    {"goal"},
                    {"limit", true},
                    {"within", true},
                    {"asked", true},
                    {"burn", true},
                    {"count", true},
                    {"p95", true},
                    {"worst p99", true},
                    {"trend"},
                    {.title = "p95 by time", .is_drawn = true}}};
    if (review.goals.empty()) {
        section.columns.clear();
    }
    for (const ReviewGoal& each : review.goals) {
        const bool is_resource = each.scope == "resource";
        const auto limit = is_resource ? concat({decimal(each.limit_percent), " %"}) : ms_text(each.limit_ms);
        const auto worst =
            each.worst_p99_ms
                ? concat({ms_text(*each.worst_p99_ms), " (", minute_text(*each.worst_at).substr(5), ")"})
                : "";
        auto trend = each.trend.empty() || each.trend == "same"
                         ? each.trend
                         : concat({each.trend, ": ", each.trend_words});
        section.rows.push_back(Row{verdict(each.verdict),
                                   words(concat({each.scope == "request" ? "" : each.scope,
                                                 each.scope == "request" ? "" : " ", each.name})),
                                   number(limit), number(percent_text(each.figures.holds)),
                                   number(percent_text(each.share)), number(decimal(each.figures.burn)),
                                   count(each.figures.count), milliseconds(each.figures.p95_ms),
                                   number(worst), words(std::move(trend)), course_of(review, each)});
    }
    return section;
}

ReviewSection causes_section(const Review& review) {
    ReviewSection section{
        .title = "Where the time went",
        .words = review.causes.empty()
                     ? "Nothing was over its goal."
                     : "Of work over its goal: what it spent beyond what is usual, by phase.",
        .columns = {{"route or task"},
                    {"lost", true},
                    {"phases"},
                    {.title = "shares", .is_drawn = true},
                    {"for example"}}};
    if (review.causes.empty()) {
        section.columns.clear();
    }
    for (const ReviewCause& each : review.causes) {
        std::string phases;
        ReviewCell parts{.kind = Kind::parts};
        for (const ReviewPhase& phase : each.phases) {
            parts.values.push_back(static_cast<float>(phase.share));
            if (phase.share >= 0.01) {
                phases +=
                    concat({phases.empty() ? "" : ", ", percent_text(phase.share, 0), " ", phase.words});
            }
        }
        parts.text = phases;
        section.rows.push_back(Row{words(each.name), number(seconds_text(each.lost_seconds)), words(phases),
                                   parts, words(each.example)});
    }
    return section;
}

ReviewSection repeated_section(const Review& review) {
    ReviewSection section{
        .title = "Repeated statements (n+1)",
        .words =
            review.repeated.empty()
                ? "No request or task ran one statement again and again."
                : "One statement again and again in one request or task; runs and time are of the worst.",
        .columns = {{"route or task"},
                    {"statement"},
                    {"runs", true},
                    {"time", true},
                    {"of the goal", true},
                    {"times", true},
                    {"what mends it"}}};
    for (const db::RepeatedStatement& each : review.repeated) {
        section.rows.push_back(Row{words(each.endpoint), code(each.text), count(each.runs),
                                   milliseconds(each.took_ms),
                                   number(concat({integer_text(std::llround(each.share * 100)), " %"})),
                                   count(each.times), words(each.fix)});
    }
    return section;
}

ReviewSection slow_section(const Review& review) {
    ReviewSection section{.title = "Slow statements",
                          .words = review.slow.empty()
                                       ? "No statement was over its goal."
                                       : "Over their goal; the figures are of the slowest run.",
                          .columns = {{"route or task"},
                                      {"statement"},
                                      {"time", true},
                                      {"waited", true},
                                      {"rows", true},
                                      {"scanned", true},
                                      {"times", true},
                                      {"why"},
                                      {"plan, and what mends it"}}};
    for (const db::SlowStatement& each : review.slow) {
        section.rows.push_back(Row{words(each.endpoint), code(each.text), milliseconds(each.took_ms),
                                   milliseconds(each.waited_ms), count(each.rows), count(each.scanned),
                                   count(each.times), words(each.words), code(plan_of(each))});
    }
    return section;
}

ReviewSection budget_section(const Review& review) {
    ReviewSection section{
        .title = "Over budget",
        .words = "Routes that ran more statements than they say; of the worst.",
        .columns = {
            {"route or task"}, {"what ran"}, {"statements", true}, {"budget", true}, {"times", true}}};
    for (const db::ExceededBudget& each : review.over_budget) {
        section.rows.push_back(Row{words(each.endpoint), words(each.ran), count(each.statements),
                                   count(each.budget), count(each.times)});
    }
    return section;
}

ReviewSection indexes_section(const Review& review) {
    ReviewSection section{.title = "Indexes",
                          .words = review.missing_indexes.empty() && review.unused_indexes.empty()
                                       ? "None is missing or unused, as far as the statements tell that ran."
                                       : "What the statements that ran ask for, and what none of them uses.",
                          .columns = {{"table"}, {"index"}, {"why"}, {"migration"}}};
    for (const db::IndexAdvice& each : review.missing_indexes) {
        section.rows.push_back(
            Row{words(each.table), verdict("missing"), words(each.why), code(each.migration)});
    }
    for (const db::UnusedIndex& each : review.unused_indexes) {
        section.rows.push_back(Row{words(each.table), verdict("unused"),
                                   words(concat({each.index, ": ", each.why})), code(each.migration)});
    }
    return section;
}

ReviewSection cache_section(const Review& review) {
    ReviewSection section{.title = "Cache",
                          .words = review.cached.empty()
                                       ? "Nothing was asked of the cache."
                                       : "Saved: the hits, times what making each had taken.",
                          .columns = {{"route or query"},
                                      {"hits", true},
                                      {"misses", true},
                                      {"answered", true},
                                      {"making one", true},
                                      {"saved", true},
                                      {"saved before", true}}};
    for (const ReviewCached& each : review.cached) {
        section.rows.push_back(Row{words(each.name), count(each.hits), count(each.misses),
                                   number(percent_text(each.hit_ratio, 0)),
                                   number(each.rebuild_ms > 0 ? ms_text(each.rebuild_ms) : ""),
                                   number(seconds_text(each.saved_seconds)),
                                   number(each.saved_before ? seconds_text(*each.saved_before) : "")});
    }
    return section;
}

void add_queues(std::vector<ReviewSection>& sections, const Review& review) {
    if (review.queues.empty() && review.dead.empty()) {
        return;
    }
    ReviewSection queues{.title = "Queues",
                         .words = "What waits now, and the most that waited, for how long at most.",
                         .columns = {{"queue"},
                                     {"ready", true},
                                     {"scheduled", true},
                                     {"running", true},
                                     {"dead", true},
                                     {"most waiting", true},
                                     {"longest wait", true}}};
    for (const ReviewQueue& each : review.queues) {
        queues.rows.push_back(Row{words(each.is_paused ? each.name + " (paused)" : each.name),
                                  count(each.ready), count(each.scheduled), count(each.running),
                                  count(each.dead), number(decimal(each.most_waiting)),
                                  number(seconds_text(each.oldest_seconds))});
    }
    sections.push_back(std::move(queues));
    if (!review.dead.empty()) {
        ReviewSection dead{.title = "Dead tasks",
                           .words = "Failed for good; the error is the last one's.",
                           .columns = {{"task"}, {"dead", true}, {"error"}}};
        for (const ReviewDead& each : review.dead) {
            dead.rows.push_back(Row{words(each.task), count(each.count), words(each.error)});
        }
        sections.push_back(std::move(dead));
    }
}

ReviewSection headroom_section(const Review& review) {
    ReviewSection section{
        .title = "Headroom",
        .words = review.headroom.empty()
                     ? "Nothing is known of the limits."
                     : "How far each limit is if all goes on as it did; 95 % of such lines lie "
                       "within the error. A straight line knows no rhythm of days or weeks.",
        .columns = {{"limit"}, {.title = "used", .is_drawn = true}, {"outlook"}, {"in words"}}};
    for (const ReviewHeadroom& each : review.headroom) {
        section.rows.push_back(
            Row{words(each.name),
                {.kind = Kind::share,
                 .text = each.used > 0 ? concat({integer_text(std::llround(each.used * 100)), " %"}) : "",
                 .values = {static_cast<float>(each.used)}},
                verdict(each.outlook),
                words(each.words)});
    }
    return section;
}

}  // namespace

std::string minute_text(Timestamp at) {
    auto text = at.text().substr(0, 16);
    text[10] = ' ';
    return text;
}

std::vector<ReviewSection> sections_of(const Review& review) {
    std::vector<ReviewSection> sections{goals_section(review), causes_section(review)};
    if (review.is_running) {
        sections.push_back(repeated_section(review));
        sections.push_back(slow_section(review));
        if (!review.over_budget.empty()) {
            sections.push_back(budget_section(review));
        }
        sections.push_back(indexes_section(review));
    }
    sections.push_back(cache_section(review));
    add_queues(sections, review);
    sections.push_back(headroom_section(review));
    for (ReviewSection& each : sections) {
        if (each.rows.empty()) {
            each.columns.clear();
        }
    }
    return sections;
}

}  // namespace brio::watch
