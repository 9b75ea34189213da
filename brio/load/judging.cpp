#include <brio/load/judging.hpp>

#include <algorithm>
#include <stdexcept>

#include <brio/load/output_file.hpp>
#include <brio/load/report_html.hpp>
#include <brio/load/report_junit.hpp>

namespace brio::load {
namespace {

using std::chrono::nanoseconds;

double in_seconds(nanoseconds time) noexcept { return std::chrono::duration<double>(time).count(); }

std::vector<EarlierRun> read_earlier_runs(const std::vector<std::string>& files) {
    std::vector<EarlierRun> runs;
    for (const std::string& file : files) {
        auto run = read_earlier_run(read_file(file), file);
        if (!run) {
            throw std::runtime_error(run.error());
        }
        runs.push_back(std::move(*run));
    }
    return runs;
}

/// At most what may still come: twice as many requests as until now, in the closed model of each user in the
/// same time, in the open models of each task that is over, for those that are to come or at work.
StillToCome still_to_come(const Plan& plan, const Progress& progress) {
    constexpr double few = 10;  // more or fewer requests tell nothing
    const auto left = std::max(nanoseconds(0), plan.duration() - progress.at);
    const double requests = 2 * (static_cast<double>(progress.so_far.total().requests()) + few);
    // arrivals in the open models, seconds of users in the closed one
    const double came = plan.arrivals_until(progress.at);
    const double to_come = plan.arrivals_until(plan.duration()) - came;
    if (!plan.is_open()) {
        return {.requests = requests * to_come / std::max(came, 0.1), .seconds = in_seconds(left)};
    }
    const auto at_work = static_cast<double>(progress.users);
    const double over = static_cast<double>(progress.so_far.started) - at_work;
    return {.requests = requests / std::max(over, 0.1) * (to_come + at_work), .seconds = in_seconds(left)};
}

Moment moment_of(const Plan& plan, const Progress& progress, nanoseconds elapsed) {
    const RequestRecord last = progress.since_last.total();
    const Histogram latency = last.latency();
    const double seconds = std::max(in_seconds(elapsed), 1e-3);
    return {.at = progress.at,
            .users = progress.users,
            .requests_per_second = static_cast<double>(last.answers) / seconds,
            .p50_ms = static_cast<double>(latency.quantile(0.5)) / 1e6,
            .p99_ms = static_cast<double>(latency.quantile(0.99)) / 1e6,
            .asked = plan.is_open() ? plan.level_at(progress.at) : 0};
}

}  // namespace

Observation::Observation(const Plan& plan, const JudgingWords& words, std::vector<Threshold> goals,
                         bool quiet)
    : plan_(plan),
      words_(words),
      goals_(std::move(goals)),
      began_(wall_now()),
      earlier_(read_earlier_runs(words.compare_files)),
      blocks_(plan.duration()),
      view_(plan.duration(), quiet) {
    if (!words.csv_prefix.empty()) {
        csv_ = std::make_unique<CsvFiles>(words.csv_prefix);
    }
}

bool Observation::look(const Progress& progress) {
    const auto elapsed = progress.at - last_look_;
    last_look_ = std::max(progress.at, nanoseconds(0));  // counted from there
    const Moment moment = moment_of(plan_, progress, elapsed);
    view_.show(moment, plan_, progress.so_far);
    if (progress.at <= nanoseconds(0)) {
        return true;
    }
    blocks_.add(progress.at, progress.since_last);
    if (csv_) {
        const auto failures = static_cast<double>(progress.since_last.total().failures);
        csv_->add(
            {.at = std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count(),
             .users = progress.users,
             .requests_per_second = moment.requests_per_second,
             .failures_per_second = failures / std::max(in_seconds(elapsed), 1e-3)},
            progress.so_far);
    }
    if (words_.aborts) {
        lost_ = lost_goal(goals_, progress.so_far, in_seconds(progress.at), still_to_come(plan_, progress));
    }
    return lost_.empty();
}

Report Observation::finish(Outcome outcome) {
    view_.clear();
    Report report{.at = began_, .outcome = std::move(outcome), .blocks = blocks_.figures()};
    report.verdict = judge(goals_, report.outcome.record, in_seconds(report.outcome.counted));
    if (!earlier_.empty()) {
        report.comparison =
            compare(earlier_, {.file = {}, .load = load_text(report.outcome.plan), .blocks = report.blocks});
    }
    if (csv_) {
        csv_->finish(report);
    }
    return report;
}

void write_files(const Report& report, const JudgingWords& words) {
    if (!words.json_file.empty()) {
        write_file(words.json_file, write_json(report));
    }
    if (!words.html_file.empty()) {
        write_file(words.html_file, write_html(report));
    }
    if (!words.junit_file.empty()) {
        write_file(words.junit_file, write_junit(report));
    }
}

}  // namespace brio::load
