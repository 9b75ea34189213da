#include <brio/watch/history.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace brio::watch {

namespace {

constexpr auto unknown = std::numeric_limits<double>::quiet_NaN();

/// A gauge that is kept as it is at each look, or, with Fold::sum, a counter: what came since the last one.
struct Figure {
    std::string_view family;
    std::string_view of;
    std::string_view label;  // that names the line; empty: there is one
    std::string_view figure;
    std::string_view unit;
    Fold fold = Fold::mean;
};
constexpr Figure figures[] = {
    {"cpu_usage_percent", "resources", "", "cpu", "percent"},
    {"memory_usage_bytes", "resources", "", "memory", "bytes"},
    {"memory_limit_bytes", "resources", "", "memory_limit", "bytes"},
    {"process_open_fds", "resources", "", "open_files", "count"},
    {"process_max_fds", "resources", "", "most_files", "count"},
    {"process_threads", "resources", "", "threads", "count"},
    {"loop_lag_seconds", "resources", "loop", "loop_lag", "seconds", Fold::most},
    {"db_pool_connections", "resources", "state", "connections", "count"},
    {"db_pool_max", "resources", "", "most_connections", "count"},
    {"limit_in_use", "resources", "limit", "limit", "count", Fold::most},
    {"limit_max", "resources", "limit", "limit_most", "count", Fold::most},
    {"http_requests_in_flight", "resources", "", "in_flight", "count"},
    {"db_file_bytes", "resources", "", "database", "bytes"},
    {"db_disk_free_bytes", "resources", "", "disk_free", "bytes"},
    {"task_queue_length", "queues", "queue", "waiting", "count"},
    {"task_queue_oldest_seconds", "queues", "queue", "oldest", "seconds", Fold::most},
    {"limit_refused_total", "resources", "limit", "refused", "count", Fold::sum},
    {"http_requests_shed_total", "resources", "reason", "shed", "count", Fold::sum},
    {"task_failure_total", "tasks", "task_type", "failures", "count", Fold::sum},
};

std::string_view works_name(Scope scope) noexcept {
    static constexpr std::string_view names[] = {"requests", "queries", "tasks"};
    return names[static_cast<std::size_t>(scope)];
}

bool chooses(std::string_view chosen, std::string_view text) noexcept {
    return chosen.empty() || chosen == text;
}

}  // namespace

History::History(metrics::Registry& registry, GoalRules rules, Clocks clocks)
    : registry_(registry),
      rules_(std::move(rules)),
      time_(std::move(clocks)),
      now_(time_.now()),
      between_(0) {}

FallingSeries* History::line(Name name, std::string_view unit, Fold fold) {
    const auto found = lines_.find(name);
    if (found != lines_.end()) {
        return &found->second.series;
    }
    if (lines_.size() >= most_lines) {
        return nullptr;
    }
    Line made{.unit = std::string(unit), .fold = fold, .series = FallingSeries(fold)};
    return &lines_.emplace(std::move(name), std::move(made)).first->second.series;
}

void History::add(Name name, std::string_view unit, Fold fold, double value) {
    if (auto* its = line(std::move(name), unit, fold)) {
        its->add(now_, value);
    }
}

void History::count(Name name, std::string_view unit, double counter) {
    const auto seen = counters_.find(name);
    const double more = counter - (seen == counters_.end() ? 0 : seen->second);
    if (seen != counters_.end()) {
        seen->second = counter;
    } else if (counters_.size() < most_lines) {
        counters_.emplace(name, counter);
    } else {
        return;
    }
    if (more > 0 || lines_.contains(name)) {
        add(std::move(name), unit, Fold::sum, more);
    }
}

void History::look(const WorkReading& reading, const std::vector<ResourceUse>& uses) {
    const auto now = time_.now();
    between_ = std::max(now - now_, std::chrono::seconds(1));
    now_ = now;
    cover();
    add({"resources", "", "watched"}, "seconds", Fold::sum, static_cast<double>(between_.count()));
    for (const auto& [key, counts] : reading.counts) {
        look_at_work(key, counts);
    }
    for (const auto& [key, over] : reading.overrun_phases) {
        if (const auto all = reading.phases.find(key); all != reading.phases.end()) {
            look_at_overrun(key, over, all->second);
        }
    }
    for (const ResourceUse& use : uses) {
        add({"goals", use.name, "within"}, "share", Fold::mean, use.percent <= use.limit ? 1 : 0);
    }
    look_at_figures();
}

