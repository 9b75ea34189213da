#include <brio/watch/recent_work.hpp>

#include <algorithm>

#include <brio/metrics/registry.hpp>
#include <brio/watch/goal_history.hpp>

namespace brio::watch {

namespace {

double milliseconds(double ns) { return ns / 1e6; }

}  // namespace

RecentWork::RecentWork(const metrics::Edges& edges, GoalRules rules, Clock clock)
    : edges_(edges),
      rules_(std::move(rules)),
      clock_(std::move(clock)) {}

template <class Sum>
void RecentWork::Ring<Sum>::add(std::int64_t number, const Sum& now, bool counts) {
    Slot& slot = recent[static_cast<std::size_t>(number % slots)];
    if (slot.number != number) {
        slot = {.number = number, .sum = {}};
    }
    if (counts) {
        slot.sum += now - seen;
    }
    seen = now;
}

template <class Sum>
Sum RecentWork::Ring<Sum>::within(std::int64_t number) const {
    Sum sum;
    for (const Slot& slot : recent) {
        if (slot.number > number - slots && slot.number <= number) {
            sum += slot.sum;
        }
    }
    return sum;
}

void RecentWork::look(const WorkReading& reading) {
    const auto number = slot_now();
    const auto take = [&](auto& rings, const auto& all) {
        for (const auto& [key, now] : all) {
            if (rings.size() < most_goals || rings.contains(key)) {
                rings[key].add(number, now, has_looked_);
            }
        }
    };
    take(work_, reading.counts);
    take(phases_, reading.phases);
    if (!std::exchange(has_looked_, true)) {
        first_look_ = clock_();
    }
}

std::vector<PhaseTime> RecentWork::phases_of(const WorkKey& key) const {
    const auto found = phases_.find({key.scope, std::string(phases_name(key.scope, key.name))});
    if (found == phases_.end()) {
        return {};
    }
    const auto sums = found->second.within(slot_now());
    std::vector<PhaseTime> phases;
    for (std::size_t i = 0; i < ledger::phase_count; ++i) {
        if (sums.ns[i] > 0 && sums.count > 0) {
            phases.push_back(
                {.phase = std::string(ledger::phase_names[i]),
                 .ms = milliseconds(static_cast<double>(sums.ns[i])) / static_cast<double>(sums.count)});
        }
    }
    return phases;
}

std::chrono::duration<double> RecentWork::watched() const {
    return std::clamp<std::chrono::nanoseconds>(clock_() - first_look_, slot_length, window);
}

WorkRate RecentWork::rate_of(const WorkKey& key, const Ring<WorkCounts>& work) const {
    const auto done = work.within(slot_now());
    const auto limit = rules_.limit_of(key.scope, key.name);
    WorkRate rate{.scope = std::string(name_of(key.scope)),
                  .name = key.name,
                  .limit_ms = milliseconds(static_cast<double>(limit.count())),
                  .share = rules_.share_of(key.scope, key.name),
                  .count = done.total(),
                  .failed = done.failed,
                  .total = work.seen.total(),
                  .phases = phases_of(key)};
    if (rate.count > 0) {
        const auto quantile = [&](double q) {
            return milliseconds(metrics::quantile(edges_, done.buckets, q));
        };
        rate.per_second = static_cast<double>(rate.count) / watched().count();
        rate.p50_ms = quantile(0.50);
        rate.p95_ms = quantile(0.95);
        rate.p99_ms = quantile(0.99);
        if (const auto well = rate.count - rate.failed; well > 0) {
            rate.mean_ms = milliseconds(static_cast<double>(done.took_ns)) / static_cast<double>(well);
        }
        rate.holds = static_cast<double>(done.within(edges_, limit)) / static_cast<double>(rate.count);
    }
    return rate;
}

std::vector<WorkRate> RecentWork::rates() const {
    std::vector<WorkRate> rates;
    rates.reserve(work_.size());
    for (const auto& [key, work] : work_) {
        rates.push_back(rate_of(key, work));
    }
    return rates;
}

WorkDone RecentWork::done(Scope scope) const {
    WorkDone done{.watched = watched()};
    for (const auto& [key, work] : work_) {
        if (key.scope == scope) {
            const auto counts = work.within(slot_now());
            done.good += counts.within(edges_, rules_.limit_of(scope, key.name));
            done.asked += rules_.share_of(scope, key.name) * static_cast<double>(counts.total());
            done.counts += counts;
        }
    }
    return done;
}

}  // namespace brio::watch
