#include <brio/load/find_limit.hpp>

#include <algorithm>
#include <cmath>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>
#include <brio/load/verdict.hpp>

namespace brio::load {
namespace {

using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds warm_up{500};
constexpr std::chrono::seconds patience{2};
constexpr nanoseconds rest_after_hold = std::chrono::milliseconds(200);
constexpr nanoseconds rest_after_miss = std::chrono::milliseconds(1500);  // what has piled up is worked off
constexpr double below = 0.75;   // of the limit: a rate at which the server is at ease
constexpr double beyond = 1.25;  // and one at which it is not
constexpr double most_beyond = 4;

double in_seconds(nanoseconds time) noexcept { return std::chrono::duration<double>(time).count(); }
double ms(std::uint64_t nanoseconds) noexcept { return static_cast<double>(nanoseconds) / 1e6; }

TrialStanding judge_goal(const Threshold& goal, const Judgement& judged, const RequestRecord& requests) {
    switch (goal.figure) {
        case Figure::quantile: {
            const Histogram latency = requests.latency();
            const auto limit = static_cast<std::uint64_t>(goal.limit);
            return judge_share(latency.count() - latency.count_up_to(limit), latency.count(),
                               1 - goal.quantile);
        }
        case Figure::error_rate: return judge_share(requests.failures, requests.requests(), goal.limit);
        case Figure::checks:
            return judge_share(requests.checks_failed, requests.checks_passed + requests.checks_failed,
                               1 - goal.limit);
        case Figure::mean:
        case Figure::max:
        case Figure::rps: break;
    }
    return judged.standing == Standing::held ? TrialStanding::held : TrialStanding::missed;
}

/// The server was not asked for the rate: too few were begun, or a goal was missed while the generator had no
/// CPU left.
bool is_generators(const Outcome& outcome, TrialStanding standing) noexcept {
    const Saturation& saturation = outcome.saturation;
    const bool busy = outcome.cpu.busiest_thread >= busy_limit && standing != TrialStanding::held;
    return saturation.is_saturated && outcome.record.dropped == 0 && (saturation.is_short || busy);
}
/// The generator's own waiting is so long that it can be what missed a goal.
bool is_late(std::span<const Threshold> goals, const Saturation& saturation) noexcept {
    constexpr double part = 0.3;
    return saturation.is_saturated && std::ranges::any_of(goals, [&](const Threshold& goal) {
               return goal.is_latency() && static_cast<double>(saturation.late_p99_ns) > part * goal.limit;
           });
}

/// A trial with all that was seen of it.
struct Seen {
    LimitTrial trial;
    Outcome outcome;
    std::optional<ServerWindow> server;
    std::string gone;  // LimitTools::Run
};

RunSeen seen_by_both(const Seen& seen) {
    const RequestRecord total = seen.outcome.record.total();
    return {.server = *seen.server,
            .client_mean_ms = total.latency().mean() / 1e6,
            .server_cores = seen.outcome.cpu.server,
            .failures = total.failure_ratio()};
}

class Finder {
public:
    Finder(const LimitTask& task, const LimitTools& tools)
        : task_(task),
          tools_(tools),
          search_(task.search) {}

    FoundLimit find() {
        while (const auto rate = search_.next()) {
            if (!attempt(*rate)) {
                break;
            }
        }
        found_.report.range = search_.range();
        if (found_.was_interrupted) {
            found_.report.remark = "the search was ended before it was done";
        }
        if (found_.was_interrupted || is_gone_) {
            end_early();
        } else {
            look_for_cause();
        }
        for (const Seen& each : seen_) {
            found_.report.trials.push_back(each.trial);
        }
        if (const Seen* best = held_up_to(found_.report.range.rate * 1.001)) {
            found_.outcome = best->outcome;
        } else if (!seen_.empty()) {
            found_.outcome = seen_.back().outcome;
        }
        return std::move(found_);
    }

private:
    void end_early() {
        const Seen* best = held_up_to(task_.search.highest);
        found_.report.range = {.rate = best == nullptr ? 0 : best->trial.rate, .is_at_least = true};
    }

    /// False when the person wants it to end, or the server is gone. A generator that could not offer the
    /// rate is asked again: it may have stalled once, for a reason of its machine's.
    bool attempt(double rate, bool is_second = false) {
        Seen seen = run(rate);
        if (!seen.gone.empty()) {
            is_gone_ = true;
            found_.report.remark = concat({"then the server is gone: ", seen.gone});
            return false;
        }
        const TrialJudgement judged = judge_trial(task_.goals, seen.outcome);
        seen.trial.standing = judged.standing;
        seen.trial.why = judged.why;
        if (seen.outcome.was_interrupted) {
            found_.was_interrupted = true;
            return false;
        }
        if (!judged.is_generator) {
            search_.add(rate, judged.standing);
        } else {
            seen.trial.standing = TrialStanding::unsure;
            if (is_second) {
                constexpr double reached = 0.95;
                search_.cap(std::min(seen.outcome.saturation.achieved, rate) * reached);
                found_.report.remark =
                    concat({"the generator goes no further: ", seen.outcome.saturation.why});
            }
        }
        tools_.say(seen.trial);
        const bool held = seen.trial.standing == TrialStanding::held;
        seen_.push_back(std::move(seen));
        found_.was_interrupted = tools_.rest(held ? rest_after_hold : rest_after_miss);
        if (judged.is_generator && !is_second && !found_.was_interrupted) {
            return attempt(rate, true);
        }
        return !found_.was_interrupted;
    }

