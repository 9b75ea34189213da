#include <brio/watch/review_rules.hpp>

#include <algorithm>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>
#include <brio/watch/verdict.hpp>
#include <brio/watch/work_reading.hpp>

namespace brio::watch {

namespace {

constexpr double few_days = 3;
constexpr double some_weeks = 30;
constexpr double long_wait = 60;  // seconds
constexpr double rarely_hit = 0.2;
constexpr std::uint64_t often = 100;

std::string room_for(std::string_view resource) {
    return resource == "cpu"
               ? "Give it more processors or another instance, or see what it computes (profile)."
           : resource == "memory" ? "Give it more memory, or a smaller cache (BRIO_LIMIT_CACHE_BYTES)."
                                  : "Raise DATABASE_POOL, or shorten what holds the connections.";
}

void mend_resource(ReviewRules& rules, const ReviewGoal& goal) {
    if (goal.scope != name_of(Scope::resource) || goal.verdict != name_of(Standing::missed)) {
        return;
    }
    rules.add({.urgency = std::string(goal.alarm == name_of(Alarm::fast) ? urgent : important),
               .what = concat({"more room for ", goal.name}),
               .how = room_for(goal.name),
               .why = concat({"Within its goal of ", percent_text(goal.limit_percent / 100), " in ",
                              percent_text(goal.figures.holds), " of ", grouped(goal.figures.count),
                              " readings; asked are ", percent_text(goal.share), "."}),
               .gain = "room for more work",
               .about = goal.name});
}

void mend_limit(ReviewRules& rules, const ReviewHeadroom& headroom) {
    if (headroom.refused > 0) {
        rules.add(
            {.urgency = std::string(urgent),
             .what = concat({"raise the ", headroom.name, ", or find what fills it"}),
             .why = sentence(headroom.words),
             .gain = concat({"up to ", grouped(headroom.refused), " that had to wait or were turned away"}),
             .about = headroom.name});
    } else if (headroom.days_soonest && *headroom.days_soonest <= some_weeks) {
        rules.add({.urgency = std::string(*headroom.days_soonest <= few_days ? urgent : important),
                   .what = concat({"make room: ", headroom.name, " meets its limit"}),
                   .why = sentence(headroom.words),
                   .gain = "time",
                   .about = headroom.name});
    }
}

void mend_dead(ReviewRules& rules, const ReviewDead& dead) {
    rules.add({.urgency = std::string(important),
               .what = concat({"mend task ", dead.task, ", then retry its dead ones"}),
               .code = concat({rules.review.program, " task retry --name ", dead.task}),
               .why = sentence(concat({grouped(dead.count), " failed for good, the last with ", dead.error})),
               .gain = concat({grouped(dead.count),
                               dead.count == 1 ? " task that is not done" : " tasks that are not done"}),
               .about = dead.task});
}

void mend_queue(ReviewRules& rules, const ReviewQueue& queue) {
    if (queue.ready == 0) {
        return;
    }
    if (queue.is_paused) {
        rules.add({.urgency = std::string(important),
                   .what = concat({"resume queue ", queue.name, ", or purge it"}),
                   .code = concat({rules.review.program, " queue resume ", queue.name}),
                   .why = concat({"It is paused, and ", grouped(queue.ready), " wait in it."}),
                   .gain = "these tasks",
                   .about = queue.name});
    } else if (queue.oldest_seconds > long_wait) {
        rules.add({.urgency = std::string(important),
                   .what = concat({"give queue ", queue.name, " more workers"}),
                   .how = "serve --workers, or BRIO_WORKER_CONCURRENCY.",
                   .why = concat({"Tasks waited for up to ", review_time(queue.oldest_seconds), "; ",
                                  grouped(queue.ready), " wait now."}),
                   .gain = "that wait",
                   .about = queue.name});
    }
}

void mend_cached(ReviewRules& rules, const ReviewCached& cached) {
    const auto asked = cached.hits + cached.misses;
    if (cached.hit_ratio >= rarely_hit || asked < often) {
        return;
    }
    const double lost = cached.rebuild_ms / 1000 * static_cast<double>(cached.misses);
    rules.add({.urgency = std::string(useful),
               .what = concat({"make the cache of ", cached.name, " answer more, or do without"}),
               .how = "Keep it longer, or let it depend on fewer parameters or tables.",
               .why = concat({"It answers ", percent_text(cached.hit_ratio), " of ", grouped(asked), "."}),
               .gain = lost > 0 ? concat({"up to ", review_time(lost), " of making anew"})
                                : std::string("what keeping it costs"),
               .gain_seconds = lost,
               .about = cached.name});
}

}  // namespace

void mend_resources(ReviewRules& rules) {
    const Review& review = rules.review;
    std::ranges::for_each(review.goals, [&](const auto& each) { mend_resource(rules, each); });
    std::ranges::for_each(review.headroom, [&](const auto& each) { mend_limit(rules, each); });
    std::ranges::for_each(review.dead, [&](const auto& each) { mend_dead(rules, each); });
    std::ranges::for_each(review.queues, [&](const auto& each) { mend_queue(rules, each); });
    std::ranges::for_each(review.cached, [&](const auto& each) { mend_cached(rules, each); });
}

}  // namespace brio::watch
