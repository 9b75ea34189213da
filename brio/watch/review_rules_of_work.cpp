#include <brio/watch/review_rules.hpp>

#include <algorithm>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>
#include <brio/ledger/phase.hpp>
#include <brio/watch/verdict.hpp>
#include <brio/watch/work_reading.hpp>

namespace brio::watch {

namespace {

constexpr double much_of_overrun = 0.2;

std::string profile_words(std::string_view program, std::string_view name) {
    return concat({program, " profile --name ", name, " shows which functions take it."});
}

/// What one does about a phase that makes work late.
std::string remedy(ledger::Phase phase, std::string_view program, std::string_view name) {
    using enum ledger::Phase;
    switch (phase) {
        case read:
            return "Requests come in slowly: see who sends them, and how much; BRIO_LIMIT_BODY bounds it.";
        case queue: return concat({"Something holds the event loops up: ", program, " profile shows what."});
        case validate: return "Ask for less in a request, or bound its body (BRIO_LIMIT_BODY).";
        case cache: return "Give stale answers while one makes a new one (stale-while-revalidate).";
        case pool: return "Raise DATABASE_POOL, or shorten what holds the connections.";
        case db: return "Its statements are at /queries of the admin port.";
        case decode: return "Its statements give many rows: ask for fewer, or for fewer columns.";
        case offload: return "Raise BRIO_OFFLOAD_THREADS, or do less there.";
        case enqueue: return "Push several tasks at once, or see why the broker takes them slowly.";
        case outbound:
            return "Others answer slowly: a shorter timeout, a cache, or a task in the background.";
        case serialise: return "Its answers are large: fewer fields, or smaller pages.";
        case compress: return "Compress less, or let the cache keep the compressed answer.";
        case write: return "Clients take the answer slowly: make it smaller, or a stream.";
        case wait: return "More workers, or fewer tasks in this queue.";
        case store: return "Keep no result that nobody reads, or a smaller one.";
        case handler:
        case run: break;
    }
    return concat({"It computes, or waits for what is not Brio's: ", profile_words(program, name)});
}

void mend_cause(ReviewRules& rules, const ReviewCause& cause) {
    const ReviewGoal* goal = rules.missed(cause.name);
    if (goal == nullptr) {
        return;
    }
    const bool has_statements = rules.explains(cause.name);
    for (const ReviewPhase& each : cause.phases) {
        const auto phase = static_cast<ledger::Phase>(std::ranges::find(ledger::phase_names, each.phase) -
                                                      ledger::phase_names.begin());
        const bool is_of_statements = phase == ledger::Phase::db || phase == ledger::Phase::decode;
        if (each.share < much_of_overrun || (has_statements && is_of_statements)) {
            continue;
        }
        rules.add({.urgency = std::string(goal->alarm == name_of(Alarm::fast) ? urgent : important),
                   .what = concat({cause.name, ": less time in ", each.words}),
                   .how = remedy(phase, rules.review.program, cause.name),
                   .why = sentence(
                       concat({goal->name, " misses its goal: ", percent_text(goal->figures.holds), " of ",
                               grouped(goal->figures.count), " within ", review_time(goal->limit_ms / 1000),
                               "; of the overrun ", percent_text(each.share, 0), " is ", each.words,
                               cause.example.empty() ? "" : ". For example ", cause.example})),
                   .gain = concat({"up to ", percent_text(each.share, 0), " of its overrun, ",
                                   review_time(each.seconds), " in ", rules.review.since}),
                   .gain_seconds = each.seconds,
                   .about = cause.name});
    }
}

bool has_dead(const Review& review, std::string_view task) {
    return std::ranges::find(review.dead, task, &ReviewDead::task) != review.dead.end();
}

void mend_failures(ReviewRules& rules, const ReviewGoal& goal) {
    const auto allowed = (1 - goal.share) * static_cast<double>(goal.figures.count);
    const bool is_task = goal.scope == name_of(Scope::task);
    if (goal.figures.count < least_to_judge(goal.share) ||
        static_cast<double>(goal.figures.failed) <= allowed ||
        (is_task && has_dead(rules.review, goal.name))) {
        return;
    }
    rules.add(
        {.urgency = std::string(goal.alarm == name_of(Alarm::fast) ? urgent : important),
         .what = concat({goal.name, ": see why it fails"}),
         .how = is_task ? "The log has each try's error (/api/log at the admin port)."
                        : "The log has why (/api/log at the admin port), /api/slow?why=failed the last ones.",
         .why = concat({grouped(goal.figures.failed), " of ", grouped(goal.figures.count), " failed."}),
         .gain = "these failures",
         .about = std::string(phases_name(is_task ? Scope::task : Scope::request, goal.name))});
}

void look_at_trend(ReviewRules& rules, const ReviewGoal& goal) {
    if (goal.trend == "worse" && goal.verdict != name_of(Standing::missed)) {
        rules.add({.urgency = std::string(useful),
                   .what = concat({goal.name, ": see what made it slower before its goal is missed"}),
                   .why = sentence(goal.trend_words),
                   .gain = "its goal stays held",
                   .about = goal.name});
    }
}

}  // namespace

void mend_work(ReviewRules& rules) {
    for (const ReviewCause& each : rules.review.causes) {
        mend_cause(rules, each);
    }
    for (const ReviewGoal& each : rules.review.goals) {
        mend_failures(rules, each);
        look_at_trend(rules, each);
    }
}

}  // namespace brio::watch
