#include <brio/load/report_text.hpp>

#include <algorithm>
#include <array>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>
#include <brio/reflect/enums.hpp>

namespace brio::load {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t live_names = 8;
constexpr std::size_t live_failures = 5;
constexpr std::size_t shown_failures = 12;
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view plain = "\x1b[0m";

std::string coloured(std::string_view text, std::string_view colour, const TextStyle& style) {
    return style.has_colour ? concat({colour, text, plain}) : std::string(text);
}

std::string duration(std::uint64_t ns) { return duration_text(nanoseconds(static_cast<std::int64_t>(ns))); }
std::string duration(double ns) { return duration(static_cast<std::uint64_t>(std::max(ns, 0.0))); }
std::string seconds_text(nanoseconds time) {
    return concat({integer_text(std::chrono::duration_cast<std::chrono::seconds>(time).count()), " s"});
}

/// Bytes that begin a character of UTF-8 take a column each: good for all that is not of double width.
std::size_t columns(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}
std::string cut(std::string_view text, std::size_t width) {
    if (columns(text) <= width) {
        return std::string(text);
    }
    std::string kept;
    std::size_t left = width - 1;
    for (const char c : text) {
        const bool begins = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
        if (begins && left-- == 0) {
            break;
        }
        kept += c;
    }
    return kept + "…";
}

/// Each line cut, so that a terminal breaks none.
std::string cut_lines(std::string_view text, std::size_t width) {
    std::string lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines += cut(text.substr(0, end), width) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

using Cells = std::vector<std::string>;

/// The first column to the left, the others to the right; the first is cut so that a row fits.
std::string table(const std::vector<Cells>& rows, std::size_t width) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const Cells& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], columns(row[i]));
        }
    }
    std::size_t others = 0;
    for (std::size_t i = 1; i < widths.size(); ++i) {
        others += widths[i] + 2;
    }
    constexpr std::size_t least = 16;
    widths[0] = std::min(widths[0], std::max(least, width > others ? width - others : 0));
    std::string text;
    for (const Cells& row : rows) {
        const std::string first = cut(row[0], widths[0]);
        text += first + std::string(widths[0] - columns(first), ' ');
        for (std::size_t i = 1; i < row.size(); ++i) {
            text += std::string(2 + widths[i] - columns(row[i]), ' ') + row[i];
        }
        text += "\n";
    }
    return text;
}

Cells row_of(const RequestRecord& requests, std::string_view name, double seconds) {
    const Histogram latency = requests.latency();
    return {std::string(name),
            grouped(requests.requests()),
            rate_text(seconds > 0 ? static_cast<double>(requests.answers) / seconds : 0),
            percent_text(requests.failure_ratio()),
            duration(latency.quantile(0.5)),
            duration(latency.quantile(0.95)),
            duration(latency.quantile(0.99)),
            duration(latency.quantile(0.999)),
            duration(latency.max()),
            duration(requests.uncorrected.quantile(0.99))};
}
std::string name_of(const RequestRecord& requests) { return concat({requests.method, " ", requests.name}); }

std::string names_table(const Record& record, double seconds, std::size_t most, const TextStyle& style) {
    std::vector<Cells> rows = {
        {"name", "requests", "/s", "failed", "p50", "p95", "p99", "p99.9", "max", "sent p99"}};
    for (const RequestRecord& each : record.requests()) {
        if (rows.size() > most) {
            rows.push_back({concat({"and ", integer_text(record.requests().size() - most), " more"}), "", "",
                            "", "", "", "", "", "", ""});
            break;
        }
        rows.push_back(row_of(each, name_of(each), seconds));
    }
    if (record.requests().size() != 1) {
        rows.push_back(row_of(record.total(), "all", seconds));
    }
    return table(rows, style.width);
}

std::string failures_text(const Record& record, std::size_t most) {
    auto failures = record.failures();
    std::ranges::sort(failures, std::greater(), &FailureRecord::count);
    std::string text;
    for (std::size_t i = 0; i < std::min(most, failures.size()); ++i) {
        const FailureRecord& each = failures[i];
        const std::string count = grouped(each.count);
        text += concat({std::string(9 - std::min<std::size_t>(count.size(), 8), ' '), count, "  ",
                        each.method, " ", each.name, ": ", each.text, "\n"});
    }
    if (failures.size() > most) {
        text += concat({"           and ", integer_text(failures.size() - most), " other kinds\n"});
    }
    return text;
}

