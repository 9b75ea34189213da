#include <cmath>
#include <map>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
#include <brio/load/report.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio::load {
namespace {

double ms(double nanoseconds) noexcept { return nanoseconds / 1e6; }
double ms(std::uint64_t nanoseconds) noexcept { return ms(static_cast<double>(nanoseconds)); }
double in_seconds(std::chrono::nanoseconds time) noexcept {
    return std::chrono::duration<double>(time).count();
}

struct LatencyText {
    double min = 0;
    double mean = 0;
    double p50 = 0;
    double p75 = 0;
    double p90 = 0;
    double p95 = 0;
    double p99 = 0;
    double p99_9 = 0;
    double p99_99 = 0;
    double max = 0;
};
LatencyText latency_text(const Histogram& latency) {
    return {.min = ms(latency.min()),
            .mean = ms(latency.mean()),
            .p50 = ms(latency.quantile(0.5)),
            .p75 = ms(latency.quantile(0.75)),
            .p90 = ms(latency.quantile(0.9)),
            .p95 = ms(latency.quantile(0.95)),
            .p99 = ms(latency.quantile(0.99)),
            .p99_9 = ms(latency.quantile(0.999)),
            .p99_99 = ms(latency.quantile(0.9999)),
            .max = ms(latency.max())};
}

struct NameText {
    std::string method;
    std::string name;
    std::uint64_t requests = 0;
    double requests_per_second = 0;
    std::uint64_t errors = 0;
    double error_rate = 0;
    LatencyText latency_ms;
    LatencyText uncorrected_latency_ms;
    std::map<std::string, std::uint64_t> statuses;  // "0" is no answer, "other" those beyond the limit
    std::map<std::string, std::uint64_t> missing;   // requests without an answer, by reason
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t checks_passed = 0;
    std::uint64_t checks_failed = 0;
};
NameText name_text(const RequestRecord& record, double seconds) {
    NameText text{.method = record.method,
                  .name = record.name,
                  .requests = record.requests(),
                  .requests_per_second = seconds > 0 ? static_cast<double>(record.answers) / seconds : 0,
                  .errors = record.failures,
                  .error_rate = record.failure_ratio(),
                  .latency_ms = latency_text(record.latency()),
                  .uncorrected_latency_ms = latency_text(record.uncorrected),
                  .bytes_sent = record.bytes_sent,
                  .bytes_received = record.bytes_received,
                  .checks_passed = record.checks_passed,
                  .checks_failed = record.checks_failed};
    for (const StatusRecord& each : record.statuses) {
        text.statuses[each.status == StatusRecord::other ? "other" : integer_text(each.status)] =
            each.latency.count();
    }
    for (std::size_t i = 0; i < missing_kinds; ++i) {
        if (record.missing[i] > 0) {
            text.missing[std::string(words_of(static_cast<Missing>(i)))] = record.missing[i];
        }
    }
    return text;
}

struct GoalText {
    std::string goal;
    Standing standing{};
    std::optional<double> measured;  // milliseconds, a share, or a second
    double limit = 0;                // the same
    double margin = 0;
    std::string words;
};
struct VerdictText {
    bool held = false;
    std::vector<GoalText> goals;
};
VerdictText verdict_text(const Verdict& verdict) {
    VerdictText text{.held = verdict.held()};
    for (const Judgement& each : verdict.goals) {
        const auto value = [&](double raw) { return each.threshold.is_latency() ? ms(raw) : raw; };
        text.goals.push_back({.goal = each.threshold.text(),
                              .standing = each.standing,
                              .measured = each.measured.transform(value),
                              .limit = value(each.threshold.limit),
                              .margin = each.margin,
                              .words = each.words});
    }
    return text;
}

struct StageText {
    double seconds = 0;
    double from = 0;
    double to = 0;
};
struct LoadText {
    std::string text;
    std::string target;
    std::string scenario;
    std::string model;
    std::vector<StageText> stages;
    double warm_up_seconds = 0;
    double counted_seconds = 0;
    std::size_t connections = 0;
    std::size_t threads = 0;
    std::uint64_t most_users = 0;
    std::uint64_t seed = 0;
    bool was_interrupted = false;
};
LoadText load_of(const Outcome& outcome) {
    const Plan& plan = outcome.plan;
    LoadText text{.text = load_text(plan),
                  .target = std::string(plan.shown_target()),
                  .scenario = plan.scenario,
                  .model = std::string(words_of(plan.model)),
                  .warm_up_seconds = in_seconds(plan.warm_up),
                  .counted_seconds = in_seconds(outcome.counted),
                  .connections = plan.connections,
                  .threads = plan.threads,
                  .most_users = outcome.most_users,
                  .seed = plan.seed,
                  .was_interrupted = outcome.was_interrupted};
    for (const Stage& stage : plan.stages) {
        text.stages.push_back({in_seconds(stage.duration), stage.from, stage.to});
    }
    return text;
}

struct GeneratorText {
    double cores = 0;
    double busiest_thread = 0;
    std::optional<double> server_cores;
    bool is_saturated = false;
    std::string why;
    double asked_per_second = 0;
    double achieved_per_second = 0;
    double late_p99_ms = 0;
    std::uint64_t dropped = 0;
    std::uint64_t waited_for_connection = 0;
    std::uint64_t connections_opened = 0;
    std::uint64_t user_errors = 0;
    std::vector<std::string> lost;  // followers whose figures are not whole
};
GeneratorText generator_text(const Outcome& outcome) {
    return {.cores = outcome.cpu.generator,
            .busiest_thread = outcome.cpu.busiest_thread,
            .server_cores = outcome.cpu.server,
            .is_saturated = outcome.saturation.is_saturated,
            .why = outcome.saturation.why,
            .asked_per_second = outcome.saturation.asked,
            .achieved_per_second = outcome.saturation.achieved,
            .late_p99_ms = ms(outcome.saturation.late_p99_ns),
            .dropped = outcome.record.dropped,
            .waited_for_connection = outcome.record.waited,
            .connections_opened = outcome.record.connections_opened,
            .user_errors = outcome.record.user_errors,
            .lost = outcome.lost};
}

struct PointText {
    double at_seconds = 0;
    double requests_per_second = 0;
    double errors_per_second = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    std::uint64_t users = 0;
};
std::vector<PointText> series_text(const Series& series) {
    std::vector<PointText> points;
    const double interval = in_seconds(series.interval());
    for (const Point& each : series.points()) {
        points.push_back({.at_seconds = static_cast<double>(points.size()) * interval,
                          .requests_per_second = static_cast<double>(each.answers) / interval,
                          .errors_per_second = static_cast<double>(each.failures) / interval,
                          .p50_ms = ms(each.latency.quantile(0.5)),
                          .p99_ms = ms(each.latency.quantile(0.99)),
                          .users = each.users});
    }
    return points;
}

struct LimitText {
    double rate = 0;
    double plus_minus = 0;
    double low = 0;
    double high = 0;
    bool is_at_least = false;
    bool is_none = false;
    std::string words;
    std::optional<Cause> cause;
    std::vector<LimitTrial> trials;
};
LimitText limit_text(const LimitReport& limit) {
    return {.rate = limit.range.rate,
            .plus_minus = limit.range.plus_minus(),
            .low = limit.range.low,
            .high = limit.range.high,
            .is_at_least = limit.range.is_at_least,
            .is_none = limit.range.is_none,
            .words = words_of(limit),
            .cause = limit.cause,
            .trials = limit.trials};
}

/// Records, the comparison, the cause and the trials are written as they are: their members' names are of the
/// format.
struct ReportText {
    Timestamp at;
    LoadText load;
    std::uint64_t requests = 0;
    double requests_per_second = 0;
    std::uint64_t errors = 0;
    double error_rate = 0;
    LatencyText latency_ms;
    LatencyText uncorrected_latency_ms;
    VerdictText verdict;
    std::vector<NameText> names;
    std::vector<FailureRecord> failures;
    std::vector<CheckRecord> checks;
    GeneratorText generator;
    std::vector<PointText> series;
    std::optional<Comparison> comparison;
    std::optional<LimitText> limit;
    std::vector<BlockFigures> blocks;
};

/// What is read again.
struct EarlierLoadText {
    static constexpr bool open_object = true;
    std::string text;
};
struct EarlierText {
    static constexpr bool open_object = true;
    EarlierLoadText load;
    std::vector<BlockFigures> blocks;
};

std::string level_text(double level) {
    return level == std::floor(level) ? grouped(static_cast<std::uint64_t>(level)) : decimal_text(level, 2);
}

}  // namespace

