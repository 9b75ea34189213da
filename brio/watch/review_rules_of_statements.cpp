#include <brio/watch/review_rules.hpp>

#include <algorithm>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>

namespace brio::watch {

namespace {

std::string as_sentence(std::string words) {
    if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') {
        words[0] = static_cast<char>(words[0] - 'a' + 'A');
    }
    return sentence(words);
}

// A program runs so long before its indexes are called useless: a report of each night may ask by one.
constexpr std::chrono::hours a_day_of_use{25};

bool has_run_a_day(const Review& review) {
    return review.began && Timestamp::Time(review.at) - Timestamp::Time(*review.began) >= a_day_of_use;
}

constexpr double little = 0.1;  // seconds in all that nobody looks into

std::string times(std::uint64_t count) { return concat({grouped(count), count == 1 ? " time" : " times"}); }

/// All runs of a statement of this route or kind of tasks.
double seconds_of(const ReviewRules& rules, const db::SlowStatement& slow) {
    const auto found = std::ranges::find_if(rules.statements, [&](const db::StatementLine& line) {
        return line.statement == slow.statement && line.endpoint == slow.endpoint;
    });
    return found == rules.statements.end() ? 0 : found->took_ms / 1000;
}

std::string index_words(const db::IndexAdvice& advice) {
    std::string columns;
    for (const std::string& each : advice.columns) {
        columns += concat({columns.empty() ? "" : ", ", each});
    }
    return concat({"add an index on ", advice.table, " (", columns, ")"});
}

void mend_repeated(ReviewRules& rules) {
    for (const db::RepeatedStatement& each : rules.review.repeated) {
        const auto runs = static_cast<double>(std::max<std::uint64_t>(each.runs, 1));
        const double saved_ms = each.took_ms * (1 - 1 / runs);
        const auto of_goal =
            each.share > 0 ? concat({", ", percent_text(std::min(each.share, 1.0), 0), " of its goal"}) : "";
        rules.add({.urgency = rules.urgency_of(each.endpoint, saved_ms),
                   .what = concat({each.endpoint, ": run \"", each.statement, "\" once, not ",
                                   grouped(each.runs), " times"}),
                   .how = as_sentence(each.fix),
                   .why = sentence(
                       concat({"n+1, ", times(each.times), "; in the worst ",
                               review_time(each.took_ms / 1000), of_goal, rules.miss_words(each.endpoint)})),
                   .gain = concat({"up to ", review_time(saved_ms / 1000), " of each"}),
                   .gain_seconds = saved_ms / 1000 * static_cast<double>(each.times),
                   .about = each.endpoint});
    }
}

void mend_slow(ReviewRules& rules, const db::SlowStatement& slow) {
    const double worst_each_time =
        std::max(0.0, slow.took_ms - slow.goal_ms) / 1000 * static_cast<double>(slow.times);
    const double counted = seconds_of(rules, slow);
    const double all = counted > 0 ? counted : worst_each_time;
    const double over = std::min(worst_each_time, all);
    const auto why = sentence(
        concat({"\"", slow.statement, "\" of ", slow.endpoint, " was over its goal of ",
                review_time(slow.goal_ms / 1000), " ", times(slow.times), ", ",
                review_time(slow.took_ms / 1000), " at worst",
                slow.words.empty() ? "" : concat({": ", slow.words}), rules.miss_words(slow.endpoint)}));
    const auto urgency = rules.urgency_of(slow.endpoint, slow.took_ms);
    if (slow.advice.empty() && over < little) {
        return;
    }
    if (slow.advice.empty()) {
        rules.add({.urgency = urgency,
                   .what = concat({slow.endpoint, ": make \"", slow.statement, "\" faster"}),
                   .how = slow.plan.empty() ? "" : "Its plan is below.",
                   .why = why,
                   .gain = concat({"up to ", review_time(over), " over its goal"}),
                   .gain_seconds = over,
                   .about = slow.endpoint});
        return;
    }
    // What it steps over without giving it.
    const double useless =
        slow.scanned > slow.rows ? 1 - static_cast<double>(slow.rows) / static_cast<double>(slow.scanned) : 1;
    for (const db::IndexAdvice& advice : slow.advice) {
        rules.add({.urgency = urgency,
                   .what = index_words(advice),
                   .code = advice.migration,
                   .why = why,
                   .gain = concat({"up to ", review_time(all * useless), " of the ", review_time(all),
                                   " that the statement took"}),
                   .gain_seconds = all * useless,
                   .about = slow.endpoint});
    }
}

void mend_indexes(ReviewRules& rules) {
    for (const db::IndexAdvice& advice : rules.review.missing_indexes) {
        rules.add({.urgency = std::string(useful),
                   .what = index_words(advice),
                   .code = advice.migration,
                   .why = sentence(advice.why),
                   .gain = "its scans",
                   .about = advice.table});
    }
    if (!has_run_a_day(rules.review)) {
        return;
    }
    for (const db::UnusedIndex& each : rules.review.unused_indexes) {
        rules.add({.urgency = std::string(useful),
                   .what = concat({"think of dropping the index ", each.index}),
                   .code = each.migration,
                   .why = sentence(each.why),
                   .gain = "what keeping it costs each write",
                   .about = each.table});
    }
}

void mend_budget(ReviewRules& rules) {
    for (const db::ExceededBudget& each : rules.review.over_budget) {
        rules.add(
            {.urgency = std::string(rules.missed(each.endpoint) != nullptr ? important : useful),
             .what = concat({each.endpoint, ": run no more than its ", grouped(each.budget), " statements"}),
             .why = sentence(concat({times(each.times), " more; in the worst ", each.ran})),
             .gain = "what the others take",
             .about = each.endpoint});
    }
}

}  // namespace

void mend_statements(ReviewRules& rules) {
    mend_repeated(rules);
    for (const db::SlowStatement& each : rules.review.slow) {
        mend_slow(rules, each);
    }
    mend_budget(rules);
    mend_indexes(rules);
}

}  // namespace brio::watch