std::string statuses_text(const Record& record) {
    std::string text;
    for (const StatusRecord& each : record.total().statuses) {
        text += concat({text.empty() ? "answers    " : ", ", grouped(each.latency.count()), " × ",
                        each.status == StatusRecord::other       ? "other"
                        : each.status == StatusRecord::timed_out ? "no answer in time"
                                                                 : integer_text(each.status)});
    }
    return text.empty() ? text : text + "\n";
}

std::string checks_text(const Record& record) {
    std::string text;
    for (const CheckRecord& each : record.checks()) {
        text += concat({text.empty() ? "checks     " : "           ", each.name, ": ", grouped(each.passed),
                        " of ", grouped(each.passed + each.failed), "\n"});
    }
    return text;
}

std::string lost_text(const Outcome& outcome, const TextStyle& style) {
    std::string text;
    for (const std::string& each : outcome.lost) {
        text += coloured(concat({"not whole  ", each}), red, style) + "\n";
    }
    return text;
}

std::string machines_text(const Outcome& outcome, const TextStyle& style) {
    const CpuUse& cpu = outcome.cpu;
    std::string text = concat({"generator  ", decimal_text(cpu.generator, 2), " cores, busiest thread ",
                               percent_text(cpu.busiest_thread, 0), ", late p99 ",
                               duration(outcome.saturation.late_p99_ns), "\n"});
    text += concat({"server     ",
                    cpu.server ? concat({decimal_text(*cpu.server, 2), " cores"})
                               : std::string("is not on this machine, or may not be looked at"),
                    "\n"});
    if (outcome.saturation.is_saturated) {
        text += coloured(concat({"saturated  ", outcome.saturation.why}), red, style) + "\n";
    }
    return text + lost_text(outcome, style);
}

std::string comparison_text(const Comparison& comparison, const TextStyle& style) {
    std::string text;
    if (!comparison.figures.empty()) {
        std::vector<Cells> rows = {{"compared", "before", "now", "change", "cannot tell below", "result"}};
        for (const Compared& each : comparison.figures) {
            rows.push_back(
                {concat({each.figure, " ", each.name}), value_text(each, each.before),
                 value_text(each, each.now),
                 concat({each.ratio > 1 ? "+" : "", decimal_text(100 * (each.ratio - 1), 1), " %"}),
                 concat({decimal_text(100 * each.noise, 1), " %"}),
                 std::string(reflect::enum_name(each.change))});
        }
        std::string lines = table(rows, style.width);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto end = lines.find('\n');
            const std::string_view line = std::string_view(lines).substr(0, end);
            text += rows[i].back() == "worse"    ? coloured(line, red, style)
                    : rows[i].back() == "better" ? coloured(line, green, style)
                                                 : std::string(line);
            text += "\n";
            lines.erase(0, end + 1);
        }
    }
    for (const std::string& each : comparison.remarks) {
        text += concat({each, "\n"});
    }
    return text;
}

std::string limit_text(const LimitReport& limit, const TextStyle& style) {
    std::string text = coloured(words_of(limit), bold, style) + "\n";
    if (limit.cause && !limit.cause->advice.empty()) {
        text += concat({"  ", limit.cause->advice, "\n"});
    }
    if (limit.cause && !limit.cause->growth.empty()) {
        text += "  what a request took longer, on average:\n";
        constexpr std::size_t most = 4;
        for (std::size_t i = 0; i < std::min(most, limit.cause->growth.size()); ++i) {
            const Growth& each = limit.cause->growth[i];
            text += concat({"    ", each.phase,
                            std::string(10 - std::min<std::size_t>(9, each.phase.size()), ' '),
                            percent_text(each.share, 0), ": ", duration(each.before_ms * 1e6), " to ",
                            duration(each.after_ms * 1e6), "\n"});
        }
    }
    return text;
}

