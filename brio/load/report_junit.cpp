#include <brio/load/report_junit.hpp>

#include <algorithm>

#include <brio/base/figures.hpp>
#include <brio/base/html.hpp>
#include <brio/base/terminal_text.hpp>
#include <brio/base/text.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio::load {
namespace {

// XML 1.0 has no control characters, escaped or not.
std::string xml(std::string_view text) { return escape_html(printable(text)); }

std::string attribute(std::string_view name, std::string_view value) {
    return concat({" ", name, "=\"", xml(value), "\""});
}

struct Case {
    std::string kind;  // "goal", "check", "limit"
    std::string name;
    double seconds = 0;
    std::string words;  // what was measured
    bool is_failed = false;
    bool is_skipped = false;
};

std::string write_case(const Case& one, std::string_view suite) {
    auto text = concat({"    <testcase", attribute("classname", concat({suite, ".", one.kind})),
                        attribute("name", one.name), attribute("time", decimal_text(one.seconds, 6)), ">\n"});
    if (one.is_failed) {
        text +=
            concat({"      <failure", attribute("type", "missed"), attribute("message", one.words), "/>\n"});
    }
    if (one.is_skipped) {
        text += concat({"      <skipped", attribute("message", one.words), "/>\n"});
    }
    return text + concat({"      <system-out>", xml(one.words), "</system-out>\n    </testcase>\n"});
}

Case case_of(const Judgement& goal, double run_seconds) {
    const bool is_time = goal.threshold.is_latency() && goal.measured;
    return {.kind = "goal",
            .name = goal.threshold.text(),
            .seconds = is_time ? *goal.measured / 1e9 : run_seconds,
            .words = goal.words,
            .is_failed = goal.standing == Standing::missed,
            .is_skipped = goal.standing == Standing::idle};
}

Case case_of(const CheckRecord& check, const Verdict& verdict, double run_seconds) {
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

std::string property(std::string_view name, std::string_view value) {
    return concat({"      <property", attribute("name", name), attribute("value", value), "/>\n"});
}

std::string properties_of(const Report& report, double seconds) {
    const auto total = report.outcome.record.total();
    const auto latency = total.latency();
    const auto ms = [&](double quantile) {
        return decimal_text(static_cast<double>(latency.quantile(quantile)) / 1e6, 3);
    };
    const double rate = seconds > 0 ? static_cast<double>(total.answers) / seconds : 0;
    return concat({"    <properties>\n", property("load", load_text(report.outcome.plan)),
                   property("target", report.outcome.plan.shown_target()),
                   property("requests", integer_text(total.requests())),
                   property("requests_per_second", decimal_text(rate, 3)), property("p50_ms", ms(0.5)),
                   property("p95_ms", ms(0.95)), property("p99_ms", ms(0.99)),
                   property("error_rate", decimal_text(total.failure_ratio(), 6)), "    </properties>\n"});
}

}  // namespace

std::string write_junit(const Report& report) {
    const double seconds = std::chrono::duration<double>(report.outcome.counted).count();
    std::vector<Case> cases;
    for (const auto& goal : report.verdict.goals) {
        cases.push_back(case_of(goal, seconds));
    }
    for (const auto& check : report.outcome.record.checks()) {
        cases.push_back(case_of(check, report.verdict, seconds));
    }
    if (report.limit) {
        cases.push_back(
            {.kind = "limit", .name = "limit", .seconds = seconds, .words = words_of(*report.limit)});
    }
    const auto suite =
        report.outcome.plan.scenario.empty() ? std::string("load") : report.outcome.plan.scenario;
    const auto counts =
        concat({attribute("tests", integer_text(cases.size())),
                attribute("failures", integer_text(std::ranges::count(cases, true, &Case::is_failed))),
                attribute("errors", "0"),
                attribute("skipped", integer_text(std::ranges::count(cases, true, &Case::is_skipped))),
                attribute("time", decimal_text(seconds, 3))});
    auto text = concat({"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", attribute("name", "load"),
                        counts, ">\n  <testsuite", attribute("name", suite), counts,
                        attribute("timestamp", Timestamp(report.at).text().substr(0, 19)), ">\n",
                        properties_of(report, seconds)});
    for (const auto& each : cases) {
        text += write_case(each, suite);
    }
    return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace brio::load
