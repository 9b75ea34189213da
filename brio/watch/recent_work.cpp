#include <brio/watch/recent_work.hpp>

#include <algorithm>
#include <numeric>

#include <brio/base/text.hpp>

namespace brio::watch {

namespace {

struct Source {
    std::string_view family;
    Scope scope;
    std::string_view label;
};
constexpr Source durations[] = {{"http_request_duration_seconds", Scope::request, "endpoint"},
                                {"db_query_duration_seconds", Scope::query, "query_type"},
                                {"task_duration_seconds", Scope::task, "task_type"}};
constexpr Source phase_sums[] = {{"http_request_phase_seconds", Scope::request, "endpoint"},
                                 {"task_phase_seconds", Scope::task, "task_type"}};

constexpr std::string_view unmatched = "unmatched";

const Source* source_of(std::span<const Source> sources, std::string_view family) noexcept {
    const auto found = std::ranges::find(sources, family, &Source::family);
    return found != sources.end() ? &*found : nullptr;
}

std::string_view value_of(const metrics::FamilyView& family, const metrics::SeriesView& series,
                          std::string_view label) noexcept {
    const auto at =
        static_cast<std::size_t>(std::ranges::find(family.spec.labels, label) - family.spec.labels.begin());
    return at < series.values.size() ? std::string_view(series.values[at]) : std::string_view();
}

void add(std::vector<std::uint64_t>& to, std::span<const std::uint64_t> what) {
    to.resize(std::max(to.size(), what.size()));
    for (std::size_t i = 0; i < what.size(); ++i) {
        to[i] += what[i];
    }
}

std::uint64_t sum_of(std::span<const std::uint64_t> counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

double milliseconds(double ns) { return ns / 1e6; }

/// Requests' phases are kept by route, for all its methods.
std::string phases_name(Scope scope, const std::string& name) {
    return scope == Scope::request ? name.substr(std::min(name.find(' ') + 1, name.size())) : name;
}

}  // namespace

RecentWork::RecentWork(metrics::Registry& registry, GoalRules rules, Clock clock)
    : registry_(registry),
      rules_(std::move(rules)),
      clock_(std::move(clock)) {}

std::int64_t RecentWork::slot_now() const { return clock_() / slot_length; }

RecentWork::All RecentWork::read() const {
    All all;
    registry_.visit([&](const metrics::FamilyView& family) {
        if (const Source* source = source_of(durations, family.spec.name)) {
            for (const metrics::SeriesView& series : family.series) {
                auto name = std::string(value_of(family, series, source->label));
                if (name == unmatched) {
                    continue;
                }
                if (source->scope == Scope::request) {
                    name = concat({value_of(family, series, "method"), " ", name});
                }
                const auto limit = rules_.limit_of(source->scope, name);
                const auto within = family.edges.bucket(static_cast<std::uint64_t>(limit.count())) + 1;
                Reading& reading = all.done[{source->scope, std::move(name)}];
                add(reading.buckets, series.buckets);
                if (value_of(family, series, "status").starts_with('5')) {
                    reading.failed += series.count;
                } else {
                    reading.good +=
                        sum_of(series.buckets.first(std::min<std::size_t>(within, series.buckets.size())));
                }
            }
        } else if (const Source* phased = source_of(phase_sums, family.spec.name)) {
            for (const metrics::SeriesView& series : family.series) {
                const auto phase = std::ranges::find(ledger::phase_names, value_of(family, series, "phase"));
                if (phase != ledger::phase_names.end()) {
                    auto& sums =
                        all.phases[{phased->scope, std::string(value_of(family, series, phased->label))}];
                    sums.ns[static_cast<std::size_t>(phase - ledger::phase_names.begin())] += series.sum_ns;
                    sums.count = std::max(sums.count, series.count);
                }
            }
        }
    });
    return all;
}

void RecentWork::look() {
    take(read());
    if (!has_looked_) {
        has_looked_ = true;
        first_look_ = clock_();
    }
}

void RecentWork::take(All now) {
    const auto number = slot_now();
    const auto at = static_cast<std::size_t>(number % slots);
    for (auto& [key, reading] : now.done) {
        if (!work_.contains(key) && work_.size() >= most_goals) {
            continue;
        }
        Work& work = work_[key];
        auto& [slot_number, done] = work.recent[at];
        if (slot_number != number) {
            slot_number = number;
            done = {};
        }
        if (has_looked_ && sum_of(reading.buckets) != sum_of(work.seen.buckets)) {
            Buckets came = reading.buckets;
            for (std::size_t i = 0; i < work.seen.buckets.size(); ++i) {
                came[i] -= work.seen.buckets[i];
            }
            add(done.buckets, came);
            done.good += reading.good - work.seen.good;
            done.failed += reading.failed - work.seen.failed;
        }
        work.seen = std::move(reading);
    }
    for (const auto& [key, sums] : now.phases) {
        if (!phases_.contains(key) && phases_.size() >= most_goals) {
            continue;
        }
        Phases& phases = phases_[key];
        auto& slot = phases.recent[at];
        if (slot.number != number) {
            slot = {.number = number, .sums = {}};
        }
        if (has_looked_) {
            slot.sums += sums - phases.seen;
        }
        phases.seen = sums;
    }
}

std::vector<PhaseTime> RecentWork::phases_of(const Key& key) const {
    const auto found = phases_.find({key.scope, phases_name(key.scope, key.name)});
    if (found == phases_.end()) {
        return {};
    }
    PhaseSums sums;
    for (const PhaseSlot& slot : found->second.recent) {
        if (is_recent(slot.number)) {
            sums += slot.sums;
        }
    }
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

WorkRate RecentWork::rate_of(const Key& key, const Work& work) const {
    Reading done;
    for (const Slot& slot : work.recent) {
        if (is_recent(slot.number)) {
            add(done.buckets, slot.done.buckets);
            done.good += slot.done.good;
            done.failed += slot.done.failed;
        }
    }
    WorkRate rate{.scope = std::string(name_of(key.scope)),
                  .name = key.name,
                  .limit_ms = milliseconds(static_cast<double>(rules_.limit_of(key.scope, key.name).count())),
                  .count = sum_of(done.buckets),
                  .failed = done.failed,
                  .total = sum_of(work.seen.buckets),
                  .phases = phases_of(key)};
    if (rate.count > 0) {
        const std::chrono::duration<double> watched =
            std::clamp<std::chrono::nanoseconds>(clock_() - first_look_, slot_length, window);
        const auto quantile = [&](double q) {
            return milliseconds(metrics::quantile(registry_.edges(), done.buckets, q));
        };
        rate.per_second = static_cast<double>(rate.count) / watched.count();
        rate.p50_ms = quantile(0.50);
        rate.p95_ms = quantile(0.95);
        rate.p99_ms = quantile(0.99);
        rate.holds = static_cast<double>(done.good) / static_cast<double>(rate.count);
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

}  // namespace brio::watch
