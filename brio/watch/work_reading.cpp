#include <brio/watch/work_reading.hpp>

#include <algorithm>
#include <numeric>
#include <span>

#include <brio/base/text.hpp>

namespace brio::watch {

namespace {

/// A family of the program's metrics that tells of work.
struct Source {
    std::string_view family;
    Scope scope;
    std::string_view label;  // that names the work
};
constexpr Source durations[] = {{"http_request_duration_seconds", Scope::request, "endpoint"},
                                {"db_query_duration_seconds", Scope::query, "query_type"},
                                {"db_goal_query_duration_seconds", Scope::query, "query"},
                                {"task_duration_seconds", Scope::task, "task_type"}};
constexpr Source all_phases[] = {{"http_request_phase_seconds", Scope::request, "endpoint"},
                                 {"task_phase_seconds", Scope::task, "task_type"}};
constexpr Source over_phases[] = {{"http_request_overrun_seconds", Scope::request, "endpoint"},
                                  {"task_overrun_seconds", Scope::task, "task_type"}};

constexpr std::string_view unmatched = "unmatched";  // of requests that no route answers

const Source* source_of(std::span<const Source> sources, std::string_view family) noexcept {
    const auto found = std::ranges::find(sources, family, &Source::family);
    return found != sources.end() ? &*found : nullptr;
}

void read_durations(const metrics::FamilyView& family, const Source& source, WorkReading& reading) {
    for (const metrics::SeriesView& series : family.series) {
        auto name = std::string(label_of(family, series, source.label));
        if (name == unmatched) {
            continue;
        }
        if (source.scope == Scope::request) {
            name = concat({label_of(family, series, "method"), " ", name});
        }
        WorkCounts counts;
        if (label_of(family, series, "status").starts_with('5')) {
            counts.failed = series.count;
        } else {
            counts.buckets.assign(series.buckets.begin(), series.buckets.end());
            counts.took_ns = series.sum_ns;
        }
        reading.counts[{source.scope, std::move(name)}] += counts;
    }
}

void read_phases(const metrics::FamilyView& family, const Source& source,
                 std::map<WorkKey, ledger::PhaseSums>& phases) {
    for (const metrics::SeriesView& series : family.series) {
        const auto phase = std::ranges::find(ledger::phase_names, label_of(family, series, "phase"));
        if (phase == ledger::phase_names.end()) {
            continue;
        }
        if (source.scope == Scope::task && *phase == ledger::name(ledger::Phase::wait)) {
            continue;  // the goal is of the try
        }
        auto& sums = phases[{source.scope, std::string(label_of(family, series, source.label))}];
        sums.ns[static_cast<std::size_t>(phase - ledger::phase_names.begin())] += series.sum_ns;
        sums.count = std::max(sums.count, series.count);  // every phase is at most once in each
    }
}

}  // namespace

std::string_view name_of(Scope scope) noexcept {
    static constexpr std::string_view names[] = {"request", "query", "task", "resource"};
    return names[static_cast<std::size_t>(scope)];
}

std::uint64_t WorkCounts::total() const noexcept {
    return std::accumulate(buckets.begin(), buckets.end(), failed);
}

std::uint64_t WorkCounts::within(const metrics::Edges& edges, std::chrono::nanoseconds limit) const noexcept {
    const auto end =
        std::min<std::size_t>(edges.bucket(static_cast<std::uint64_t>(limit.count())) + 1, buckets.size());
    return std::accumulate(buckets.begin(), buckets.begin() + static_cast<std::ptrdiff_t>(end),
                           std::uint64_t{0});
}

WorkCounts WorkCounts::operator-(const WorkCounts& before) const {
    WorkCounts difference = *this;
    difference.failed -= before.failed;
    difference.took_ns -= before.took_ns;
    for (std::size_t i = 0; i < before.buckets.size() && i < buckets.size(); ++i) {
        difference.buckets[i] -= before.buckets[i];
    }
    return difference;
}

WorkCounts& WorkCounts::operator+=(const WorkCounts& other) {
    buckets.resize(std::max(buckets.size(), other.buckets.size()));
    for (std::size_t i = 0; i < other.buckets.size(); ++i) {
        buckets[i] += other.buckets[i];
    }
    failed += other.failed;
    took_ns += other.took_ns;
    return *this;
}

WorkReading read_work(metrics::Registry& registry) {
    WorkReading reading;
    registry.visit([&](const metrics::FamilyView& family) {
        if (const Source* source = source_of(durations, family.spec.name)) {
            read_durations(family, *source, reading);
        } else if (source = source_of(all_phases, family.spec.name); source != nullptr) {
            read_phases(family, *source, reading.phases);
        } else if (source = source_of(over_phases, family.spec.name); source != nullptr) {
            read_phases(family, *source, reading.overrun_phases);
        }
    });
    return reading;
}

std::string_view phases_name(Scope scope, std::string_view name) noexcept {
    return scope == Scope::request ? name.substr(std::min(name.find(' ') + 1, name.size())) : name;
}

std::string_view label_of(const metrics::FamilyView& family, const metrics::SeriesView& series,
                          std::string_view label) noexcept {
    const auto at = std::ranges::find(family.spec.labels, label) - family.spec.labels.begin();
    return at < static_cast<std::ptrdiff_t>(series.values.size())
               ? std::string_view(series.values[static_cast<std::size_t>(at)])
               : std::string_view();
}

}  // namespace brio::watch
