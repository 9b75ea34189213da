#include <brio/watch/history.hpp>

#include <algorithm>
#include <limits>

namespace brio::watch {

namespace {

constexpr auto unknown = std::numeric_limits<double>::quiet_NaN();

/// A gauge that is kept, as it is at each look.
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
    {"process_open_fds", "resources", "", "open_files", "count"},
    {"process_threads", "resources", "", "threads", "count"},
    {"loop_lag_seconds", "resources", "loop", "loop_lag", "seconds", Fold::most},
    {"db_pool_connections", "resources", "state", "connections", "count"},
    {"limit_in_use", "resources", "limit", "limit", "count", Fold::most},
    {"http_requests_in_flight", "resources", "", "in_flight", "count"},
    {"db_file_bytes", "resources", "", "database", "bytes"},
    {"db_disk_free_bytes", "resources", "", "disk_free", "bytes"},
    {"task_queue_length", "queues", "queue", "waiting", "count"},
    {"task_queue_oldest_seconds", "queues", "queue", "oldest", "seconds", Fold::most},
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
    Line made{.unit = std::string(unit), .series = FallingSeries(fold)};
    return &lines_.emplace(std::move(name), std::move(made)).first->second.series;
}

void History::look(const WorkReading& reading) {
    const auto now = time_.now();
    between_ = std::max(now - now_, std::chrono::seconds(1));
    now_ = now;
    for (const auto& [key, counts] : reading.counts) {
        look_at_work(key, counts);
    }
    look_at_figures();
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
    for (const Span span : all_spans) {
        Work::Step& step = work.steps[static_cast<std::size_t>(span)];
        const auto number = now_.count() / step_of(span).count();
        if (step.number != number) {
            step = {.number = number, .counts = {}, .covered = {}};
        }
        step.counts += more;
        step.covered += between_;
        show(key, span, step);
    }
}

void History::show(const WorkKey& key, Span span, const Work::Step& step) {
    const auto set = [&](std::string_view figure, std::string_view unit, double value) {
        if (auto* its = line({std::string(works_name(key.scope)), key.name, std::string(figure)}, unit)) {
            its->set(span, now_, value);
        }
    };
    const WorkCounts& counts = step.counts;
    const auto total = static_cast<double>(counts.total());
    const auto seconds = static_cast<double>(step.covered.count());
    set("rate", "per_second", total / seconds);
    set("failed", "per_second", static_cast<double>(counts.failed) / seconds);
    const auto good = counts.within(registry_.edges(), rules_.limit_of(key.scope, key.name));
    set("within", "share", total == 0 ? unknown : static_cast<double>(good) / total);
    const bool has_times = counts.total() > counts.failed;
    for (const auto& [figure, q] : {std::pair("p50", 0.5), {"p95", 0.95}, {"p99", 0.99}}) {
        set(figure, "seconds",
            has_times ? metrics::quantile(registry_.edges(), counts.buckets, q) / 1e9 : unknown);
    }
}

void History::look_at_figures() {
    std::map<std::string, Ratio> caches;
    registry_.visit([&](const metrics::FamilyView& family) {
        const auto& name = family.spec.name;
        const bool are_hits = name == "cache_hits_total";
        if (are_hits || name == "cache_misses_total") {
            for (const metrics::SeriesView& series : family.series) {
                Ratio& ratio = caches[std::string(label_of(family, series, "cache_type"))];
                (are_hits ? ratio.hits : ratio.misses) = series.value;
            }
            return;
        }
        const auto* figure = std::ranges::find(figures, name, &Figure::family);
        if (figure == std::end(figures)) {
            return;
        }
        for (const metrics::SeriesView& series : family.series) {
            auto* its = line({std::string(figure->of), std::string(label_of(family, series, figure->label)),
                              std::string(figure->figure)},
                             figure->unit, figure->fold);
            if (its != nullptr) {
                its->add(now_, series.value);
            }
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

}  // namespace brio::watch