std::string bar(double share, std::size_t width) {
    const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
    return concat({"[", std::string(full, '='), std::string(width - full, ' '), "]"});
}

}  // namespace

std::string progress_line(const Moment& moment, const Plan& plan, const Record& so_far) {
    if (moment.at < nanoseconds(0)) {
        auto const left = std::chrono::ceil<std::chrono::seconds>(-moment.at);
        return concat({"warm-up, ", seconds_text(left), " left   ", grouped(moment.users), " users"});
    }
    const std::string asked =
        plan.is_open() ? concat({" of ", rate_text(moment.asked), " asked"}) : std::string();
    return concat({seconds_text(std::min(moment.at, plan.duration())), " of ", seconds_text(plan.duration()),
                   "   ", grouped(moment.users), " users   ", rate_text(moment.requests_per_second), "/s",
                   asked, "   p50 ", duration(moment.p50_ms * 1e6), "   p99 ", duration(moment.p99_ms * 1e6),
                   "   failed ", percent_text(so_far.total().failure_ratio())});
}

std::string live_text(const Moment& moment, const Plan& plan, const Record& so_far, const TextStyle& style) {
    const double seconds = std::chrono::duration<double>(moment.at).count();
    const double share =
        plan.duration().count() == 0 ? 0 : seconds / std::chrono::duration<double>(plan.duration()).count();
    std::string text =
        cut(concat({bar(share, 12), " ", progress_line(moment, plan, so_far)}), style.width) + "\n";
    if (so_far.requests().empty()) {
        return text;
    }
    text += cut_lines(names_table(so_far, seconds, live_names, style), style.width);
    text += coloured(cut_lines(failures_text(so_far, live_failures), style.width), red, style);
    return text;
}

std::string report_text(const Report& report, const TextStyle& style) {
    const Outcome& outcome = report.outcome;
    const double seconds = std::chrono::duration<double>(outcome.counted).count();
    std::string text = concat({load_text(outcome.plan), " against ", outcome.plan.shown_target(), ", ",
                               decimal_text(seconds, 1), " s counted",
                               outcome.was_interrupted ? ", ended early" : "", "\n\n"});
    text += names_table(outcome.record, seconds, Record::most_names + 1, style) + "\n";
    text += statuses_text(outcome.record);
    if (!outcome.record.failures().empty()) {
        text += concat({"failures\n", failures_text(outcome.record, shown_failures)});
    }
    text += checks_text(outcome.record) + machines_text(outcome, style);
    if (report.comparison) {
        text += "\n" + comparison_text(*report.comparison, style);
    }
    if (report.limit) {
        text += "\n" + limit_text(*report.limit, style);
    }
    return text + "\n" + verdict_text(report.verdict, style);
}

std::string short_text(const Report& report, const TextStyle& style) {
    return concat({report.limit ? words_of(*report.limit) + "\n" : "", lost_text(report.outcome, style),
                   verdict_text(report.verdict, style)});
}

std::string trial_text(const LimitTrial& trial) {
    const std::string_view standing = reflect::enum_name(trial.standing);
    return concat({standing, std::string(9 - standing.size(), ' '), rate_text(trial.rate), "/s   p50 ",
                   duration(trial.p50_ms * 1e6), "   p99 ", duration(trial.p99_ms * 1e6), "   failed ",
                   percent_text(trial.error_rate), "   ", trial.why});
}

std::string verdict_text(const Verdict& verdict, const TextStyle& style) {
    std::string text;
    for (const Judgement& each : verdict.goals) {
        if (each.standing == Standing::idle) {
            continue;
        }
        const bool held = each.standing == Standing::held;
        text +=
            concat({coloured(held ? "held    " : "MISSED  ", held ? green : red, style), each.words, "\n"});
    }
    const auto judged = verdict.goals.size() - static_cast<std::size_t>(std::ranges::count(
                                                   verdict.goals, Standing::idle, &Judgement::standing));
    if (verdict.held()) {
        return text + coloured(judged == 1 ? "the goal is held" : "every goal is held", bold, style) + "\n";
    }
    return text +
           coloured(concat({integer_text(verdict.missed()), " of ", integer_text(judged), " goals missed"}),
                    bold, style) +
           "\n";
}

}  // namespace brio::load
