#include <brio/load/report_html.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <brio/base/figures.hpp>
#include <brio/base/html.hpp>
#include <brio/base/text.hpp>
#include <brio/load/chart.hpp>
#include <brio/load/detail/report_style.hpp>
#include <brio/reflect/enums.hpp>
#include <brio/reflect/timestamp.hpp>

namespace brio::load {
namespace {

using std::chrono::nanoseconds;

double in_seconds(nanoseconds time) noexcept { return std::chrono::duration<double>(time).count(); }
std::string ms_text(double ms) {
    return ms == 0 ? "0" : duration_text(nanoseconds(static_cast<std::int64_t>(ms * 1e6)));
}
std::string ns_text(std::uint64_t ns) { return duration_text(nanoseconds(static_cast<std::int64_t>(ns))); }
std::string seconds_text(double seconds) {
    return concat({decimal_text(seconds, seconds == std::floor(seconds) ? 0 : 1), " s"});
}

/// A table, written row by row: the first `words` columns are text, the others numbers.
class Table {
public:
    Table(std::string& html, std::size_t words, std::initializer_list<std::string_view> heads)
        : html_(html),
          words_(words) {
        html_ += "<div class=\"wide\"><table><thead>";
        row(std::vector<std::string>(heads.begin(), heads.end()), "th scope=\"col\"", "th", "");
        html_ += "</thead><tbody>\n";
    }
    ~Table() { html_ += "</tbody></table></div>\n"; }
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    void add(const std::vector<std::string>& cells, std::string_view row_class = "") {
        row(cells, "td", "td", row_class);
    }

private:
    void row(const std::vector<std::string>& cells, std::string_view open, std::string_view close,
             std::string_view row_class) {
        html_ += row_class.empty() ? "<tr>" : concat({"<tr class=\"", row_class, "\">"});
        for (std::size_t i = 0; i < cells.size(); ++i) {
            html_ += concat({"<", open, i < words_ ? "" : " class=\"number\"", ">", escape_html(cells[i]),
                             "</", close, ">"});
        }
        html_ += "</tr>\n";
    }