void History::cover() {
    for (const Span span : all_spans) {
        Covered& its = covered_[static_cast<std::size_t>(span)];
        const auto number = now_.count() / step_of(span).count();
        if (its.number != number) {
            its = {.number = number, .time = {}};
        }
        its.time += between_;
    }
}

void History::look_at_work(const WorkKey& key, const WorkCounts& counts) {
    auto found = works_.find(key);
    if (found == works_.end()) {
        if (lines_.size() >= most_lines) {
            return;
        }
        found = works_.emplace(key, Work{}).first;
    }
    Work& work = found->second;
    const WorkCounts more = counts - work.seen;
    work.seen = counts;
    add({std::string(works_name(key.scope)), key.name, "count"}, "count", Fold::sum,
        static_cast<double>(more.total()));
    for (const Span span : all_spans) {
        Work::Step& step = work.steps[static_cast<std::size_t>(span)];
        const auto number = covered_[static_cast<std::size_t>(span)].number;
        if (step.number != number) {
            step = {.number = number, .counts = {}};
        }
        step.counts += more;
        show(key, span, step);
    }
}

void History::look_at_overrun(const WorkKey& key, const ledger::PhaseSums& over,
                              const ledger::PhaseSums& all) {
    if (!overruns_.contains(key) && overruns_.size() >= most_goals) {
        return;
    }
    const ledger::PhaseSums more = over - std::exchange(overruns_[key], over);
    if (more.count == 0) {
        return;
    }
    const ledger::PhaseSums inside = all - over;  // since the process began: what is usual
    for (std::size_t i = 0; i < ledger::phase_count; ++i) {
        const double usual = inside.count == 0
                                 ? 0
                                 : static_cast<double>(inside.ns[i]) / static_cast<double>(inside.count) *
                                       static_cast<double>(more.count);
        const double lost = (static_cast<double>(more.ns[i]) - usual) / 1e9;
        Name name{"overrun", key.name, std::string(ledger::phase_names[i])};
        if (lost > 0 || lines_.contains(name)) {
            add(std::move(name), "seconds", Fold::sum, lost);
        }
    }
}

const History::Begun* History::begun(const Name& name, std::int64_t step) const {
    const auto found = begun_.find(name);
    return found != begun_.end() && found->second.step == step ? &found->second : nullptr;
}

void History::show(const WorkKey& key, Span span, const Work::Step& step) {
    const std::string of(works_name(key.scope));
    // What an earlier process had of the same hour counts with its weight; `none` is what it had if it did no
    // such work.
    const auto set = [&](std::string_view figure, std::string_view unit, double value, double weight,
                         const Name& weights, double none) {
        Name name{of, key.name, std::string(figure)};
        const Begun* its_weight = span == Span::two_weeks ? begun(weights, step.number) : nullptr;
        const Begun* its_value = its_weight != nullptr ? begun(name, step.number) : nullptr;
        const double before = its_value != nullptr ? its_value->value : none;
        if (its_weight != nullptr && std::isnan(value)) {
            value = before;
        } else if (its_weight != nullptr && !std::isnan(before) && its_weight->value + weight > 0) {
            value = (before * its_weight->value + value * weight) / (its_weight->value + weight);
        }
        if (auto* its = line(std::move(name), unit)) {
            its->set(span, now_, value);
        }
    };
    const WorkCounts& counts = step.counts;
    const auto total = static_cast<double>(counts.total());
    const auto seconds = static_cast<double>(covered_[static_cast<std::size_t>(span)].time.count());
    const Name watched{"resources", "", "watched"};
    const Name done{of, key.name, "count"};
    set("rate", "per_second", total / seconds, seconds, watched, 0);
    set("failed", "per_second", static_cast<double>(counts.failed) / seconds, seconds, watched, 0);
    const auto good = counts.within(registry_.edges(), rules_.limit_of(key.scope, key.name));
    set("within", "share", total == 0 ? unknown : static_cast<double>(good) / total, total, done, unknown);
    const bool has_times = counts.total() > counts.failed;
    for (const auto& [figure, q] : {std::pair("p50", 0.5), {"p95", 0.95}, {"p99", 0.99}}) {
        set(figure, "seconds",
            has_times ? metrics::quantile(registry_.edges(), counts.buckets, q) / 1e9 : unknown, total, done,
            unknown);
    }
}

