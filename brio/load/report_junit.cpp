#include <brio/load/report_junit.hpp>

#include <algorithm>

#include <brio/base/figures.hpp>
#include <brio/base/junit.hpp>
#include <brio/base/text.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio::load {
namespace {

JunitTest test_of(const Judgement& goal, double run_seconds) {
    const bool is_time = goal.threshold.is_latency() && goal.measured;
    return {.kind = "goal",
            .name = goal.threshold.text(),
            .seconds = is_time ? *goal.measured / 1e9 : run_seconds,
            .words = goal.words,
            .is_failed = goal.standing == Standing::missed,
            .is_skipped = goal.standing == Standing::idle};
}

JunitTest test_of(const CheckRecord& check, const Verdict& verdict, double run_seconds) {
    const auto all = check.passed + check.failed;
    const double share = all == 0 ? 1 : static_cast<double>(check.passed) / static_cast<double>(all);
    const auto is_lost = [&](const Judgement& goal) {
        return goal.threshold.figure == Figure::checks && goal.standing == Standing::missed &&
               !goal.threshold.holds(share);
    };
    return {.kind = "check",
            .name = check.name,
            .seconds = run_seconds,
            .words = concat({"passed for ", percent_text(share), " of ", grouped(all)}),
            .is_failed = std::ranges::any_of(verdict.goals, is_lost)};
}

std::vector<std::pair<std::string, std::string>> properties_of(const Report& report, double seconds) {
    const auto total = report.outcome.record.total();
    const auto latency = total.latency();
    const auto ms = [&](double quantile) {
        return decimal_text(static_cast<double>(latency.quantile(quantile)) / 1e6, 3);
    };
    const double rate = seconds > 0 ? static_cast<double>(total.answers) / seconds : 0;
    return {{"load", load_text(report.outcome.plan)},
            {"target", std::string(report.outcome.plan.shown_target())},
            {"requests", integer_text(total.requests())},
            {"requests_per_second", decimal_text(rate, 3)},
            {"p50_ms", ms(0.5)},
            {"p95_ms", ms(0.95)},
            {"p99_ms", ms(0.99)},
            {"error_rate", decimal_text(total.failure_ratio(), 6)}};
}

}  // namespace

std::string write_junit(const Report& report) {
    const double seconds = std::chrono::duration<double>(report.outcome.counted).count();
    const auto& scenario = report.outcome.plan.scenario;
    JunitSuite suite{.program = "load",
                     .name = scenario.empty() ? std::string("load") : scenario,
                     .timestamp = Timestamp(report.at).text().substr(0, 19),
                     .seconds = seconds,
                     .properties = properties_of(report, seconds),
                     .tests = {}};
    for (const auto& goal : report.verdict.goals) {
        suite.tests.push_back(test_of(goal, seconds));
    }
    for (const auto& check : report.outcome.record.checks()) {
        suite.tests.push_back(test_of(check, report.verdict, seconds));
    }
    if (report.limit) {
        suite.tests.push_back(
            {.kind = "limit", .name = "limit", .seconds = seconds, .words = words_of(*report.limit)});
    }
    for (const auto& each : report.outcome.lost) {
        suite.tests.push_back({.kind = "follower",
                               .name = "figures are whole",
                               .seconds = seconds,
                               .words = each,
                               .is_failed = true});
    }
    return brio::write_junit(suite);
}

}  // namespace brio::load
