// Goals, work and statements: the pages that say how fast it is.
#include <algorithm>
#include <functional>

#include <brio/base/figures.hpp>
#include <brio/base/text.hpp>

#include "top_pages.hpp"

namespace brio::tool {

namespace {

constexpr std::size_t most_words = 4;  // lines of a sentence

/// By `key`, the largest first, or the other way round.
template <class T, class Key>
void order_by(std::vector<const T*>& rows, const Frame& frame, bool is_descending, Key key) {
    const bool descends = is_descending != frame.is_reversed;
    std::ranges::sort(rows, [&](const T* a, const T* b) {
        const auto& first = std::invoke(key, descends ? *b : *a);
        const auto& second = std::invoke(key, descends ? *a : *b);
        return first < second || (!(second < first) && a < b);  // equal ones as they came
    });
}

double misses_of(const WorkAnswer& work) { return static_cast<double>(work.count) * (1 - work.holds); }

void order_work(std::vector<const WorkAnswer*>& rows, const Frame& frame) {
    if (frame.order == "p99") {
        order_by(rows, frame, true, &WorkAnswer::p99_ms);
    } else if (frame.order == "misses") {
        order_by(rows, frame, true, misses_of);
    } else if (frame.order == "failed") {
        order_by(rows, frame, true, &WorkAnswer::failed);
    } else if (frame.order == "name") {
        order_by(rows, frame, false, &WorkAnswer::name);
    } else {
        order_by(rows, frame, true, &WorkAnswer::per_second);
    }
}

void order_statements(std::vector<const StatementAnswer*>& rows, const Frame& frame) {
    if (frame.order == "count") {
        order_by(rows, frame, true, &StatementAnswer::count);
    } else if (frame.order == "mean") {
        order_by(rows, frame, true, &StatementAnswer::mean_ms);
    } else if (frame.order == "p95") {
        order_by(rows, frame, true, &StatementAnswer::p95_ms);
    } else if (frame.order == "name") {
        order_by(rows, frame, false, &StatementAnswer::statement);
    } else {
        order_by(rows, frame, true, &StatementAnswer::took_ms);
    }
}

Line figure(std::string_view text, bool is_bad = false) {
    return line_of(text, is_bad ? Ink::bad : Ink::plain);
}

std::size_t bar_columns(std::size_t columns) {
    return columns >= 160 ? 56 : columns >= 120 ? 36 : columns >= 96 ? 22 : 14;
}

Line standing_of(const GoalAnswer& goal) {
    if (goal.standing == "missed") {
        return line_of(goal.alarm == "fast" ? "● MISSED!" : "● missed", Ink::bad);
    }
    return goal.standing == "kept"   ? line_of("○ kept", Ink::good)
           : goal.standing == "idle" ? line_of("  idle", Ink::soft)
                                     : line_of("  few", Ink::soft);
}

Line window_of(const GoalAnswer& goal, std::size_t window) {
    if (window >= goal.windows.size() || goal.windows[window].total == 0) {
        return line_of("-", Ink::soft);
    }
    const auto& its = goal.windows[window];
    return figure(percent_text(its.holds), its.standing == "missed");
}

std::string per_run(std::uint64_t sum, std::uint64_t runs) {
    if (runs == 0) {
        return "-";
    }
    const double each = static_cast<double>(sum) / static_cast<double>(runs);
    return each >= 10 ? grouped(static_cast<std::uint64_t>(each + 0.5)) : decimal_text(each, 1);
}

void add_words(std::vector<Line>& lines, std::string_view words, std::size_t columns, Ink ink) {
    const std::size_t inner = columns > 4 ? columns - 4 : 1;
    for (const auto& each : wrap(words, inner, most_words)) {
        lines.push_back(line_of(concat({"    ", each}), ink));
    }
}

void add_findings(std::vector<Line>& lines, const QueriesAnswer& queries, const Frame& frame) {
    std::vector<Line> found;
    for (const auto& each : queries.slow) {
        if (passes(frame, {each.statement, each.endpoint})) {
            found.push_back(line_of(
                concat({"  slow  ", each.statement, " of ", each.endpoint, ", ",
                        milliseconds_text(each.took_ms), " for a goal of ", milliseconds_text(each.goal_ms),
                        ", ", grouped(each.times), each.times == 1 ? " time" : " times"}),
                Ink::warn));
            add_words(found, each.words, frame.columns, Ink::plain);
        }
    }
    for (const auto& each : queries.repeated) {
        if (passes(frame, {each.statement, each.endpoint})) {
            found.push_back(line_of(concat({"  again and again  ", each.statement, " of ", each.endpoint,
                                            ", ", grouped(each.runs), " times in one"}),
                                    Ink::warn));
            add_words(found, each.fix, frame.columns, Ink::plain);
        }
    }
    if (!found.empty()) {
        lines.emplace_back();
        lines.push_back(line_of("findings", Ink::strong));
        std::ranges::move(found, std::back_inserter(lines));
    }
}

}  // namespace

std::vector<Line> goal_lines(const TopView& view, const Frame& frame) {
    std::vector<const GoalAnswer*> goals;
    for (const auto& each : view.goals) {
        if (passes(frame, {each.scope, each.name, each.standing, each.words})) {
            goals.push_back(&each);
        }
    }
    if (frame.order == "name") {
        order_by(goals, frame, false, &GoalAnswer::name);
    }
    Table table{.columns = {{.title = "standing"},
                            {.title = "goal", .stretches = true},
                            {.title = "limit", .is_right = true},
                            {.title = "asked", .is_right = true},
                            {.title = "5m", .is_right = true},
                            {.title = "1h", .is_right = true},
                            {.title = "6h", .is_right = true, .is_spare = true},
                            {.title = "3d", .is_right = true, .is_spare = true}},
                .rows = {}};
    for (const auto* goal : goals) {
        const auto name = goal->scope == "request" ? goal->name : concat({goal->scope, " ", goal->name});
        table.rows.push_back({standing_of(*goal), line_of(name),
                              figure(goal->scope == "resource" ? percent_text(goal->limit_percent / 100)
                                                               : milliseconds_text(goal->limit_ms)),
                              figure(percent_text(goal->share)), window_of(*goal, 0), window_of(*goal, 1),
                              window_of(*goal, 2), window_of(*goal, 3)});
    }
    if (table.rows.empty()) {
        return {};
    }
    auto rows = lay_out(table, frame.columns);
    std::vector<Line> lines{rows.front()};
    for (std::size_t i = 0; i < goals.size(); ++i) {
        lines.push_back(rows[i + 1]);
        if (goals[i]->standing == "missed") {
            add_words(lines, goals[i]->words, frame.columns, Ink::plain);
        }
    }
    return lines;
}

std::vector<Line> work_lines(const TopView& view, const Frame& frame, std::string_view scope) {
    std::vector<const WorkAnswer*> work;
    for (const auto& each : view.work) {
        if (each.scope == scope && passes(frame, {each.name})) {
            work.push_back(&each);
        }
    }
    if (work.empty()) {
        return {};
    }
    order_work(work, frame);
    const bool has_bar = scope != "query";
    const auto bar = bar_columns(frame.columns);
    Table table{.columns = {{.title = "name", .stretches = true},
                            {.title = "rate", .is_right = true},
                            {.title = "p50", .is_right = true, .is_spare = true},
                            {.title = "p95", .is_right = true, .is_spare = true},
                            {.title = "p99", .is_right = true},
                            {.title = "goal", .is_right = true, .is_spare = true},
                            {.title = "in goal", .is_right = true},
                            {.title = "failed", .is_right = true},
                            {.title = has_bar ? "where it goes" : ""}},
                .rows = {}};
    for (const auto* each : work) {
        const bool is_idle = each->count == 0;
        const auto time = [&](double ms) { return figure(is_idle ? "-" : milliseconds_text(ms)); };
        const bool misses = !is_idle && each->holds < each->share;
        table.rows.push_back({line_of(each->name, is_idle ? Ink::soft : Ink::plain),
                              figure(per_second_text(each->per_second)), time(each->p50_ms),
                              time(each->p95_ms), time(each->p99_ms),
                              figure(milliseconds_text(each->limit_ms)),
                              figure(is_idle ? "-" : percent_text(each->holds), misses),
                              figure(grouped(each->failed), each->failed > 0),
                              has_bar ? phase_bar(each->phases, bar) : Line()});
    }
    return lay_out(table, frame.columns);
}

std::vector<Line> query_lines(const TopView& view, const Frame& frame) {
    std::vector<const StatementAnswer*> statements;
    for (const auto& each : view.queries.statements) {
        if (passes(frame, {each.statement, each.endpoint, each.type})) {
            statements.push_back(&each);
        }
    }
    order_statements(statements, frame);
    Table table{.columns = {{.title = "statement", .stretches = true},
                            {.title = "of"},
                            {.title = "runs", .is_right = true},
                            {.title = "mean", .is_right = true},
                            {.title = "p95", .is_right = true},
                            {.title = "in all", .is_right = true},
                            {.title = "slowest", .is_right = true, .is_spare = true},
                            {.title = "rows", .is_right = true, .is_spare = true},
                            {.title = "looked at", .is_right = true, .is_spare = true},
                            {.title = "failed", .is_right = true, .is_spare = true}},
                .rows = {}};
    for (const auto* each : statements) {
        table.rows.push_back(
            {line_of(each->statement), line_of(each->endpoint, Ink::soft), figure(grouped(each->count)),
             figure(milliseconds_text(each->mean_ms)), figure(milliseconds_text(each->p95_ms)),
             figure(milliseconds_text(each->took_ms)), figure(milliseconds_text(each->slowest_ms)),
             figure(per_run(each->rows, each->count)), figure(per_run(each->scanned, each->count)),
             figure(grouped(each->failed), each->failed > 0)});
    }
    auto lines = table.rows.empty() ? std::vector<Line>() : lay_out(table, frame.columns);
    add_findings(lines, view.queries, frame);
    return lines;
}

}  // namespace brio::tool