void History::look_at(const metrics::FamilyView& family) {
    const auto& name = family.spec.name;
    if (name == "cache_results_total" || name == "cache_saved_seconds") {
        for (const metrics::SeriesView& series : family.series) {
            const auto result = label_of(family, series, "result");
            Name its{"cached", std::string(label_of(family, series, "name")), "saved"};
            if (name == "cache_saved_seconds") {
                count(std::move(its), "seconds", static_cast<double>(series.sum_ns) / 1e9);
            } else if (result != "bypass") {
                its.figure = result == "hit" ? "hits" : result == "miss" ? "misses" : result;
                count(std::move(its), "count", series.value);
            }
        }
        return;
    }
    const auto* figure = std::ranges::find(figures, name, &Figure::family);
    if (figure == std::end(figures)) {
        return;
    }
    std::map<std::string, double> sums;
    for (const metrics::SeriesView& series : family.series) {
        const std::string its(label_of(family, series, figure->label));
        if (figure->fold == Fold::sum) {
            sums[its] += series.value;
        } else {
            add({std::string(figure->of), its, std::string(figure->figure)}, figure->unit, figure->fold,
                series.value);
        }
    }
    for (const auto& [its, sum] : sums) {
        count({std::string(figure->of), its, std::string(figure->figure)}, figure->unit, sum);
    }
}

void History::look_at_figures() {
    std::map<std::string, Ratio> caches;
    registry_.visit([&](const metrics::FamilyView& family) {
        const bool are_hits = family.spec.name == "cache_hits_total";
        if (!are_hits && family.spec.name != "cache_misses_total") {
            look_at(family);
            return;
        }
        for (const metrics::SeriesView& series : family.series) {
            Ratio& ratio = caches[std::string(label_of(family, series, "cache_type"))];
            (are_hits ? ratio.hits : ratio.misses) = series.value;
        }
    });
    for (const auto& [name, ratio] : caches) {
        const Ratio before = std::exchange(caches_[name], ratio);
        const auto hits = ratio.hits - before.hits;
        const auto asked = hits + ratio.misses - before.misses;
        auto* its = asked > 0 ? line({"cache", name, "hits"}, "share") : nullptr;
        if (its != nullptr) {
            its->add(now_, hits / asked);
        }
    }
}

HistoryReport History::report(const HistoryChoice& choice) const {
    const auto now = time_.now();
    HistoryReport report{.span = std::string(name_of(choice.span)),
                         .step_seconds = step_of(choice.span).count(),
                         .at = steps(choice.span, now),
                         .lines = {}};
    for (const auto& [name, line] : lines_) {
        if (chooses(choice.of, name.of) && chooses(choice.name, name.name) &&
            chooses(choice.figure, name.figure)) {
            report.lines.push_back({.of = name.of,
                                    .name = name.name,
                                    .figure = name.figure,
                                    .unit = line.unit,
                                    .values = line.series.values(choice.span, now)});
        }
    }
    return report;
}

HistoryReport report_of(const std::vector<KeptLine>& kept, std::chrono::seconds now) {
    HistoryReport report{.span = std::string(name_of(Span::two_weeks)),
                         .step_seconds = step_of(Span::two_weeks).count(),
                         .at = steps(Span::two_weeks, now),
                         .lines = {}};
    for (const KeptLine& each : kept) {
        FallingSeries series(each.fold);
        series.restore(Span::two_weeks, each.steps, now);
        report.lines.push_back({.of = each.of,
                                .name = each.name,
                                .figure = each.figure,
                                .unit = each.unit,
                                .values = series.values(Span::two_weeks, now)});
    }
    return report;
}

void History::restore(const std::vector<KeptLine>& kept) {
    const auto oldest =
        now_ / step_of(Span::two_weeks) - static_cast<std::int64_t>(steps_of(Span::two_weeks)) + 1;
    for (const KeptLine& each : kept) {
        if (each.steps.latest < oldest) {
            continue;  // of what the program does no more: others need the place
        }
        const Name name{each.of, each.name, each.figure};
        auto* its = line(name, each.unit, each.fold);
        if (its == nullptr) {
            return;
        }
        its->restore(Span::two_weeks, each.steps, now_);
        if (!each.steps.values.empty() && !std::isnan(each.steps.values.back())) {
            begun_[name] = {.step = each.steps.latest, .value = each.steps.values.back()};
        }
    }
}

std::vector<KeptLine> History::kept() const {
    std::vector<KeptLine> kept;
    for (const auto& [name, line] : lines_) {
        auto steps = line.series.kept(Span::two_weeks);
        if (!steps.values.empty()) {
            kept.push_back({.of = name.of,
                            .name = name.name,
                            .figure = name.figure,
                            .unit = line.unit,
                            .fold = line.fold,
                            .steps = std::move(steps)});
        }
    }
    return kept;
}

}  // namespace brio::watch