    std::string& html_;
    const std::size_t words_;
};

void section(std::string& html, std::string_view title) {
    html += concat({"<h2>", escape_html(title), "</h2>\n"});
}
void paragraph(std::string& html, std::string_view text, std::string_view its_class = "") {
    html += concat({"<p", its_class.empty() ? "" : concat({" class=\"", its_class, "\""}), ">",
                    escape_html(text), "</p>\n"});
}

void add_verdict(std::string& html, const Verdict& verdict) {
    const bool held = verdict.held();
    html += concat({"<p class=\"verdict ", held ? "good" : "bad", "\" id=\"verdict\">",
                    held ? "Every goal is held"
                         : concat({integer_text(verdict.missed()), verdict.missed() == 1 ? " goal" : " goals",
                                   " missed"}),
                    "</p>\n"});
    Table table(html, 3, {"goal", "", "measured"});
    for (const Judgement& each : verdict.goals) {
        table.add({each.threshold.text(), std::string(reflect::enum_name(each.standing)), each.words},
                  each.standing == Standing::missed ? "bad"
                  : each.standing == Standing::held ? "good"
                                                    : "");
    }
}

void add_growth(std::string& html, const Cause& cause) {
    if (cause.growth.empty()) {
        return;
    }
    html += "<div class=\"bar\" role=\"img\" aria-label=\"what a request took longer, by phase\">";
    for (std::size_t i = 0; i < cause.growth.size(); ++i) {
        const Growth& each = cause.growth[i];
        html += concat({"<span class=\"line-", integer_text(i % 6 + 1),
                        "\" style=\"flex-grow:", decimal_text(each.share, 4), "\">",
                        each.share > 0.12 ? escape_html(each.phase) : "", "</span>"});
    }
    html += "</div>\n";
    Table table(html, 1, {"phase", "of the overrun", "held", "missed"});
    for (const Growth& each : cause.growth) {
        table.add({each.phase, percent_text(each.share), ms_text(each.before_ms), ms_text(each.after_ms)});
    }
}

void add_limit(std::string& html, const LimitReport& limit) {
    section(html, "Limit");
    paragraph(html, words_of(limit), "limit");
    if (limit.cause && !limit.cause->advice.empty()) {
        paragraph(html, limit.cause->advice);
    }
    Chart chart{.title = "p99 of each trial",
                .lines = {{"held", {}, true}, {"unsure", {}, true}, {"missed", {}, true}},
                .x_text = [](double rate) { return concat({rate_text(rate), "/s"}); },
                .y_text = ms_text};
    for (const LimitTrial& each : limit.trials) {
        const std::size_t line = each.standing == TrialStanding::held     ? 0
                                 : each.standing == TrialStanding::unsure ? 1
                                                                          : 2;
        chart.lines[line].points.push_back({each.rate, each.p99_ms});
    }
    html += concat({"<div class=\"one\">", write_chart(chart), "</div>\n"});
    if (limit.cause) {
        add_growth(html, *limit.cause);
    }
    Table table(html, 1, {"trial", "asked /s", "answered /s", "p50", "p99", "failed"});
    for (const LimitTrial& each : limit.trials) {
        table.add({std::string(reflect::enum_name(each.standing)), rate_text(each.rate),
                   rate_text(each.achieved), ms_text(each.p50_ms), ms_text(each.p99_ms),
                   percent_text(each.error_rate, 2)});
    }
}

void add_series(std::string& html, const Outcome& outcome) {
    const Series& series = outcome.record.series();
    const double interval = in_seconds(series.interval());
    ChartLine rate{.name = "answers/s"};
    ChartLine failures{.name = "failures/s"};
    ChartLine p50{.name = "p50"};
    ChartLine p99{.name = "p99"};
    ChartLine users{.name = outcome.plan.is_open() ? "users at work" : "users"};
    double at = 0;
    for (const Point& each : series.points()) {
        if (at > 0 && at + interval / 2 > in_seconds(outcome.counted)) {
            break;  // too short a rest of an interval to tell a rate
        }
        rate.points.push_back({at, static_cast<double>(each.answers) / interval});
        failures.points.push_back({at, static_cast<double>(each.failures) / interval});
        const bool has_any = each.latency.count() > 0;
        const auto quantile = [&](double q) {
            return has_any ? static_cast<double>(each.latency.quantile(q)) / 1e6 : std::nan("");
        };
        p50.points.push_back({at, quantile(0.5)});
        p99.points.push_back({at, quantile(0.99)});
        users.points.push_back({at, static_cast<double>(each.users)});
        at += interval;
    }
    section(html, "Over time");
    html += "<div class=\"charts\">\n";
    html += write_chart(
        {.title = "Rate", .lines = {rate, failures}, .x_text = seconds_text, .y_text = rate_text});
    html += write_chart({.title = "Latency", .lines = {p50, p99}, .x_text = seconds_text, .y_text = ms_text});
    html += write_chart({.title = "Users", .lines = {users}, .x_text = seconds_text, .y_text = rate_text});
    html += "</div>\n";
}

/// The latency over how rare it is: 99 % is at 100, 99.99 % at 10,000.
ChartLine percentile_line(std::string name, const Histogram& latency) {
    ChartLine line{.name = std::move(name)};
    if (latency.count() == 0) {
        return line;
    }
    constexpr double steps = 12;  // a power of ten
    const double most = static_cast<double>(std::max<std::uint64_t>(latency.count(), 2));
    for (double step = 0; std::pow(10, step / steps) <= most; ++step) {
        const double rarity = std::pow(10, step / steps);
        const double q = std::max(1 - 1 / rarity, 1e-9);
        line.points.push_back({rarity, static_cast<double>(latency.quantile(q)) / 1e6});
    }
    return line;
}
std::string rarity_text(double rarity) {
    const double percent = 100 * (1 - 1 / rarity);
    const int decimals = rarity < 1000 ? 0 : static_cast<int>(std::lround(std::log10(rarity))) - 2;
    return concat({decimal_text(percent, decimals), " %"});
}

void add_latency(std::string& html, const RequestRecord& total) {
    section(html, "Latency by percentile");
    paragraph(
        html,
        "From when a request was meant to begin, so that a server which stalls is charged for all that it "
        "kept waiting; beside it from when it was sent, as most tools show it.");
    html += "<div class=\"one\">\n";
    html += write_chart({.title = "Latency",
                         .lines = {percentile_line("from the intended start", total.latency()),
                                   percentile_line("from the sending", total.uncorrected)},
                         .x_text = rarity_text,
                         .y_text = ms_text,
                         .is_x_log = true});
    html += "</div>\n";
}

std::vector<std::string> row_of(const RequestRecord& requests, std::string name, double seconds) {
    const Histogram latency = requests.latency();
    std::vector<std::string> row = {
        std::move(name), grouped(requests.requests()),
        rate_text(seconds > 0 ? static_cast<double>(requests.answers) / seconds : 0),
        percent_text(requests.failure_ratio(), 2)};
    for (const double q : {0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999}) {
        row.push_back(ns_text(latency.quantile(q)));
    }
    row.push_back(ns_text(latency.max()));
    row.push_back(ns_text(requests.uncorrected.quantile(0.99)));
    return row;
}

void add_names(std::string& html, const Outcome& outcome, const RequestRecord& total) {
    const double seconds = in_seconds(outcome.counted);
    section(html, "Requests");
    Table table(html, 1,
                {"name", "requests", "/s", "failed", "p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99",
                 "max", "sent p99"});
    for (const RequestRecord& each : outcome.record.requests()) {
        table.add(row_of(each, concat({each.method, " ", each.name}), seconds));
    }
    table.add(row_of(total, "all", seconds), "all");
}

void add_statuses(std::string& html, const Record& record) {
    section(html, "Answers by status");
    Table table(html, 2, {"name", "status", "answers", "p50", "p99"});
    for (const RequestRecord& request : record.requests()) {
        for (const StatusRecord& each : request.statuses) {
            const std::string status = each.status == StatusRecord::other       ? "other"
                                       : each.status == StatusRecord::timed_out ? "no answer in time"
                                                                                : integer_text(each.status);
            table.add({concat({request.method, " ", request.name}), status, grouped(each.latency.count()),
                       ns_text(each.latency.quantile(0.5)), ns_text(each.latency.quantile(0.99))});
        }
    }
}

void add_failures(std::string& html, const Record& record) {
    section(html, "Failures");
    if (record.failures().empty()) {
        paragraph(html, "None.");
        return;
    }
    auto failures = record.failures();
    std::ranges::sort(failures, std::greater(), &FailureRecord::count);
    Table table(html, 2, {"name", "failure", "times"});
    for (const FailureRecord& each : failures) {
        table.add({concat({each.method, " ", each.name}), each.text, grouped(each.count)});
    }
}

void add_checks(std::string& html, const Record& record) {
    if (record.checks().empty()) {
        return;
    }
    section(html, "Checks");
    Table table(html, 1, {"check", "passed", "failed"});
    for (const CheckRecord& each : record.checks()) {
        table.add({each.name, grouped(each.passed), grouped(each.failed)}, each.failed > 0 ? "bad" : "");
    }
}

void add_machines(std::string& html, const Outcome& outcome) {
    section(html, "Generator and server");
    if (outcome.saturation.is_saturated) {
        paragraph(html, concat({"The generator did not keep up: ", outcome.saturation.why}), "bad");
    }
    for (const std::string& each : outcome.lost) {
        paragraph(html, concat({"The figures are not whole: ", each}), "bad");
    }
    Table table(html, 1, {"", ""});
    table.add({"generator", concat({decimal_text(outcome.cpu.generator, 2), " cores, its busiest thread ",
                                    percent_text(outcome.cpu.busiest_thread, 0)})});
    table.add({"server", outcome.cpu.server ? concat({decimal_text(*outcome.cpu.server, 2), " cores"})
                                            : std::string("not on this machine, or not to be looked at")});
    if (outcome.plan.is_open()) {
        table.add({"arrivals", concat({rate_text(outcome.saturation.achieved), "/s of ",
                                       rate_text(outcome.saturation.asked), "/s asked; ",
                                       grouped(outcome.record.dropped), " dropped"})});
    }
    table.add({"behind its plan", concat({"p99 ", ns_text(outcome.saturation.late_p99_ns)})});
    table.add({"connections", concat({grouped(outcome.record.connections_opened), " opened; ",
                                      grouped(outcome.record.waited), " requests waited for one"})});
}

void add_comparison(std::string& html, const Comparison& comparison) {
    section(html, "Compared with earlier runs");
    {
        Table table(html, 2, {"name", "figure", "before", "now", "change", "cannot tell below", ""});
        for (const Compared& each : comparison.figures) {
            table.add({each.name, each.figure, value_text(each, each.before), value_text(each, each.now),
                       concat({each.ratio > 1 ? "+" : "", decimal_text(100 * (each.ratio - 1), 1), " %"}),
                       concat({decimal_text(100 * each.noise, 1), " %"}),
                       std::string(reflect::enum_name(each.change))},
                      each.change == Change::worse    ? "bad"
                      : each.change == Change::better ? "good"
                                                      : "");
        }
    }
    for (const std::string& remark : comparison.remarks) {
        paragraph(html, remark);
    }
}

}  // namespace

std::string write_html_part(const Report& report, bool is_over) {
    const Outcome& outcome = report.outcome;
    const RequestRecord total = outcome.record.total();
    std::string html;
    add_verdict(html, report.verdict);
    if (report.limit) {
        add_limit(html, *report.limit);
    }
    if (report.comparison) {
        add_comparison(html, *report.comparison);
    }
    add_series(html, outcome);
    add_latency(html, total);
    add_names(html, outcome, total);
    add_failures(html, outcome.record);
    add_checks(html, outcome.record);
    add_statuses(html, outcome.record);
    if (is_over) {
        add_machines(html, outcome);
    }
    return html;
}

std::string write_html(const Report& report) {
    const Outcome& outcome = report.outcome;
    const std::string title = concat({"Load test: ", load_text(outcome.plan)});
    std::string html =
        concat({"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
                escape_html(title), "</title>\n<style>", detail::report_style,
                "</style>\n</head>\n<body>\n<h1>", escape_html(title), "</h1>\n"});
    paragraph(html, concat({outcome.plan.shown_target(), ", ", Timestamp(report.at).text(), ", ",
                            decimal_text(in_seconds(outcome.counted), 1), " s counted",
                            outcome.was_interrupted ? ", ended early" : ""}));
    return html + write_html_part(report, true) + "</body>\n</html>\n";
}

}  // namespace brio::load