    Seen run(double rate) const {
        Plan plan = task_.plan;
        const auto time = task_.trial.count() > 0 ? task_.trial : trial_time(task_.goals, rate);
        plan.stages = {{.duration = time, .from = rate, .to = rate}};
        plan.warm_up = warm_up;
        plan.patience = patience;
        auto [outcome, server, gone] = tools_.run(plan);
        const RequestRecord total = outcome.record.total();
        const Histogram latency = total.latency();
        return {.trial = {.rate = rate,
                          .achieved = outcome.requests_per_second(),
                          .p50_ms = ms(latency.quantile(0.5)),
                          .p99_ms = ms(latency.quantile(0.99)),
                          .error_rate = total.failure_ratio()},
                .outcome = std::move(outcome),
                .server = std::move(server),
                .gone = std::move(gone)};
    }

    const Seen* held_up_to(double rate) const {
        const Seen* best = nullptr;
        for (const Seen& each : seen_) {
            const bool fits = each.trial.standing == TrialStanding::held && each.trial.rate <= rate;
            best = fits && (best == nullptr || each.trial.rate >= best->trial.rate) ? &each : best;
        }
        return best;
    }
    const Seen* missed_beyond(double limit) const {
        const Seen* best = nullptr;
        const auto distance = [&](const Seen& seen) {
            return std::abs(std::log(seen.trial.rate / (limit * beyond)));
        };
        for (const Seen& each : seen_) {
            // one that is unsure because the generator was late says as well where the server's time went
            const bool fits = each.trial.standing != TrialStanding::held && each.server.has_value() &&
                              each.trial.rate >= limit * 1.08 && each.trial.rate <= limit * most_beyond;
            best = fits && (best == nullptr || distance(each) < distance(*best)) ? &each : best;
        }
        return best;
    }

    void look_for_cause() {
        const LimitRange& range = found_.report.range;
        auto& remark = found_.report.remark;
        if (range.is_at_least) {
            return;
        }
        if (!tools_.unwatched.empty()) {
            remark +=
                concat({remark.empty() ? "" : "; ", "what breaks first is not known: ", tools_.unwatched});
            return;
        }
        const double limit = range.is_none ? task_.search.lowest : range.rate;
        for (const double times : {beyond, beyond * beyond}) {
            if (missed_beyond(limit) == nullptr && !attempt(limit * times)) {
                return;
            }
        }
        const Seen* missed = missed_beyond(limit);
        const Seen* held = held_up_to(limit * below);
        held = held == nullptr ? held_up_to(limit) : held;
        if (missed == nullptr || missed->server->counted.phases.count == 0) {
            remark +=
                concat({remark.empty() ? "" : "; ",
                        missed == nullptr ? "beyond it nothing was missed while the server could be asked why"
                                          : "the server does not measure its requests: App::use(measure())"});
            return;
        }
        const RunSeen nothing;
        found_.report.cause =
            cause_of(held != nullptr && held->server ? seen_by_both(*held) : nothing, seen_by_both(*missed));
    }

    const LimitTask& task_;
    const LimitTools& tools_;
    LimitSearch search_;
    std::vector<Seen> seen_;
    bool is_gone_ = false;
    FoundLimit found_;
};

}  // namespace

FoundLimit find_limit(const LimitTask& task, const LimitTools& tools) { return Finder(task, tools).find(); }

nanoseconds trial_time(std::span<const Threshold> goals, double rate) {
    double share = 0.05;
    for (const Threshold& goal : goals) {
        if (goal.figure == Figure::quantile) {
            share = std::min(share, 1 - goal.quantile);
        } else if (goal.figure == Figure::error_rate) {
            share = std::min(share, goal.limit);
        }
    }
    constexpr double misses = 10;
    const double wanted = misses / std::max(share, 1e-4) / rate;
    return std::chrono::duration_cast<nanoseconds>(
        std::chrono::duration<double>(std::clamp(wanted, 2.0, 8.0)));
}

TrialJudgement judge_trial(std::span<const Threshold> goals, const Outcome& outcome) {
    TrialJudgement result{.standing = TrialStanding::held};
    const Verdict verdict = judge(goals, outcome.record, in_seconds(outcome.counted));
    for (std::size_t i = 0; i < goals.size(); ++i) {
        const auto requests = named(outcome.record, goals[i].name);
        if (!requests || verdict.goals[i].standing == Standing::idle) {
            continue;
        }
        const auto standing = judge_goal(goals[i], verdict.goals[i], *requests);
        const bool decides = standing == TrialStanding::missed ||
                             (standing == TrialStanding::unsure && result.standing == TrialStanding::held);
        if (result.standing != TrialStanding::missed && (decides || result.why.empty())) {
            result.standing = decides ? standing : result.standing;
            result.why = verdict.goals[i].words;
        }
    }
    if (outcome.record.dropped > 0 && outcome.saturation.is_saturated &&
        result.standing != TrialStanding::missed) {
        result = {.standing = TrialStanding::missed, .why = outcome.saturation.why};
    }
    if (result.standing == TrialStanding::missed && is_late(goals, outcome.saturation)) {
        result.standing = TrialStanding::unsure;
        result.why += concat({", but ", outcome.saturation.why});
    }
    if (outcome.record.total().requests() == 0) {
        result.standing = TrialStanding::unsure;
        result.why = "no request was made";
    }
    result.is_generator = is_generators(outcome, result.standing);
    return result;
}

}  // namespace brio::load