std::string load_text(const Plan& plan) {
    const std::string_view unit = plan.is_open() ? "/s" : " users";
    std::string levels;
    for (const Stage& stage : plan.stages) {
        levels += levels.empty() ? "" : ", ";
        levels += stage.from == stage.to ? level_text(stage.to)
                                         : concat({level_text(stage.from), "..", level_text(stage.to)});
        if (plan.stages.size() > 1 || stage.from != stage.to) {
            levels += concat({"@", decimal_text(in_seconds(stage.duration), 0), "s"});
        }
    }
    return concat(
        {plan.scenario, plan.scenario.empty() ? "" : ", ", words_of(plan.model), ", ", levels, unit});
}

std::string write_json(const Report& report) {
    const Outcome& outcome = report.outcome;
    const double seconds = in_seconds(outcome.counted);
    const NameText total = name_text(outcome.record.total(), seconds);
    ReportText text{.at = Timestamp(report.at),
                    .load = load_of(outcome),
                    .requests = total.requests,
                    .requests_per_second = total.requests_per_second,
                    .errors = total.errors,
                    .error_rate = total.error_rate,
                    .latency_ms = total.latency_ms,
                    .uncorrected_latency_ms = total.uncorrected_latency_ms,
                    .verdict = verdict_text(report.verdict),
                    .failures = outcome.record.failures(),
                    .checks = outcome.record.checks(),
                    .generator = generator_text(outcome),
                    .series = series_text(outcome.record.series()),
                    .comparison = report.comparison,
                    .limit = report.limit.transform(limit_text),
                    .blocks = report.blocks};
    for (const RequestRecord& each : outcome.record.requests()) {
        text.names.push_back(name_text(each, seconds));
    }
    return json::to_string(text) + "\n";
}

std::expected<EarlierRun, std::string> read_earlier_run(std::string_view json, std::string file) {
    auto read = json::read<EarlierText>(json);
    if (!read) {
        return std::unexpected(concat(
            {file, " is no report of a load test, as --json writes it: ", json::describe(read.error())}));
    }
    for (const BlockFigures& each : read->blocks) {
        const auto count = each.rate.size();
        for (const auto* values : {&each.mean_ms, &each.p50_ms, &each.p95_ms, &each.p99_ms}) {
            if (values->size() != count) {
                return std::unexpected(
                    concat({file, ": the blocks of ", each.name, " are not equally many"}));
            }
        }
    }
    return EarlierRun{
        .file = std::move(file), .load = std::move(read->load.text), .blocks = std::move(read->blocks)};
}

}  // namespace brio::load
